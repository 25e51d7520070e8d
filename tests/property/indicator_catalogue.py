"""Every indicator there is, as a function that declares it on a frame, and the two ways of computing one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from tradebot import indicators as ta
from tradebot.indicators import smc
from tradebot.indicators.talib_call import call
from tradebot.indicators.talib_library import describe, names

MINUTE = 60_000_000_000
Floats = NDArray[np.float64]
Declare = Callable[[ta.Frame], "ta.Node | tuple[ta.Node, ...]"]


@dataclass(slots=True)
class MinuteBar:
    """One bar, as a feed would give it."""

    ts: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    trades: int = 0
    vwap: float = float("nan")


def columns(
    ts: NDArray[np.int64], open: Floats, high: Floats, low: Floats, close: Floats, volume: Floats
) -> ta.Columns:
    """Minute bars with a trade count and a VWAP made up from them."""
    return ta.Columns.from_arrays(
        "1m", ts, open, high, low, close, volume, np.floor(volume * 3.0), (high + low + close * 2.0) / 4.0
    )


def first_bars(bars: ta.Columns, count: int) -> ta.Columns:
    """The beginning of a market, with its future cut off."""
    return columns(*(part[:count] for part in (bars.ts, bars.open, bars.high, bars.low, bars.close, bars.volume)))


def walk(seed: int, count: int, *, step: float = 0.0, start: float = 100.0) -> ta.Columns:
    """A random walk; ``step`` rounds prices, so that many are equal and many bars are flat."""
    rng = np.random.default_rng(seed)
    close = start * np.exp(np.cumsum(rng.normal(0.0, 0.003, count)))
    opens = np.append(start, close[:-1])
    spread = rng.exponential(0.1, (2, count))
    high, low = np.maximum(opens, close) + spread[0], np.minimum(opens, close) - spread[1]
    if step:
        opens, high, low, close = (np.round(each / step) * step for each in (opens, high, low, close))
    volume = rng.integers(0, 50, count).astype(np.float64)
    return columns(np.arange(count, dtype=np.int64) * MINUTE, opens, high, low, close, volume)


def bars_of(bars: ta.Columns) -> Iterable[MinuteBar]:
    """The bars one by one."""
    for row in range(len(bars)):
        prices = (float(bars.column(name)[row]) for name in ("open", "high", "low", "close", "volume"))
        yield MinuteBar(
            int(bars.ts[row]), *prices, trades=int(bars.column("trades")[row]), vwap=float(bars.column("vwap")[row])
        )


def declared(declare: Declare, frame: ta.Frame) -> tuple[ta.Node, ...]:
    """The nodes of an indicator, as a tuple whether it has one or several."""
    made = declare(frame)
    return (made,) if isinstance(made, ta.Node) else tuple(made)


def in_batch(declare: Declare, bars: ta.Columns) -> Floats:
    """Values of every node at every base bar, shape (nodes, bars), from the batch form."""
    return np.array([node.on_base().batch() for node in declared(declare, ta.Frame.batch(bars))])


def in_streaming(declare: Declare, bars: ta.Columns) -> Floats:
    """The same from the streaming form."""
    frame = ta.Frame.live("1m")
    nodes = declared(declare, frame)
    streaming = ta.Streaming(frame, nodes)
    rows: list[Sequence[float]] = []
    for bar in bars_of(bars):
        streaming.update(bar)
        rows.append([node.now for node in nodes])
    return np.ascontiguousarray(np.array(rows).T)


def assert_same_bits(actual: Floats, expected: Floats) -> None:
    """Equal to the last bit; nan is nan whatever its payload."""
    same = (actual.view(np.int64) == expected.view(np.int64)) | (np.isnan(actual) & np.isnan(expected))
    if not same.all():
        output, bar = np.argwhere(~same)[0]
        raise AssertionError(
            f"output {output}, bar {bar}: {actual[output, bar]!r} is not {expected[output, bar]!r}; "
            f"{np.sum(~same)} differ"
        )


def _talib(name: str) -> Declare:
    function = describe(name.upper())
    free = sum(column is None for column in function.inputs)

    def declare(frame: ta.Frame) -> ta.Node | tuple[ta.Node, ...]:
        if name == "mavp":
            return call("MAVP", frame.close, frame.constant(5.0))
        if free == 2:
            return call(name.upper(), frame.high, frame.close)
        if name in {"acos", "asin", "exp", "sinh", "cosh"}:
            # Their domain or range does not hold prices.
            return call(name.upper(), (frame.close - frame.open) / (frame.high - frame.low + 1.0))
        return call(name.upper(), frame)

    return declare


TALIB: dict[str, Declare] = {f"talib_{name}": _talib(name) for name in sorted(names())}

OURS: dict[str, Declare] = {
    "supertrend": lambda f: ta.supertrend(f, 7, 2.5),
    "ichimoku": lambda f: ta.ichimoku(f, 5, 9, 18),
    "directional_movement": lambda f: tuple(
        declare(f, 6) for declare in (ta.plus_di, ta.minus_di, ta.dx, ta.adx, ta.adxr)
    ),
    "vwap_day": lambda f: ta.vwap(f),
    "vwap_hour": lambda f: ta.vwap(f, "1h"),
    "vwap_month": lambda f: ta.vwap(f, "1M", price=f.close),
    "vwap_ever": lambda f: ta.vwap(f, None),
    "vwap_sessions": lambda f: ta.vwap(f, np.array([[30, 90], [120, 200], [200, 260]]) * MINUTE),
    "keltner": lambda f: ta.keltner(f, 20, 2.0, 10),
    "donchian": lambda f: ta.donchian(f, 12),
    "donchian_without_the_current_bar": lambda f: ta.donchian(f, 12, exclude_current=True),
    "rolling_sum": lambda f: ta.rolling_sum(f.close, 9),
    "rolling_mean": lambda f: ta.rolling_mean(f.close, 9),
    "rolling_var": lambda f: ta.rolling_var(f.close, 9),
    "rolling_std": lambda f: ta.rolling_std(f.close, 9, ddof=0),
    "zscore": lambda f: ta.zscore(f.close, 15),
    "rolling_skew": lambda f: ta.rolling_skew(f.close, 11),
    "rolling_median": lambda f: ta.rolling_median(f.close, 8),
    "rolling_quantile": lambda f: ta.rolling_quantile(f.close, 10, 0.3),
    "rolling_rank": lambda f: ta.rolling_rank(f.close, 10),
    "rolling_slope": lambda f: ta.rolling_slope(f.close, 10),
    "correlation": lambda f: ta.correlation(f.close, f.volume, 10),
    "highest": lambda f: ta.highest(f.high, 10),
    "lowest": lambda f: ta.lowest(f.low, 10),
    "bars_since_highest": lambda f: ta.bars_since_highest(f.high, 10),
    "bars_since_lowest": lambda f: ta.bars_since_lowest(f.low, 10),
    "shift": lambda f: ta.shift(f.close, 3),
    "change": lambda f: ta.change(f.close, 3),
    "pct_change": lambda f: ta.pct_change(f.close, 3),
    "bars_since": lambda f: ta.bars_since(f.close > ta.sma(f.close, 5)),
    "value_when": lambda f: ta.value_when(ta.cross_above(f.close, ta.sma(f.close, 5)), f.close, 1),
    "cross_above": lambda f: ta.cross_above(ta.sma(f.close, 3), ta.sma(f.close, 7)),
    "cross_below": lambda f: ta.cross_below(ta.sma(f.close, 3), ta.sma(f.close, 7)),
    "cross_of_a_level": lambda f: ta.cross_above(ta.rsi(f.close, 5), 50),
    "maximum": lambda f: ta.maximum(f.open, ta.sma(f.close, 4)),
    "minimum": lambda f: ta.minimum(f.close, 100.0),
    "sources": lambda f: (f.open, f.high, f.low, f.close, f.volume, f.trades, f.vwap, f.typical, f.median),
    "constant": lambda f: f.constant(2.5),
    "arithmetic": lambda f: (f.close + 1, 1 - f.close, f.close * f.open, 2 / f.volume, -f.close, abs(f.close - f.open)),
    "conditions": lambda f: (
        (f.close > f.open) & (f.volume >= 10),
        (f.close < 99) | ~(f.close <= f.open),
        ~(ta.sma(f.close, 4) > f.close),
    ),
    "nested_in_each_other": lambda f: ta.rsi(ta.ema(ta.rolling_std(f.close, 5), 4), 6),
    "restarted_by_division_by_zero": lambda f: (
        ta.ema(f.close / f.volume, 3), ta.rolling_std(f.close / f.volume, 3), ta.highest(1.0 / f.volume, 4),
    ),
    "higher_timeframe": lambda f: (ta.ema(f.higher("15m").close, 5), ta.vwap(f.higher("15m"), "1h")),
    "higher_sources": lambda f: tuple(
        getattr(f.higher("5m"), name) for name in ("open", "high", "low", "close", "volume", "trades", "vwap")
    ),
    "mixed_timeframes": lambda f: (
        f.close - ta.sma(f.higher("5m").close, 3),
        ta.cross_above(f.close, ta.sma(f.higher("15m").close, 2)),
        f.higher("5m").high - f.higher("15m").low,
        ta.ema(ta.sma(f.higher("5m").close, 3).on_base(), 4),
    ),
}  # fmt: skip

SMART_MONEY: dict[str, Declare] = {
    "smc_swings": lambda f: smc.swings(f, 3),
    "smc_structure": lambda f: smc.structure(f, 2),
    "smc_structure_by_extremes": lambda f: smc.structure(f, 2, close_break=False),
    "smc_order_blocks": lambda f: smc.order_blocks(f, 3, lookback=60),
    "smc_order_blocks_by_bodies": lambda f: smc.order_blocks(f, 2, close_mitigation=True),
    "smc_gaps": lambda f: smc.gaps(f, lookback=60),
    "smc_joined_gaps": lambda f: smc.gaps(f, join_consecutive=True),
    "smc_liquidity": lambda f: smc.liquidity(f, 2, range_percent=0.05, lookback=80),
    "smc_retracement": lambda f: smc.retracement(f, 3),
    "smc_premium_discount": lambda f: smc.premium_discount(f, 3),
    "smc_session": lambda f: smc.session(f, "Custom", start="01:10", end="02:00"),
    "smc_previous_hour": lambda f: smc.previous_high_low(f, "1h"),
    "smc_on_a_higher_timeframe": lambda f: (smc.structure(f.higher("5m"), 2).trend, smc.swings(f.higher("5m"), 2).high),
}

OURS |= SMART_MONEY
EVERY: dict[str, Declare] = dict(chain(OURS.items(), TALIB.items()))
# Values of these depend on something having happened, not on a number of bars alone.
WITHOUT_A_FIRST_BAR = {"bars_since", "value_when", "restarted_by_division_by_zero", "vwap_sessions", "arithmetic"}
WITHOUT_A_FIRST_BAR |= SMART_MONEY.keys()
