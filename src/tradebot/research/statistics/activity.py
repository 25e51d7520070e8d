"""What a run held and traded, rebuilt from its fills: exposure, leverage, turnover; and the market's own return."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tradebot.research.statistics.sampling import FloatArray, IntArray
from tradebot.research.statistics.trades import trade_returns

if TYPE_CHECKING:
    from tradebot.core.bar import BarArray
    from tradebot.engine.outcome import Columns, RunOutcome

# Fills add up to a flat position within this share of the largest fill: the rest is rounding of the sum.
FLAT = 1e-9


@dataclass(frozen=True, slots=True)
class Activity:
    """Exposure of the account at each step.

    Attributes
    ----------
    gross, net : sum of absolute and of signed notional at the close of each step, shape (n,).
    in_market : whether anything was held during the step, from its fills or at its close, shape (n,).
    traded_notional : money value of all fills together.
    """

    gross: FloatArray
    net: FloatArray
    in_market: NDArray[np.bool_]
    traded_notional: float


def multipliers(outcome: RunOutcome) -> FloatArray:
    """Contract multiplier of each market, in instrument order."""
    return np.array([float(bars.instrument.multiplier) for bars in outcome.bars], dtype=np.float64)


def returns_of_trades(outcome: RunOutcome) -> FloatArray:
    """Net return of each trade on its notional at entry, in the order of the trades table."""
    rows = outcome.trades
    if len(rows["pnl"]) == 0:
        return np.empty(0)
    contract = multipliers(outcome)[rows["instrument"]]
    return trade_returns(rows["pnl"], rows["entry_price"], rows["quantity"], contract)


def step_of(ts: IntArray, bars: BarArray, index: IntArray, event_ts: IntArray) -> IntArray:
    """Step of the base timeline in which an event of one market lies.

    Parameters
    ----------
    ts : close time of each step.
    bars : the market.
    index : bar the event fell in, -1 where it is known by its time alone.
    event_ts : time of the event, used where ``index`` is -1.
    """
    if len(bars.ts) == 0:
        known = event_ts
    else:
        known = np.where(index >= 0, bars.close_ts[np.clip(index, 0, len(bars.ts) - 1)], event_ts)
    return np.minimum(np.searchsorted(ts, known, side="left"), len(ts) - 1).astype(np.int64)


def closes_at(ts: IntArray, bars: BarArray) -> FloatArray:
    """Last close known at each step; the first open before the market's first bar has closed, ``nan`` for no bars."""
    if len(bars.ts) == 0:
        return np.full(len(ts), np.nan)
    close_ts = bars.close_ts
    if np.array_equal(close_ts, ts):
        return bars.close
    known = np.searchsorted(close_ts, ts, side="right") - 1
    return np.where(known >= 0, bars.close[np.maximum(known, 0)], bars.open[0])


def positions_at(outcome: RunOutcome, market: int) -> tuple[FloatArray, IntArray]:
    """Signed quantity of one market after each step, and the steps in which it was traded."""
    fills = outcome.fills
    mine = fills["instrument"] == market
    if len(outcome.ts) == 0 or not bool(np.any(mine)):
        return np.zeros(len(outcome.ts)), np.empty(0, dtype=np.int64)
    steps = step_of(outcome.ts, outcome.bars[market], fills["index"][mine], fills["ts"][mine])
    quantity = fills["side"][mine] * fills["quantity"][mine]
    position = np.cumsum(np.bincount(steps, weights=quantity, minlength=len(outcome.ts)), dtype=np.float64)
    position[np.abs(position) <= FLAT * float(np.max(np.abs(quantity)))] = 0.0
    return position, steps


def rebuild_activity(outcome: RunOutcome) -> Activity:
    """Exposure at each step, from the fills and the closes of the markets."""
    n = len(outcome.ts)
    gross, net, in_market = np.zeros(n), np.zeros(n), np.zeros(n, dtype=np.bool_)
    contract = multipliers(outcome)
    for market, bars in enumerate(outcome.bars):
        position, steps = positions_at(outcome, market)
        if len(steps) == 0:
            continue
        notional = position * closes_at(outcome.ts, bars) * contract[market]
        net += notional
        gross += np.abs(notional)
        in_market |= position != 0.0
        in_market[steps] = True
    return Activity(gross, net, in_market, traded_notional(outcome.fills, contract))


def traded_notional(fills: Columns, contract: FloatArray) -> float:
    """Money value of all fills: the sum of price * quantity * multiplier."""
    if len(fills["price"]) == 0:
        return 0.0
    return float(np.sum(np.abs(fills["price"] * fills["quantity"]) * contract[fills["instrument"]]))


def share_of_equity(notional: FloatArray, equity: FloatArray) -> FloatArray:
    """Notional over equity at each step; 0 where equity is not positive."""
    share = np.zeros(len(equity))
    np.divide(notional, equity, out=share, where=equity > 0.0)
    return share


def buy_and_hold(outcome: RunOutcome) -> FloatArray:
    """Equity at each step of the same cash spread evenly over the markets at their first open, held without costs."""
    markets = [bars for bars in outcome.bars if len(bars.ts) and bars.open[0] > 0.0]
    if not markets:
        return np.full(len(outcome.ts), outcome.initial_cash)
    growth = np.zeros(len(outcome.ts))
    for bars in markets:
        growth += closes_at(outcome.ts, bars) / bars.open[0]
    return outcome.initial_cash / len(markets) * growth
