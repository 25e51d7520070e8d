"""Recorded Binance USD-M streams: one line a message, its local receive time (ns), a space, the JSON."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from tradebot.core.errors import DataError
from tradebot.core.instrument import Instrument, instrument_for
from tradebot.core.tick_array import QuoteArray, TickArray
from tradebot.store.file_names import require_file

_VENUE: Final = "binance_usdm"
# "MARKET" is a trade on the book; the others (insurance fund, ADL) are entries of the venue's own.
_ON_BOOK: Final = "MARKET"


class _Trade(msgspec.Struct, tag_field="e", tag="trade"):
    s: str
    p: str
    q: str
    m: bool
    X: str = _ON_BOOK


class _BookTicker(msgspec.Struct, tag_field="e", tag="bookTicker"):
    s: str
    b: str
    B: str
    a: str
    A: str


class _Depth(msgspec.Struct, tag_field="e", tag="depthUpdate"):
    s: str


class _Envelope(msgspec.Struct):
    data: _Trade | _BookTicker | _Depth | None = None


class Recording(msgspec.Struct, frozen=True, eq=False):
    """Trades and best quotes of a recording, at the times they were received; how many lines were of other kinds."""

    trades: TickArray
    quotes: QuoteArray
    lines: int
    unused: int


def is_recording(path: Path) -> bool:
    """Whether a file looks like a recorded stream: a gzip whose first line is a time in ns and JSON."""
    if not path.name.endswith(".gz") or path.name.endswith(".csv.gz") or not path.is_file():
        return False
    try:
        with gzip.open(path, "rb") as lines:
            ts, _, message = lines.readline(1 << 20).partition(b" ")
    except (OSError, EOFError, zlib.error):
        return False
    return len(ts) == len("1700000000000000000") and ts.isdigit() and message.startswith(b"{")


def read_recording(path: Path, *, venue: str = _VENUE) -> Recording:
    """Trades and best quotes of a recorded stream of one market.

    Their times are the local receive times: a strategy could not have known them sooner. Depth messages are counted
    and left: an order book is rebuilt from the recording itself.

    Raises
    ------
    DataError : the file is absent or cut short, a line is malformed, or the markets or times are mixed.
    """
    require_file(path)
    place = str(path)
    decode = msgspec.json.Decoder(_Envelope).decode
    symbols: set[str] = set()
    trades: list[tuple[int, str, str, int]] = []
    quotes: list[tuple[int, str, str, str, str]] = []
    number, previous = 0, 0
    try:
        with gzip.open(path, "rb") as lines:
            for number, line in enumerate(lines, start=1):
                time, _, message = line.partition(b" ")
                ts, event = int(time), decode(message).data
                if ts < previous:
                    raise DataError(f"line {number} is earlier than the one before", place=place, mend="Sort it.")
                previous = ts
                if event is None:
                    continue
                symbols.add(event.s)
                if isinstance(event, _Trade) and event.X == _ON_BOOK:
                    trades.append((ts, event.p, event.q, -1 if event.m else 1))
                elif isinstance(event, _BookTicker):
                    quotes.append((ts, event.b, event.a, event.B, event.A))
    except (ValueError, msgspec.DecodeError) as error:
        mend = "Record it again, or cut the line out."
        raise DataError(f"line {number} is malformed: {error}", place=place, mend=mend) from None
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"cannot be read: {error}", place=place, mend="Is the file whole?") from None
    if len(symbols) != 1:
        told = ", ".join(sorted(symbols)) or "no market"
        raise DataError(f"it holds {told}", place=place, mend="Give a recording of one market.")
    instrument = instrument_for(symbols.pop(), venue)
    return Recording(
        _trades(instrument, trades),
        _quotes(instrument, quotes),
        number,
        number - len(trades) - len(quotes),
    )


def _trades(instrument: Instrument, rows: list[tuple[int, str, str, int]]) -> TickArray:
    ts, price, size, side = zip(*rows, strict=True) if rows else ((),) * 4
    return TickArray(
        instrument,
        np.array(ts, dtype=np.int64),
        np.array(price, dtype=np.float64),
        np.array(size, dtype=np.float64),
        np.array(side, dtype=np.int8),
    )


def _quotes(instrument: Instrument, rows: list[tuple[int, str, str, str, str]]) -> QuoteArray:
    ts, *values = zip(*rows, strict=True) if rows else ((),) * 5
    return QuoteArray(
        instrument, np.array(ts, dtype=np.int64), *(np.array(column, dtype=np.float64) for column in values)
    )
