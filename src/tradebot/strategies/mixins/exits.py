"""Exits: by a condition, by orders that rest from the entry on, or by time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from tradebot_native import Bar, Exit, Signal

from tradebot import indicators as ta
from tradebot.strategies.bars import Bars
from tradebot.strategies.mixins.halves import EntryMixin, ExitMixin
from tradebot.strategies.param import param


class RSIBBExitMixin(ExitMixin):
    """RSI above a level, or the close above the middle Bollinger band."""

    version = "1.0"
    x_rsi_period: int = param(14, ge=2, le=200, doc="Bars of the RSI.")
    x_rsi_overbought: float = param(70.0, ge=1.0, le=99.0, doc="RSI above which the market is overbought.")
    x_bb_period: int = param(20, ge=2, le=400, doc="Bars of the Bollinger bands.")

    def exit_rules(self, bars: Bars) -> Mapping[str, Any]:
        overbought = ta.rsi(bars.close, self.x_rsi_period) > self.x_rsi_overbought
        return {"exit_long": overbought | (bars.close > ta.sma(bars.close, self.x_bb_period))}


class ATRExitMixin(ExitMixin):
    """Stop and target at multiples of the average true range from the close of the signal. Wilder (1978)."""

    version = "1.0"
    x_atr_period: int = param(14, ge=2, le=200, doc="Bars of the average true range.")
    x_stop_atr: float = param(2.0, ge=0.1, le=20.0, doc="Distance of the stop in average true ranges.")
    x_target_atr: float = param(3.0, ge=0.1, le=50.0, doc="Distance of the target in average true ranges.")

    def exit_rules(self, bars: Bars) -> Mapping[str, Any]:
        reach = ta.atr(bars, self.x_atr_period)
        return {
            "stop_loss": bars.close - reach * self.x_stop_atr,
            "take_profit": bars.close + reach * self.x_target_atr,
        }


class TrailingStopExitMixin(ExitMixin):
    """A stop that trails the best price, from a gain on."""

    version = "1.0"
    x_trailing_pct: float = param(2.0, ge=0.01, le=99.0, doc="Distance from the best price, in percent.")
    x_activation_pct: float = param(0.0, ge=0.0, le=500.0, doc="Gain, in percent, from which it trails; 0 is at once.")

    def exit_rules(self, bars: Bars) -> Mapping[str, Any]:
        trailing = {"trailing_stop_pct": self.x_trailing_pct / 100}
        later = {"trailing_activation_pct": self.x_activation_pct / 100} if self.x_activation_pct else {}
        return trailing | later


class FixedRatioExitMixin(ExitMixin):
    """A stop at a fixed distance, and a target at a multiple of it."""

    version = "1.0"
    x_stop_pct: float = param(2.0, ge=0.01, le=99.0, doc="Distance of the stop, in percent of the entry.")
    x_ratio: float = param(2.0, ge=0.1, le=50.0, doc="Reward for each unit of risk.")

    def exit_rules(self, bars: Bars) -> Mapping[str, Any]:
        return {"stop_loss_pct": self.x_stop_pct / 100, "take_profit_pct": self.x_stop_pct * self.x_ratio / 100}


class TimeBasedExitMixin(ExitMixin):
    """Out after a number of bars."""

    version = "1.0"
    x_bars: int = param(24, ge=1, le=100_000, step=1, doc="Bars a position is held.")

    def setup(self, bars: Bars) -> None:
        self.entry = cast("EntryMixin", self).entry_rules(bars)["enter_long"]
        self.held = 0

    def on_bar(self, bar: Bar) -> Signal | Exit | None:
        if self.position > 0:
            self.held += 1
            return self.exit() if self.held >= self.x_bars else None
        self.held = 0
        return self.long() if self.entry[-1] else None
