"""Smart money concepts on two timeframes."""

from __future__ import annotations

from typing import Any

from tradebot_native import Bar, Exit, Signal

from tradebot import indicators as ta
from tradebot.indicators import smc
from tradebot.strategies.bars import Bars
from tradebot.strategies.param import param
from tradebot.strategies.strategy import Strategy

Found = dict[str, Any]


class Smc(Strategy):
    """With the higher timeframe's trend after a sweep of liquidity, or a return to an order block or fair value gap.

    The trend is the side of the last break of structure or change of character on ``HTF``. Each of these counts one: a
    sweep that closed back, the order block and the gap returned to, a zone of the higher timeframe around the price, a
    price on the cheap side of its range, a trend of ``LTF`` that agrees. One of the first three must be there, and
    ``min_confluence`` in all; the share of the six is the confidence. The stop lies beyond the structures used, the
    target at the nearest liquidity that pays ``min_reward`` times the risk: equal highs, or the last swing, of either
    timeframe. Left when the higher trend turns. Shorts mirror.

    Definitions are those of the package smartmoneyconcepts, each structure read only from the bar on at which it was
    known; the metadata of a signal names those used.
    """

    name = "smc"
    version = "1.0"
    roles = {"HTF": "1h", "LTF": "5m"}
    htf_swing: int = param(5, ge=1, le=100, step=1, doc="Bars on either side of a swing of the higher timeframe.")
    ltf_swing: int = param(10, ge=1, le=100, step=1, doc="Bars on either side of a swing of the lower timeframe.")
    lookback: int = param(
        100, ge=10, le=5_000, step=10, doc="Bars for which zones and liquidity count; above three swings."
    )
    equal_within: float = param(
        0.03, ge=0, le=0.5, step=0.01, doc="Distance of highs that count as equal, as a share of the range of lookback."
    )
    patience: int = param(6, ge=1, le=500, step=1, doc="Bars after a sweep in which the close may come back.")
    min_confluence: int = param(3, ge=1, le=6, step=1, doc="Reasons that must come together, of six.")
    min_reward: float = param(1.5, ge=0.1, le=20, step=0.25, doc="Least distance to the target, in risks.")
    stop_atr: float = param(1.0, ge=0, le=10, step=0.25, doc="Average true ranges between structure and stop.")
    short_too: bool = param(True, doc="Sell short in a downtrend as well.")

    def validate(self) -> None:
        for name in ("htf_swing", "ltf_swing"):
            swing: int = getattr(self, name)
            if self.lookback <= 3 * swing:
                fact = f"{self.lookback} bars hold no structure of swings with {swing} bars on either side ({name})"
                raise self.refuse("lookback", fact, f"Give more than {3 * swing}, or a smaller {name}.")
        if self.patience >= self.lookback:
            raise self.refuse("patience", f"{self.patience} is not below lookback, which is {self.lookback}")

    def setup(self, bars: Bars) -> None:
        higher = self.bars("HTF")
        self.htf_trend = smc.structure(higher, self.htf_swing).trend
        self.htf_swings = smc.swings(higher, self.htf_swing)
        self.htf_blocks = smc.order_blocks(higher, self.htf_swing, lookback=self.lookback)
        self.htf_gaps = smc.gaps(higher, lookback=self.lookback)
        self.htf_levels = smc.liquidity(higher, self.htf_swing, range_percent=self.equal_within, lookback=self.lookback)
        self.trend = smc.structure(bars, self.ltf_swing).trend
        self.swings = smc.swings(bars, self.ltf_swing)
        self.blocks = smc.order_blocks(bars, self.ltf_swing, lookback=self.lookback)
        self.gaps = smc.gaps(bars, lookback=self.lookback)
        self.levels = smc.liquidity(bars, self.ltf_swing, range_percent=self.equal_within, lookback=self.lookback)
        self.close = bars.close
        self.lowest = ta.lowest(bars.low, self.patience + 1)
        self.highest = ta.highest(bars.high, self.patience + 1)
        self.atr = ta.atr(bars, 14)
        self.patience_ns = self.patience * bars.interval.ns

    def on_bar(self, bar: Bar) -> Signal | Exit | None:
        side = self.htf_trend[-1]
        if self.position != 0:
            return self.exit(tag="trend turned") if side * self.position < 0 else None
        if side == 1.0 or (side == -1.0 and self.short_too):
            return self._entry(bar, side)
        return None

    # From here on prices are those of an uptrend: in a downtrend their signs are turned.

    def _entry(self, bar: Bar, side: float) -> Signal | None:
        triggers = [*self._sweep(bar, side), *self._returns(bar, side)]
        if not triggers:
            return None
        reasons = [*triggers, *self._context(bar, side)]
        if len(reasons) < self.min_confluence:
            return None
        close, floor = bar.close * side, min(reason["floor"] for reason in triggers)
        stop = floor - self.stop_atr * self.atr[-1]
        target = self._target(close, close + self.min_reward * (close - stop), side)
        if target is None or not stop < close:
            return None
        used = [{key: value for key, value in reason.items() if key != "floor"} for reason in reasons]
        enter = self.long if side > 0 else self.short
        return enter(
            stop_loss=stop * side,
            take_profit=target["level"],
            confidence=len(reasons) / 6,
            tag=triggers[0]["kind"],
            metadata={"structures": used, "target": target},
        )

    def _sweep(self, bar: Bar, side: float) -> list[Found]:
        """Liquidity swept not long ago, if this bar is the one to close back."""
        levels = self.levels
        level, when = (
            (levels.swept_below[-1], levels.swept_below_time[-1])
            if side > 0
            else (levels.swept_above[-1], levels.swept_above_time[-1])
        )
        is_back = bar.close * side > level * side and (self.close[-2] * side <= level * side or when == bar.ts)
        if not is_back or bar.ts - when > self.patience_ns:
            return []
        floor = self.lowest[-1] if side > 0 else -self.highest[-1]
        return [{"kind": "sweep", "timeframe": "LTF", "time": int(when), "level": level, "floor": floor}]

    def _returns(self, bar: Bar, side: float) -> list[Found]:
        """Zones, as they were known before the bar, that it touched and left in the trend's direction."""
        low, close = (bar.low, bar.close) if side > 0 else (-bar.high, -bar.close)
        if close <= bar.open * side:
            return []
        found: list[Found] = []
        for kind, zones in (("order block", self.blocks), ("gap", self.gaps)):
            near, far, time = _zone(zones, side, -2)
            if low <= near and close > far:
                found.append(_described(kind, "LTF", side, near, far, time) | {"floor": min(low, far)})
        return found

    def _context(self, bar: Bar, side: float) -> list[Found]:
        """What speaks for the side besides: a higher zone, the cheap half of the range, the lower trend."""
        low, close = (bar.low, bar.close) if side > 0 else (-bar.high, -bar.close)
        found: list[Found] = []
        for kind, zones in (("order block", self.htf_blocks), ("gap", self.htf_gaps)):
            near, far, time = _zone(zones, side, -1)
            if not found and low <= near and close > far:
                found.append(_described(kind, "HTF", side, near, far, time))
        high, low = self.htf_swings.high[-1], self.htf_swings.low[-1]
        if (bar.close - (high + low) / 2.0) * side < 0:
            kind = "discount" if side > 0 else "premium"
            found.append(_described(kind, "HTF", 1.0, high, low, self._range_time()))
        if self.trend[-1] == side:
            found.append({"kind": "trend", "timeframe": "LTF", "time": bar.ts})
        return found

    def _range_time(self) -> float:
        return min(self.htf_swings.high_time[-1], self.htf_swings.low_time[-1])

    def _target(self, close: float, least: float, side: float) -> Found | None:
        """The nearest liquidity at ``least`` or beyond."""
        found: list[tuple[float, Found]] = []
        for timeframe, levels, swings in (("LTF", self.levels, self.swings), ("HTF", self.htf_levels, self.htf_swings)):
            pairs = (
                (("liquidity", levels.above, levels.above_time), ("swing high", swings.high, swings.high_time))
                if side > 0
                else (("liquidity", levels.below, levels.below_time), ("swing low", swings.low, swings.low_time))
            )
            for kind, level, time in pairs:
                price = level[-1]
                if price * side >= least > close:
                    target = {"kind": kind, "timeframe": timeframe, "time": int(time[-1]), "level": price}
                    found.append((price * side, target))
        return min(found, key=lambda each: each[0])[1] if found else None


def _zone(zones: smc.Zones, side: float, ago: int) -> tuple[float, float, float]:
    """Edge the price comes to first, the other edge, and the bar a zone begins at; nan where there is none."""
    if side > 0:
        return zones.bull_top[ago], zones.bull_bottom[ago], zones.bull_time[ago]
    return -zones.bear_bottom[ago], -zones.bear_top[ago], zones.bear_time[ago]


def _described(kind: str, timeframe: str, side: float, near: float, far: float, time: float) -> Found:
    top, bottom = max(near * side, far * side), min(near * side, far * side)
    return {"kind": kind, "timeframe": timeframe, "time": int(time), "top": top, "bottom": bottom}
