"""Entries: each a few lines of rules, long only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tradebot import indicators as ta
from tradebot.strategies.bars import Bars
from tradebot.strategies.mixins.halves import EntryMixin
from tradebot.strategies.param import param


class RSIBBEntryMixin(EntryMixin):
    """RSI below a level, and the close below the lower Bollinger band.

    Wilder (1978), New concepts in technical trading systems; Bollinger (2001), Bollinger on Bollinger bands.
    """

    version = "1.0"
    e_rsi_period: int = param(14, ge=2, le=200, doc="Bars of the RSI.")
    e_rsi_oversold: float = param(30.0, ge=1.0, le=99.0, doc="RSI below which the market is oversold.")
    e_bb_period: int = param(20, ge=2, le=400, doc="Bars of the Bollinger bands.")
    e_bb_dev: float = param(2.0, ge=0.1, le=10.0, doc="Width of the bands in standard deviations.")

    def entry_rules(self, bars: Bars) -> Mapping[str, Any]:
        bands = ta.bbands(bars.close, self.e_bb_period, self.e_bb_dev, self.e_bb_dev)
        oversold = ta.rsi(bars.close, self.e_rsi_period) < self.e_rsi_oversold
        return {"enter_long": oversold & (bars.close < bands.lower)}


class RSIBBVolumeEntryMixin(RSIBBEntryMixin):
    """RSI below a level, the close below the lower Bollinger band, and volume above its average."""

    version = "1.0"
    e_volume_period: int = param(20, ge=2, le=400, doc="Bars of the average volume.")
    e_volume_factor: float = param(1.0, ge=0.1, le=20.0, doc="Multiple of the average the volume must pass.")

    def entry_rules(self, bars: Bars) -> Mapping[str, Any]:
        busy = bars.volume > ta.sma(bars.volume, self.e_volume_period) * self.e_volume_factor
        return {"enter_long": super().entry_rules(bars)["enter_long"] & busy}


class RSIIchimokuEntryMixin(EntryMixin):
    """The close above the Ichimoku cloud, conversion line above base line, RSI above a level: trend with momentum.

    Hosoda (1969), Ichimoku kinko hyo.
    """

    version = "1.0"
    e_rsi_period: int = param(14, ge=2, le=200, doc="Bars of the RSI.")
    e_rsi_level: float = param(50.0, ge=1.0, le=99.0, doc="RSI above which there is momentum.")
    e_conversion: int = param(9, ge=2, le=200, doc="Bars of the conversion line.")
    e_base: int = param(26, ge=3, le=400, doc="Bars of the base line; more than those of the conversion line.")

    def validate(self) -> None:
        super().validate()
        if self.e_base <= self.e_conversion:
            fact = f"{self.e_base} does not exceed e_conversion, which is {self.e_conversion}"
            raise self.refuse("e_base", fact, "Give a larger one.")

    def entry_rules(self, bars: Bars) -> Mapping[str, Any]:
        lines = ta.ichimoku(bars, self.e_conversion, self.e_base, 2 * self.e_base)
        above = (bars.close > lines.span_a) & (bars.close > lines.span_b)
        momentum = ta.rsi(bars.close, self.e_rsi_period) > self.e_rsi_level
        return {"enter_long": above & (lines.conversion > lines.base) & momentum}


class RSIVolumeSupertrendEntryMixin(EntryMixin):
    """The SuperTrend points up, RSI is not overbought yet, and volume is above its average.

    Seban (2008), the SuperTrend line.
    """

    version = "1.0"
    e_rsi_period: int = param(14, ge=2, le=200, doc="Bars of the RSI.")
    e_rsi_max: float = param(70.0, ge=1.0, le=99.0, doc="RSI above which it is too late.")
    e_atr_period: int = param(10, ge=2, le=200, doc="Bars of the SuperTrend's average true range.")
    e_multiplier: float = param(3.0, ge=0.1, le=20.0, doc="Distance of the SuperTrend in average true ranges.")
    e_volume_period: int = param(20, ge=2, le=400, doc="Bars of the average volume.")

    def entry_rules(self, bars: Bars) -> Mapping[str, Any]:
        rising = ta.supertrend(bars, self.e_atr_period, self.e_multiplier).direction > 0.0
        early = ta.rsi(bars.close, self.e_rsi_period) < self.e_rsi_max
        return {"enter_long": rising & early & (bars.volume > ta.sma(bars.volume, self.e_volume_period))}
