"""Two averages of a kind, with trust in the signal."""

from __future__ import annotations

from tradebot_native import Bar, Exit, Signal

from tradebot import indicators as ta
from tradebot.strategies.bars import Bars
from tradebot.strategies.param import param
from tradebot.strategies.rules import Rules
from tradebot.strategies.strategy import Strategy


class MaCross(Strategy):
    """Long when the fast average crosses above the slow one, flat or short below; trust grows with the distance.

    Confidence is 1/2 at a bare cross and nears 1 as the averages part by more than an average true range: a sizer that
    reads it trades decisive crosses larger. Brock, Lakonishok and LeBaron (1992), Simple
    technical trading rules and the stochastic properties of stock returns, Journal of Finance 47.
    """

    version = "1.1"
    kind: str = param("ema", choices=("sma", "ema"), doc="Simple or exponential averages.")
    fast: int = param(10, ge=2, le=200, step=1, doc="Bars of the fast average.")
    slow: int = param(30, ge=3, le=400, step=1, doc="Bars of the slow average; more than fast.")
    short_too: bool = param(False, doc="Go short on a cross below, rather than flat.")

    def validate(self) -> None:
        if self.slow <= self.fast:
            raise self.refuse("slow", f"{self.slow} does not exceed fast, which is {self.fast}", "Give a larger slow.")

    def setup(self, bars: Bars) -> None:
        average = ta.sma if self.kind == "sma" else ta.ema
        self.fast_ma = average(bars.close, self.fast)
        self.slow_ma = average(bars.close, self.slow)
        distance, scale = abs(self.fast_ma - self.slow_ma), ta.atr(bars, 14)
        # A market that stands still has no range, and then no distance either.
        self.trust = 0.5 + 0.5 * distance / ta.maximum(scale + distance, 1e-300)

    def on_bar(self, bar: Bar) -> Signal | Exit | None:
        if ta.crossed_above(self.fast_ma, self.slow_ma):
            return self.long(confidence=self.trust[-1])
        if ta.crossed_below(self.fast_ma, self.slow_ma):
            return self.short(confidence=self.trust[-1]) if self.short_too else self.exit()
        return None

    def rules(self, bars: Bars) -> Rules:
        below = ta.cross_below(self.fast_ma, self.slow_ma)
        return Rules(
            enter_long=ta.cross_above(self.fast_ma, self.slow_ma),
            exit_long=below,
            enter_short=below if self.short_too else None,
            confidence=self.trust,
        )
