"""Trades and quotes that make up given bars."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tradebot.core.bar import BarArray
from tradebot.core.errors import DataError
from tradebot.core.tick_array import QuoteArray, TickArray
from tradebot.feeds.random_streams import Floats, RandomStreams, on_grid

Ints = NDArray[np.int64]

# Open, high, low and close may each need a trade of their own.
LEAST_TRADES: Final = 4
_UNKNOWN_TRADES: Final = 20
_NOISE: Final = 0.08


def mock_ticks(bars: BarArray, seed: int = 1) -> TickArray:
    """Trades that make up the bars.

    Each bar gets as many trades as it says (at least 4; 20 where it does not say). The first trades at the open, the
    last at the close; one reaches the high and one the low, in random order; none lies outside. Sizes add up to the
    bar's volume in whole lots and lean so that their average price comes near the bar's VWAP.

    Parameters
    ----------
    bars : any bars.
    seed : zero or more; the same bars and seed give the same trades.

    Raises
    ------
    DataError : a bar's volume holds fewer lots than it has trades.
    """
    draw = RandomStreams(seed, bars.symbol)
    tick, lot = float(bars.instrument.tick_size), float(bars.instrument.lot_size)
    trades = np.full(len(bars), _UNKNOWN_TRADES) if bars.trades is None else np.maximum(bars.trades, LEAST_TRADES)
    lots = np.rint(bars.volume / lot).astype(np.int64)
    if bool((lots < trades).any()):
        row = int(np.argmax(lots < trades))
        raise DataError(
            f"row {row + 1}: a volume of {bars.volume[row]:g} holds no {int(trades[row])} trades of {lot:g} or more",
            place=f"bars of {bars.symbol}",
            mend="Use an instrument with a smaller lot size.",
        )
    owner = np.repeat(np.arange(len(bars)), trades)
    first = np.cumsum(trades) - trades
    order = np.arange(len(owner)) - first[owner]

    steps = _price_path(bars, tick, trades, owner, order, draw)
    price = on_grid(steps, tick)
    sizes = _sizes(bars, lots, trades, owner, price, draw)
    return TickArray(
        bars.instrument, _times(bars, trades, owner, order, draw), price, on_grid(sizes, lot), _sides(steps, draw)
    )


def mock_quotes(ticks: TickArray, seed: int = 1) -> QuoteArray:
    """A quote just before each trade: the trade takes its side's best price, and the spread is one tick.

    Parameters
    ----------
    ticks : trades of a known side.
    seed : zero or more; the same trades and seed give the same quotes.
    """
    draw = RandomStreams(seed, ticks.instrument.symbol)
    tick, lot = float(ticks.instrument.tick_size), float(ticks.instrument.lot_size)
    steps = np.rint(ticks.price / tick)
    bid = np.maximum(np.where(ticks.side > 0, steps - 1, steps), 1)
    lots = np.rint(ticks.size / lot)
    depth = [np.ceil(lots * (1 + 4 * draw(side).random(len(ticks)))) for side in ("bid sizes", "ask sizes")]
    return QuoteArray(
        ticks.instrument,
        ticks.ts - 1,
        on_grid(bid, tick),
        on_grid(bid + 1, tick),
        on_grid(depth[0], lot),
        on_grid(depth[1], lot),
    )


def _price_path(bars: BarArray, tick: float, trades: Ints, owner: Ints, order: Ints, draw: RandomStreams) -> Floats:
    """Price of each trade in ticks: straight from open to both extremes to close, with noise between."""
    count = len(bars)
    open_, high, low, close = (np.rint(column / tick) for column in (bars.open, bars.high, bars.low, bars.close))
    last = trades - 1
    # Both extremes lie strictly between the first trade and the last, the one before the other.
    early = 1 + np.floor(draw("early extremes").random(count) * (trades - 3)).astype(np.int64)
    late = early + 1 + np.floor(draw("late extremes").random(count) * (last - 1 - early)).astype(np.int64)
    high_first = draw("which extreme").random(count) < 0.5
    one, two = np.where(high_first, high, low), np.where(high_first, low, high)

    def leg(start: Ints, end: Ints, here: Floats, there: Floats) -> Floats:
        share = (order - start[owner]) / (end - start)[owner]
        return here[owner] + (there - here)[owner] * share

    zero = np.zeros(count, dtype=np.int64)
    path = np.select(
        [order <= early[owner], order <= late[owner]],
        [leg(zero, early, open_, one), leg(early, late, one, two)],
        leg(late, last, two, close),
    )
    anchors = (order == 0) | (order == early[owner]) | (order == late[owner]) | (order == last[owner])
    noise = _NOISE * (high - low)[owner] * draw("path noise").standard_normal(len(owner))
    return np.rint(np.clip(path + np.where(anchors, 0.0, noise), low[owner], high[owner]))


def _sizes(bars: BarArray, lots: Ints, trades: Ints, owner: Ints, price: Floats, draw: RandomStreams) -> Floats:
    """Size of each trade in lots: one for each, the rest by weight, what rounding leaves to the last trade."""
    weight = draw("sizes").standard_exponential(len(owner))
    if bars.vwap is not None:
        weight *= _lean(bars.vwap, trades, owner, price, weight)
    total = np.bincount(owner, weight, len(bars))
    spare = (lots - trades).astype(np.float64)
    sizes = 1.0 + np.floor(spare[owner] * weight / total[owner])
    left = lots - np.bincount(owner, sizes, len(bars))
    sizes[np.cumsum(trades) - 1] += left
    return sizes


def _lean(vwap: Floats, trades: Ints, owner: Ints, price: Floats, weight: Floats) -> Floats:
    """Factor on each weight that moves the average price m, of variance v, to the VWAP.

    Weights w (1 + k (p - m)) have the mean m + k v, so k = (vwap - m) / v; the factor is kept positive.
    """
    bars = len(trades)
    total = np.bincount(owner, weight, bars)
    mean = np.bincount(owner, weight * price, bars) / total
    away = price - mean[owner]
    variance = np.bincount(owner, weight * away**2, bars) / total
    known = (variance > 0) & ~np.isnan(vwap)
    slope = np.divide(vwap - mean, variance, out=np.zeros(bars), where=known)
    return np.clip(1.0 + slope[owner] * away, 0.05, None)


def _times(bars: BarArray, trades: Ints, owner: Ints, order: Ints, draw: RandomStreams) -> Ints:
    """Times strictly inside the bar, each in its own slice of it; the first nanosecond is left to the first quote."""
    slices = (bars.close_ts - bars.ts) // trades
    within = (draw("times").random(len(owner)) * (slices[owner] - 1)).astype(np.int64)
    return bars.ts[owner] + order * slices[owner] + within + 1


def _sides(steps: Floats, draw: RandomStreams) -> NDArray[np.int8]:
    """Tick rule: a rise was bought and a fall was sold; without a move it was either (Lee and Ready 1991)."""
    move = np.sign(np.diff(steps, prepend=steps[0]))
    either = draw("sides").integers(0, 2, len(steps)) * 2 - 1
    return np.where(move == 0, either, move).astype(np.int8)
