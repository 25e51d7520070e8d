"""Blocking clients of providers, asked in a thread, with their failures put into ours."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tradebot.core.bar import BarArray
from tradebot.core.errors import DataError
from tradebot.core.instrument import Instrument
from tradebot.core.interval import DAY, Interval
from tradebot.feeds.faults import Retriable, seconds_to_wait

_OK: Final = 200


class Refused(Exception):  # noqa: N818 - what becomes of it, its status decides
    """An answer that is no success, seen where the client would lose its status or headers.

    Parameters
    ----------
    status, headers : of the answer.
    """

    def __init__(self, status: int, headers: Mapping[str, str]) -> None:
        super().__init__(status)
        self.status_code = status
        self.headers = headers


def require_success(status: int, headers: Mapping[str, str]) -> None:
    """Let nothing but a success through to the client.

    Raises
    ------
    Refused : the answer is none.
    """
    if status != _OK:
        raise Refused(status, headers)


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
    except (Refused, *client_errors) as error:
        raise _judged(error, place) from error
    except (OSError, ValueError, TypeError, AttributeError, LookupError) as error:
        # Failures of the line are OSErrors, an answer that is no JSON is a ValueError, and over JSON of another shape
        # clients stumble in every way there is.
        raise Retriable(f"{place}: no answer ({type(error).__name__})") from error


def _judged(error: Exception, place: str) -> Exception:
    answer = error if isinstance(error, Refused) else getattr(error, "response", None)
    status = getattr(answer, "status_code", None)
    if status is None:
        return Retriable(f"{place}: no answer ({type(error).__name__})")
    if status == 429:
        headers: Mapping[str, str] = getattr(answer, "headers", {})
        return Retriable(f"{place}: it asks us to wait", seconds_to_wait(headers.get("Retry-After")))
    if status >= 500:
        return Retriable(f"{place}: it fails ({status})")
    if status in (401, 403):
        return DataError("the provider refuses the key", place=place, mend="Check the key and what it allows.")
    return DataError(f"the provider refuses ({status})", place=place, mend="Check the symbol and the interval.")


def bars_of_rows(rows: Iterable[Sequence[float]], instrument: Instrument, interval: Interval, place: str) -> BarArray:
    """Bars of rows of time (ns), open, high, low, close, volume, trades and VWAP; NaN where unknown.

    Raises
    ------
    Retriable : the rows are no such table, or making them of the answer fails.
    """
    try:
        listed = list(rows)
        table = np.array(listed, dtype=np.float64).reshape(-1, 8)
        ts = np.array([int(row[0]) for row in listed], dtype=np.int64)
    except (TypeError, ValueError, LookupError) as error:
        raise Retriable(f"{place}: the answer is no table of bars") from error
    if instrument.calendar is not None and interval.ns >= DAY:
        ts = by_date(ts, interval)
    prices = (np.ascontiguousarray(table[:, column]) for column in range(1, 6))
    trades = np.nan_to_num(table[:, 6]).astype(np.int64)
    return BarArray(instrument, interval, ts, *prices, trades=trades, vwap=np.ascontiguousarray(table[:, 7]))


def by_date(ts: NDArray[np.int64], interval: Interval) -> NDArray[np.int64]:
    """Times of bars of a day or more as the store has them: midnight UTC of the session's date.

    Providers of US equities give midnight in New York, 04:00 or 05:00 UTC of the same date. A week begins on Sunday
    with some of them and on Monday here; its middle lies in the same week for both.
    """
    dates = ts - ts % DAY
    return interval.floor(dates + 3 * DAY if interval.unit == "w" else dates)
