"""Single trades and best quotes out of files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from tradebot.core.bar_checks import rows_text
from tradebot.core.errors import DataError
from tradebot.core.instant import iso
from tradebot.core.instrument import Instrument
from tradebot.core.tick_array import QuoteArray, TickArray
from tradebot.store.tables import find_columns, numbers, read_table
from tradebot.store.times import times_to_ns

if TYPE_CHECKING:
    import polars as pl

_TIMES: Final = ("time", "timestamp", "ts", "transacttime", "tradetime", "eventtime", "datetime", "date", "t")
_TRADE_ROLES: Final = {
    "time": _TIMES,
    "price": ("price", "p"),
    "size": ("size", "quantity", "qty", "amount", "volume", "q"),
    "side": ("side", "takerside", "aggressor"),
    "maker": ("isbuyermaker", "buyerismaker", "m"),
}
_QUOTE_ROLES: Final = {
    "time": _TIMES,
    "bid": ("bid", "bidprice", "bestbidprice", "bestbid"),
    "ask": ("ask", "askprice", "bestaskprice", "bestask"),
    "bid_size": ("bidsize", "bidqty", "bestbidqty", "bidquantity"),
    "ask_size": ("asksize", "askqty", "bestaskqty", "askquantity"),
}
# Who crossed the spread, by the words venues have for it.
_SIDES: Final = {"buy": 1, "b": 1, "1": 1, "+1": 1, "1.0": 1, "sell": -1, "s": -1, "-1": -1, "-1.0": -1, "0": 0, "": 0}
_MAKERS: Final = {"true": -1, "1": -1, "false": 1, "0": 1}


def read_trades(path: Path, instrument: Instrument, timezone: str | None = None) -> TickArray:
    """Trades of a file: time, price, size and, if known, the side that crossed the spread.

    The side is ``buy`` or ``sell`` (or 1 and -1) in a column ``side``, or told by ``is_buyer_maker``.

    Raises
    ------
    DataError : the file is absent or malformed; the message names the row and the mend.
    """
    table, place = read_table(path), str(path)
    found = find_columns(table, _TRADE_ROLES, ("time", "price", "size"), place=place)
    ts = _times(table, found["time"], timezone, place)
    price, size = (_positive(table, found[name], ts, place) for name in ("price", "size"))
    side = np.zeros(len(ts), dtype=np.int8)
    for role, words in (("maker", _MAKERS), ("side", _SIDES)):
        if role in found:
            side = _words(table, found[role], words, place)
    return TickArray(instrument, ts, price, size, side)


def read_quotes(path: Path, instrument: Instrument, timezone: str | None = None) -> QuoteArray:
    """Best bids and asks of a file, with their sizes.

    Raises
    ------
    DataError : the file is absent or malformed, or a bid is not below its ask.
    """
    table, place = read_table(path), str(path)
    found = find_columns(table, _QUOTE_ROLES, tuple(_QUOTE_ROLES), place=place)
    ts = _times(table, found["time"], timezone, place)
    bid, ask, bid_size, ask_size = (
        _positive(table, found[name], ts, place) for name in ("bid", "ask", "bid_size", "ask_size")
    )
    crossed = bid >= ask
    if bool(crossed.any()):
        fact = f"the bid is not below the ask in {rows_text(np.flatnonzero(crossed), ts)}"
        raise DataError(fact, place=place, mend="Correct or drop these rows.")
    return QuoteArray(instrument, ts, bid, ask, bid_size, ask_size)


def _times(table: pl.DataFrame, column: str, timezone: str | None, place: str) -> NDArray[np.int64]:
    ts = times_to_ns(table.get_column(column), timezone or "UTC", place=place)
    back = np.flatnonzero(np.diff(ts) < 0)
    if len(back):
        row = int(back[0]) + 1
        fact = f"row {row + 1} ({iso(int(ts[row]))}) is earlier than the row above it"
        raise DataError(fact, place=place, mend="Sort the rows by time.")
    return ts


def _positive(table: pl.DataFrame, column: str, ts: NDArray[np.int64], place: str) -> NDArray[np.float64]:
    values = numbers(table, column, place=place)
    wrong = ~((values > 0) & (values < np.inf))
    if bool(wrong.any()):
        fact = f"the {column} is {values[wrong][0]:g} in {rows_text(np.flatnonzero(wrong), ts)}"
        raise DataError(fact, place=place, mend="It must be above 0: correct or drop these rows.")
    return values


def _words(table: pl.DataFrame, column: str, words: dict[str, int], place: str) -> NDArray[np.int8]:
    import polars as pl

    cells = table.get_column(column).cast(pl.String, strict=False).fill_null("").str.to_lowercase()
    known: dict[str, Any] = words
    unknown = cells.filter(~cells.is_in(list(known)))
    if len(unknown):
        choices = ", ".join(word for word in words if word)
        raise DataError(f'the {column} is "{unknown[0]}"', place=place, mend=f"Write one of {choices}.")
    return cells.replace_strict(known, return_dtype=pl.Int8).to_numpy()
