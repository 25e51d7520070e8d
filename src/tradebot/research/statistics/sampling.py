"""From an equity curve to the series of returns the risk ratios are taken from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

DAY_NS = 86_400_000_000_000
YEAR_DAYS = 365.25
MIN_DAILY_RETURNS = 5


@dataclass(frozen=True, slots=True)
class ReturnSeries:
    """Simple returns of one sampling period each.

    Attributes
    ----------
    values : return of each period, 0.01 is one percent, shape (n,).
    ends : int64 ns UTC, time at which each period ends, shape (n,).
    steps : index into the equity curve at which each period ends, shape (n,).
    per_year : periods in a year, the factor of annualisation.
    kind : ``daily`` or ``bar``.
    """

    values: FloatArray
    ends: IntArray
    steps: IntArray
    per_year: float
    kind: str


def simple_returns(equity: FloatArray, initial: float) -> FloatArray:
    """Return of each step over the one before; the first is over ``initial``.

    Once equity has reached zero or less the account is ruined: that step keeps its return (-1 or less) and every
    later one is 0, for there is nothing left to earn a return on.
    """
    before = np.concatenate(([initial], equity))[:-1]
    alive = np.minimum.accumulate(before) > 0.0
    returns = np.zeros(len(equity))
    np.divide(equity, before, out=returns, where=alive)
    returns[alive] -= 1.0
    return returns


def last_step_of_each_day(ts: IntArray) -> IntArray:
    """Index of the last step of each UTC day; a step that ends at midnight belongs to the day it ends."""
    if len(ts) == 0:
        return np.empty(0, dtype=np.int64)
    day = (ts - 1) // DAY_NS
    return np.append(np.flatnonzero(np.diff(day)), len(ts) - 1).astype(np.int64)


def sample_returns(ts: IntArray, equity: FloatArray, initial: float, *, trading_days: int) -> ReturnSeries:
    """Returns to take risk ratios from, and how many of them make a year.

    Parameters
    ----------
    ts : int64 ns UTC, close time of each step.
    equity : account equity after each step.
    initial : equity before the first step.
    trading_days : days a year the market trades: 365 for a market that never closes, 252 for equities.

    Returns
    -------
    Daily returns (UTC days, close to close; days without a bar are left out) where there are at least five of them,
    else one return for each bar. Ratios of bar returns of a few hours are noise with a large factor in front: daily
    sampling is the field's convention (empyrical, quantstats) and is used wherever the run allows it.

    Notes
    -----
    Periods a year: ``trading_days`` for daily returns; 365.25 over the usual gap where bars are two days long or
    longer; for bar returns, ``trading_days`` times the bars that fill a day (by the gap between bars where the market
    never closes, by the bars actually seen in a day where it does).
    """
    days = last_step_of_each_day(ts)
    if len(days) >= MIN_DAILY_RETURNS:
        gap_days = float(np.median(np.diff((ts[days] - 1) // DAY_NS)))
        per_year = float(trading_days) if gap_days < 2.0 else YEAR_DAYS / gap_days
        return ReturnSeries(simple_returns(equity[days], initial), ts[days], days, per_year, "daily")
    steps = np.arange(len(ts), dtype=np.int64)
    return ReturnSeries(simple_returns(equity, initial), ts, steps, _bars_per_year(ts, len(days), trading_days), "bar")


def _bars_per_year(ts: IntArray, days: int, trading_days: int) -> float:
    if len(ts) < 2:
        return float(trading_days)
    gap = float(np.median(np.diff(ts)))
    if gap >= 2 * DAY_NS:
        return YEAR_DAYS * DAY_NS / gap
    per_day = DAY_NS / gap if trading_days >= 365 else len(ts) / days
    return trading_days * per_day
