"""Answers about the bars of a market as JSON, made in whichever process has the bars."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np

from tradebot.core.bar import BarArray
from tradebot.core.instant import iso
from tradebot.core.interval import DAY, Interval
from tradebot.store.library import AbsentError, Library
from tradebot.store.reading import stored_bars

_COLUMNS = ("open", "high", "low", "close", "volume")


class BarQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of a market's bars.

    Parameters
    ----------
    what : ``history``, ``ohlcv``, ``stats`` or ``structures``.
    interval : of the bars; the shortest there is where ``None``.
    start, end : ``start <= ts < end``, int64 ns UTC; ``None`` leaves the side open.
    limit : most bars, the newest.
    swing_length : bars on either side of a swing.
    """

    what: Literal["history", "ohlcv", "stats", "structures"]
    symbol: str
    interval: str | None = None
    start: int | None = None
    end: int | None = None
    limit: int = 500
    swing_length: int = 10


def of_store(root: Path, question: BarQuestion) -> bytes:
    """The answer from the bars that are kept below a folder.

    Raises
    ------
    AbsentError : there are none.
    """
    library = Library(root)
    interval = question.interval or _shortest(library, question.symbol)
    found = stored_bars(library, question.symbol, interval, start=question.start, end=question.end)
    return of_bars(found.bars, "store", question)


def of_bars(bars: BarArray, source: str, question: BarQuestion) -> bytes:
    """The answer from bars at the interval that was asked for, within the span."""
    match question.what:
        case "history":
            return msgspec.json.encode(_history(bars[-question.limit :], source))
        case "ohlcv":
            return msgspec.json.encode(_ohlcv(bars[-question.limit :]))
        case "stats":
            return msgspec.json.encode(_stats(bars))
        case "structures":
            from tradebot.api.overlays import structures_of

            return structures_of(bars, question.swing_length, question.limit).model_dump_json().encode()


def of_seen(bars: BarArray, question: BarQuestion) -> bytes:
    """The answer from bars that a bot has seen, at whatever interval it has them.

    Raises
    ------
    AbsentError : none of them lies in the span.
    """
    wanted = bars.interval if question.interval is None else Interval.parse(question.interval)
    if wanted != bars.interval:
        bars = bars.resample(wanted)
    bars = bars.between(question.start, question.end)
    if not len(bars):
        raise AbsentError("no bar opens in the span", place=question.symbol, mend="Ask for another one.")
    return of_bars(bars, "bot", question)


def _history(bars: BarArray, source: str) -> dict[str, Any]:
    moments = np.datetime_as_string(bars.ts.astype("datetime64[ns]"), unit="s").tolist()
    rows = zip(moments, *(getattr(bars, name).tolist() for name in _COLUMNS), strict=True)
    told = [
        {"time": f"{moment}Z", "open": opened, "high": high, "low": low, "close": close, "volume": volume}
        for moment, opened, high, low, close, volume in rows
    ]
    about = {"symbol": bars.symbol, "interval": str(bars.interval), "source": source, "count": len(told)}
    return about | {"bars": told}


def _ohlcv(bars: BarArray) -> dict[str, Any]:
    columns = (getattr(bars, name).tolist() for name in _COLUMNS)
    rows = list(zip((bars.ts // 1_000_000).tolist(), *columns, strict=True))
    return {"symbol": bars.symbol, "interval": str(bars.interval), "ohlcv": rows}


def _stats(bars: BarArray) -> dict[str, Any]:
    day = bars.between(int(bars.ts[-1]) - DAY + 1, None)
    last, first = float(day.close[-1]), float(day.open[0])
    return {
        "symbol": bars.symbol,
        "interval": str(bars.interval),
        "time": iso(int(day.close_ts[-1])),
        "last": last,
        "change": last - first,
        "change_pct": 100 * (last / first - 1),
        "high": float(day.high.max()),
        "low": float(day.low.min()),
        "volume": float(day.volume.sum()),
        "bars": len(day),
    }


def _shortest(library: Library, symbol: str) -> str | None:
    kept = [series.key for series in library.bars.archive.series() if series.parts]
    lengths = sorted((key.length, key.interval) for key in kept if key.is_named(symbol))
    return lengths[0][1] if lengths else None
