"""What the report's charts draw: candles, equity and trades on one axis, thinned to what an eye can use.

The axis counts steps of the run's base timeline, so nights and weekends without bars take no room.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tradebot.research.report.packing import Packed, decimals_of, money_step, pack, significant_step
from tradebot.research.statistics import activity, drawdowns
from tradebot.research.statistics.sampling import FloatArray, IntArray

if TYPE_CHECKING:
    from tradebot.core.bar import BarArray
    from tradebot.engine.outcome import RunOutcome

CANDLES = 200_000
CURVE_POINTS = 20_000
TRADES = 40_000
# Bars that make one candle: multiples that turn minutes into intervals a trader knows.
_MULTIPLES = (1, 2, 3, 5, 10, 15, 30, 60, 120, 240, 360, 480, 720, 1440)
_SECOND_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class ChartData:
    """Columns for the page, and what was left out of them, for the reader to know.

    Attributes
    ----------
    page : what the page's script reads.
    bars_per_candle : most bars any market merges into one candle; 1 where every bar is drawn.
    trades_shown : trades in the table and the chart, of all trades of the run.
    """

    page: dict[str, Any]
    bars_per_candle: int
    trades_shown: int


def chart_data(outcome: RunOutcome) -> ChartData:
    """Candles, equity, drawdown and trades of a run for its page."""
    markets = [_market(outcome.ts, bars, CANDLES // max(len(outcome.bars), 1)) for bars in outcome.bars]
    rows = chosen_trades(outcome.trades["pnl"], np.argsort(outcome.trades["exit_ts"], kind="stable"))
    page = {
        "steps": len(outcome.ts),
        "times": _times(outcome.ts),
        "curve": _curve(outcome),
        "markets": markets,
        "trades": _trades(outcome, rows),
    }
    return ChartData(page, max((int(market["merged"]) for market in markets), default=1), len(rows))


def bars_per_candle(bars: int, budget: int) -> int:
    """Smallest familiar multiple that draws ``bars`` in at most ``budget`` candles."""
    needed = math.ceil(bars / max(budget, 1))
    for multiple in _MULTIPLES:
        if multiple >= needed:
            return multiple
    return math.ceil(needed / _MULTIPLES[-1]) * _MULTIPLES[-1]


def chosen_trades(pnl: FloatArray, by_exit: IntArray, limit: int = TRADES) -> IntArray:
    """Trades to show, by exit time: all, or beyond the limit a quarter of it each: first, last, best and worst."""
    if len(by_exit) <= limit:
        return by_exit
    quarter = limit // 4
    ranked = np.argsort(pnl, kind="stable")
    keep = np.zeros(len(by_exit), dtype=np.bool_)
    for some in (by_exit[:quarter], by_exit[-quarter:], ranked[:quarter], ranked[-quarter:]):
        keep[some] = True
    return by_exit[keep[by_exit]]


def _times(ts: IntArray) -> dict[str, Any]:
    """Close times in seconds at every ``stride``-th step and at the last one."""
    stride = max(1, math.ceil(len(ts) / CURVE_POINTS))
    picked = np.unique(np.append(np.arange(0, len(ts), stride), len(ts) - 1)) if len(ts) else np.empty(0, np.int64)
    return {"steps": pack(picked, 1), "seconds": pack(ts[picked] / _SECOND_NS, 1)}


def _curve(outcome: RunOutcome) -> dict[str, Packed]:
    """Equity and benchmark at the end of each stretch of steps, and the deepest drawdown within it."""
    n = len(outcome.ts)
    stride = max(1, math.ceil(n / CURVE_POINTS))
    starts = np.arange(0, n, stride)
    ends = np.minimum(starts + stride, n) - 1
    fallen = drawdowns.underwater(outcome.equity, outcome.initial_cash)
    step = money_step(outcome.equity)
    return {
        "x": pack(ends, 1),
        "equity": pack(outcome.equity[ends], step),
        "hold": pack(activity.buy_and_hold(outcome)[ends], step),
        "drawdown": pack(np.minimum.reduceat(fallen, starts) if n else fallen, 1e-6),
    }


def _market(ts: IntArray, bars: BarArray, budget: int) -> dict[str, Any]:
    merged = bars_per_candle(len(bars.ts), budget)
    starts = np.arange(0, len(bars.ts), merged)
    ends = np.minimum(starts + merged, len(bars.ts)) - 1
    step = price_step(bars)
    x = np.searchsorted(ts, bars.close_ts[starts])
    some = len(starts) > 0
    return {
        "symbol": bars.instrument.symbol,
        "merged": merged,
        "interval": str(bars.interval),
        "digits": decimals_of(step),
        "x": pack(x, 1),
        "open": pack(bars.open[starts], step),
        "high": pack(np.maximum.reduceat(bars.high, starts) if some else bars.high, step),
        "low": pack(np.minimum.reduceat(bars.low, starts) if some else bars.low, step),
        "close": pack(bars.close[ends], step),
    }


def price_step(bars: BarArray) -> float:
    """Resolution of prices: the tick, or finer where the market trades at a few ticks only."""
    lowest = float(np.min(bars.low, initial=np.inf))
    tick = float(bars.instrument.tick_size)
    return min(tick, significant_step(lowest)) if 0.0 < lowest < np.inf else tick


def _trades(outcome: RunOutcome, rows: IntArray) -> dict[str, Any]:
    trades = outcome.trades
    market = trades["instrument"][rows]
    price = min((price_step(bars) for bars in outcome.bars), default=0.01)
    lot = min((float(bars.instrument.lot_size) for bars in outcome.bars), default=1.0)
    pnl, fees = trades["pnl"][rows], trades["fees"][rows]
    numbers = np.empty(len(trades["pnl"]), dtype=np.int64)
    numbers[np.argsort(trades["exit_ts"], kind="stable")] = np.arange(1, len(numbers) + 1)
    return {
        "digits": {"quantity": decimals_of(lot), "money": decimals_of(money_step(pnl))},
        "tags": list(outcome.tags),
        "number": pack(numbers[rows], 1),
        "market": pack(market, 1),
        "side": pack(trades["side"][rows], 1),
        "quantity": pack(trades["quantity"][rows], lot),
        "entryX": pack(_steps(outcome, market, trades["entry_index"][rows], trades["entry_ts"][rows]), 1),
        "exitX": pack(_steps(outcome, market, trades["exit_index"][rows], trades["exit_ts"][rows]), 1),
        "entryTime": pack(trades["entry_ts"][rows] / _SECOND_NS, 1),
        "exitTime": pack(trades["exit_ts"][rows] / _SECOND_NS, 1),
        "entryPrice": pack(trades["entry_price"][rows], price),
        "exitPrice": pack(trades["exit_price"][rows], price),
        "pnl": pack(pnl, money_step(pnl)),
        "earned": pack(activity.returns_of_trades(outcome)[rows], 1e-6),
        "fees": pack(fees, money_step(fees)),
        "bars": pack(trades["exit_index"][rows] - trades["entry_index"][rows], 1),
        "tag": pack(trades["tag"][rows], 1),
    }


def _steps(outcome: RunOutcome, market: IntArray, index: IntArray, ts: IntArray) -> IntArray:
    steps = np.zeros(len(market), dtype=np.int64)
    for number, bars in enumerate(outcome.bars):
        mine = market == number
        if bool(np.any(mine)):
            steps[mine] = activity.step_of(outcome.ts, bars, index[mine], ts[mine])
    return steps
