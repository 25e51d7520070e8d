"""Drawdowns of an equity curve: how deep, how long, how often."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradebot.research.statistics.sampling import DAY_NS, FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Drawdowns:
    """Every stretch of time spent below an earlier peak, in order.

    Attributes
    ----------
    depth : lowest point of each as a negative fraction of its peak, shape (k,).
    start : index of the peak each fell from; -1 is the initial equity, shape (k,).
    end : index of the step that reached the peak again, or of the last step, shape (k,).
    days : calendar days from peak to recovery, or to the end of the run, shape (k,).
    """

    depth: FloatArray
    start: IntArray
    end: IntArray
    days: FloatArray

    @property
    def max_depth(self) -> float:
        """Deepest drawdown as a negative fraction; 0 where equity never fell below a peak."""
        return float(self.depth.min()) if len(self.depth) else 0.0

    @property
    def average_depth(self) -> float:
        """Mean of the depths; 0 where there was no drawdown."""
        return float(self.depth.mean()) if len(self.depth) else 0.0

    @property
    def max_days(self) -> float:
        """Longest drawdown in days; 0 where there was none."""
        return float(self.days.max()) if len(self.days) else 0.0

    @property
    def average_days(self) -> float:
        """Mean length in days; 0 where there was no drawdown."""
        return float(self.days.mean()) if len(self.days) else 0.0


def underwater(equity: FloatArray, initial: float) -> FloatArray:
    """Equity over its running peak, less one: 0 at a peak, -0.2 twenty percent below it.

    Notes
    -----
    Magdon-Ismail and Atiya (2004), Maximum Drawdown, Risk magazine 17(10). Taken at every
    step, not at day ends; the initial equity is the first peak.
    """
    peak = np.maximum(np.maximum.accumulate(equity), initial)
    curve = np.zeros(len(equity))
    np.divide(equity, peak, out=curve, where=peak > 0.0)
    curve[peak > 0.0] -= 1.0
    return curve


def find_drawdowns(ts: IntArray, equity: FloatArray, initial: float, start_ns: int) -> Drawdowns:
    """Split an equity curve into its drawdowns.

    Parameters
    ----------
    ts : int64 ns UTC, close time of each step.
    equity : equity after each step.
    initial : equity before the first step, the first peak.
    start_ns : time of the initial equity.

    Returns
    -------
    One entry for each stretch below a peak; the last may be unrecovered and then ends with the run.
    """
    curve = underwater(equity, initial)
    below = np.concatenate(([False], curve < 0.0, [False]))
    edges = np.diff(below.astype(np.int8))
    first = np.flatnonzero(edges == 1)
    if len(first) == 0:
        none = np.empty(0, dtype=np.int64)
        return Drawdowns(np.empty(0), none, none, np.empty(0))
    after = np.flatnonzero(edges == -1)
    start = (first - 1).astype(np.int64)
    end = np.minimum(after, len(equity) - 1).astype(np.int64)
    depth = np.minimum.reduceat(np.append(curve, 0.0), np.column_stack((first, after)).ravel())[::2]
    peak_ts = np.where(start >= 0, ts[np.maximum(start, 0)], start_ns)
    return Drawdowns(depth, start, end, (ts[end] - peak_ts) / DAY_NS)
