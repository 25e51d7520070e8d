"""Strategies that cheat, to see them caught."""

from __future__ import annotations

import numpy as np

from tradebot import Strategy, ta
from tradebot.indicators import Node
from tradebot.strategies import Bars, Rules


class Counting(Strategy):
    """Decides on a score worked out over all bars beforehand."""

    def setup(self, bars: Bars) -> None:
        self.close = bars.close
        self.score = self.scores(bars.close.batch())
        self.index = -1

    def scores(self, close: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def on_bar(self, bar):
        self.index += 1
        if self.score[self.index] > 0:
            return self.long() if self.position == 0 else None
        return self.exit() if self.position > 0 else None


class Tomorrow(Counting):
    """Buys before the market rises."""

    def scores(self, close):
        return np.roll(close, -5) - close


class Centred(Counting):
    """Smooths with as many bars ahead as behind."""

    def scores(self, close):
        smooth = np.convolve(close, np.ones(11) / 11, mode="same")
        return np.gradient(smooth)


class Normalised(Counting):
    """Measures each price against the mean and deviation of all prices, those to come included."""

    def scores(self, close):
        return -(close - close.mean()) / close.std() - 0.5


class TwoFaced(Strategy):
    """Says one thing in Python and another as rules."""

    def setup(self, bars: Bars) -> None:
        self.fast: Node = ta.sma(bars.close, 5)
        self.slow: Node = ta.sma(bars.close, 20)

    def on_bar(self, bar):
        if ta.crossed_above(self.fast, self.slow):
            return self.long()
        return self.exit() if ta.crossed_below(self.fast, self.slow) else None

    def rules(self, bars: Bars) -> Rules:
        return Rules(
            enter_long=ta.cross_above(self.fast, self.slow), exit_long=ta.cross_below(self.fast, self.slow * 1.001)
        )


class FromTheFirstBar(Strategy):
    """Decides on a sum that depends on where the data begins."""

    def setup(self, bars: Bars) -> None:
        self.obv: Node = ta.obv(bars)

    def on_bar(self, bar):
        return self.long() if self.obv[-1] > 0 else self.exit()
