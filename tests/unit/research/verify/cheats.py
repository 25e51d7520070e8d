"""Strategies that cheat, to see them caught."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tradebot import AllocationPolicy, OrderIntent, PortfolioPolicy, Strategy, ta
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


class StopBeyondTomorrow(Strategy):
    """Enters honestly, and puts its stop below what the market is still to fall to."""

    def setup(self, bars: Bars) -> None:
        self.fast, self.slow = ta.sma(bars.close, 5), ta.sma(bars.close, 20)
        low = bars.low.batch()
        ahead = np.lib.stride_tricks.sliding_window_view(np.append(low, np.full(9, low[-1])), 10)
        self.floor = ahead.min(axis=1)
        self.timeline = bars.frame.timeline

    def on_bar(self, bar):
        if ta.crossed_above(self.fast, self.slow):
            return self.long(stop_loss=min(self.floor[self.timeline.cursor] * 0.999, bar.close * 0.999))
        return self.exit() if ta.crossed_below(self.fast, self.slow) else None


class FittedStop(Strategy):
    """Enters honestly by rules, with a stop as wide as the largest fall of all bars, those to come included."""

    def rules(self, bars: Bars) -> Rules:
        close = bars.close.batch()
        fast, slow = ta.sma(bars.close, 5), ta.sma(bars.close, 20)
        widest = float(1 - (close[1:] / close[:-1]).min())
        return Rules(
            enter_long=ta.cross_above(fast, slow), exit_long=ta.cross_below(fast, slow), stop_loss_pct=min(widest, 0.9)
        )


class WinnerOfTomorrow(AllocationPolicy):
    """Holds the market that will have risen more."""

    def setup(self, markets: Mapping[str, Bars]) -> None:
        self.rises = {symbol: np.roll(bars.close.batch(), -20) / bars.close.batch() for symbol, bars in markets.items()}
        self.row = -1

    def shares(self, portfolio, snapshot, context):
        self.row += 1
        if self.row % 20:
            return None
        best = max(self.rises, key=lambda symbol: self.rises[symbol][self.row])
        return dict.fromkeys(self.rises, 0.0) | {best: 0.9}


class PairOfTomorrow(PortfolioPolicy):
    """Bids for one market by what the other is still to do."""

    def setup(self, markets: Mapping[str, Bars]) -> None:
        self.first, other = markets
        self.ahead = np.roll(markets[other].close.batch(), -3)
        self.row = -1

    def decide(self, portfolio, snapshot, context):
        self.row += 1
        bar = snapshot.bar(self.first)
        if self.row % 50 or bar is None or portfolio.quantity(self.first):
            return []
        # The order is the same whatever comes; its stop is not.
        stop = 0.98 if self.ahead[self.row] > bar.close else 0.97
        return [OrderIntent(self.first, "buy", 1.0, stop_loss=bar.close * stop, take_profit=bar.close * 1.01)]


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
