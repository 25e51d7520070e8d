"""Volume-weighted average price, counted from the start of a session."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradebot.core.errors import ConfigError, IndicatorError
from tradebot.core.interval import Interval
from tradebot.indicators.frame import PriceBars
from tradebot.indicators.node import Node
from tradebot.indicators.operation import KernelOperation
from tradebot.indicators.parameters import series
from tradebot.indicators.source import CalendarSession, Constant, TradingSession


def vwap(bars: PriceBars, anchor: str | NDArray[np.int64] | None = "1d", *, price: Node | None = None) -> Node:
    """Volume-weighted average price of the session so far: sum(price * volume) / sum(volume).

    Parameters
    ----------
    bars : where high, low, close and volume come from.
    anchor : where the sums begin anew: ``"1d"`` (UTC day), ``"1w"`` (Monday), ``"1M"`` or another interval; trading
        sessions as an
        int64 array of shape (sessions, 2) of [open, close) in ns UTC, outside of which it is nan; None for never.
    price : what is averaged; (high + low + close) / 3 unless given.

    Raises
    ------
    IndicatorError : the anchor is none of these, or ``price`` is not of these bars.
    """
    source = (bars.high + bars.low + bars.close) / 3.0 if price is None else series("vwap", "price", price)
    frame = bars.volume.frame
    if source.frame is not frame:
        raise IndicatorError("is of another timeframe than the bars", place="vwap(price)")
    session = frame.node(_session(anchor))
    return frame.node(KernelOperation("vwap"), (session, source, bars.volume))


def _session(anchor: Any) -> CalendarSession | TradingSession | Constant:
    if anchor is None:
        return Constant(0.0)
    if isinstance(anchor, str | Interval):
        try:
            return CalendarSession(Interval.parse(anchor))
        except ConfigError as error:
            raise IndicatorError(error.fact, place="vwap(anchor)", mend=error.mend) from None
    sessions = np.asarray(anchor)
    if sessions.ndim != 2 or sessions.shape[1] != 2 or sessions.dtype.kind != "i" or not len(sessions):
        raise IndicatorError(
            f"sessions have shape {sessions.shape} and type {sessions.dtype}",
            place="vwap(anchor)",
            mend="Give an int64 array of shape (sessions, 2): open and close in ns UTC.",
        )
    opens, closes = (np.ascontiguousarray(column, dtype=np.int64) for column in sessions.T)
    if (np.diff(opens) <= 0).any() or (closes <= opens).any():
        raise IndicatorError("sessions must rise, and close after they open", place="vwap(anchor)")
    return TradingSession(opens, closes)
