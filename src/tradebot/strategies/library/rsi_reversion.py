"""Buy weakness and sell strength by the relative strength index."""

from __future__ import annotations

from tradebot_native import Bar, Exit, Signal

from tradebot import indicators as ta
from tradebot.strategies.bars import Bars
from tradebot.strategies.param import param
from tradebot.strategies.rules import Rules
from tradebot.strategies.strategy import Strategy


class RsiReversion(Strategy):
    """Long when the RSI falls below a level, flat once it is back above another.

    Wilder (1978), New Concepts in Technical Trading Systems. It earns where prices return to their mean, and buys all
    the way down where they do not: the stop bounds that.
    """

    version = "1.0"
    period: int = param(14, ge=2, le=200, step=1, doc="Bars of the RSI.")
    oversold: float = param(30.0, ge=1, le=99, step=1, doc="RSI below which to buy.")
    recovered: float = param(55.0, ge=1, le=99, step=1, doc="RSI above which to leave; more than oversold.")
    stop_pct: float = param(0.05, ge=0.001, le=0.99, doc="Stop below the fill price; 0.01 is one percent.")

    def validate(self) -> None:
        if self.recovered <= self.oversold:
            fact = f"{self.recovered:g} does not exceed oversold, which is {self.oversold:g}"
            raise self.refuse("recovered", fact, "Give a higher level.")

    def setup(self, bars: Bars) -> None:
        self.rsi = ta.rsi(bars.close, self.period)

    def on_bar(self, bar: Bar) -> Signal | Exit | None:
        if self.rsi[-1] < self.oversold:
            return self.long(stop_loss_pct=self.stop_pct)
        return self.exit() if self.position > 0 and self.rsi[-1] > self.recovered else None

    def rules(self, bars: Bars) -> Rules:
        return Rules(
            enter_long=self.rsi < self.oversold, exit_long=self.rsi > self.recovered, stop_loss_pct=self.stop_pct
        )
