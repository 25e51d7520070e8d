"""Blocking clients of providers, asked in a thread, with their failures put into ours."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tradebot.core.bar import BarArray
from tradebot.core.errors import DataError
from tradebot.core.instrument import Instrument
from tradebot.core.interval import Interval
from tradebot.feeds.faults import Retriable, seconds_to_wait


async def in_thread(call: Callable[[], Any], place: str, client_errors: tuple[type[Exception], ...] = ()) -> Any:
    """The answer of a blocking call.

    Parameters
    ----------
    client_errors : what the client raises for an answer that is no success; its status decides what becomes of it.

    Raises
    ------
    Retriable : no answer, an answer that broke off, or one that asks us to wait.
    DataError : the provider refuses.
    """
    try:
        return await asyncio.to_thread(call)
    except client_errors as error:
        raise _judged(error, place) from error
    except (OSError, ValueError) as error:
        # requests' failures are OSErrors; an answer that is no JSON is a ValueError.
        raise Retriable(f"{place}: no answer ({type(error).__name__})") from error


def _judged(error: Exception, place: str) -> Exception:
    response = getattr(error, "response", None) or getattr(getattr(error, "__cause__", None), "response", None)
    status = getattr(error, "status_code", None) or getattr(response, "status_code", None)
    if status is None:
        return Retriable(f"{place}: no answer ({type(error).__name__})")
    if status == 429:
        headers: Mapping[str, str] = getattr(response, "headers", {})
        return Retriable(f"{place}: it asks us to wait", seconds_to_wait(headers.get("Retry-After")))
    if status >= 500:
        return Retriable(f"{place}: it fails ({status})")
    if status in (401, 403):
        return DataError("the provider refuses the key", place=place, mend="Check the key and what it allows.")
    return DataError(f"the provider refuses ({status})", place=place, mend="Check the symbol and the interval.")


def bars_of_rows(rows: Sequence[Sequence[float]], instrument: Instrument, interval: Interval, place: str) -> BarArray:
    """Bars of rows of time (ns), open, high, low, close, volume, trades and VWAP; NaN where unknown.

    Raises
    ------
    Retriable : the rows are no such table.
    """
    try:
        table = np.array(rows, dtype=np.float64).reshape(-1, 8)
        ts = np.array([int(row[0]) for row in rows], dtype=np.int64)
    except (TypeError, ValueError) as error:
        raise Retriable(f"{place}: the answer is no table of bars") from error
    prices = (np.ascontiguousarray(table[:, column]) for column in range(1, 6))
    trades = np.nan_to_num(table[:, 6]).astype(np.int64)
    return BarArray(instrument, interval, ts, *prices, trades=trades, vwap=np.ascontiguousarray(table[:, 7]))
