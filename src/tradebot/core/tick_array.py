"""Ticks and quotes by the column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec
import numpy as np
from numpy.typing import NDArray

from tradebot.core.bar import Quote, Tick
from tradebot.core.bar_checks import rows_text
from tradebot.core.errors import DataError
from tradebot.core.instrument import Instrument


class TickArray(msgspec.Struct, frozen=True, eq=False):
    """Trades of one market by the column.

    Parameters
    ----------
    instrument : the market.
    ts : times, int64 ns UTC, never falling, shape (n,).
    price, size : price and quantity of each trade, float64, shape (n,).
    side : who crossed the spread: +1 the buyer, -1 the seller, 0 unknown; int8, shape (n,).

    Raises
    ------
    DataError : a column is no column of numbers, the lengths differ, times fall, or a value is impossible.
    """

    instrument: Instrument
    ts: NDArray[np.int64]
    price: NDArray[np.float64]
    size: NDArray[np.float64]
    side: NDArray[np.int8]

    def __post_init__(self) -> None:
        place = f"ticks of {self.instrument.symbol}"
        _convert(self, {"ts": np.int64, "price": np.float64, "size": np.float64, "side": np.int8}, place)
        _check_rows(self.price > 0, self.ts, "the price is not above 0", place)
        _check_rows(self.size >= 0, self.ts, "the size is not 0 or more", place)

    def __len__(self) -> int:
        return len(self.ts)

    def __iter__(self) -> Iterator[Tick]:
        return map(Tick, self.ts.tolist(), self.price.tolist(), self.size.tolist(), self.side.tolist())


class QuoteArray(msgspec.Struct, frozen=True, eq=False):
    """Best bids and asks of one market by the column.

    Parameters
    ----------
    instrument : the market.
    ts : times, int64 ns UTC, never falling, shape (n,).
    bid, ask : best prices, ``bid < ask``, float64, shape (n,).
    bid_size, ask_size : quantities at them, float64, shape (n,).

    Raises
    ------
    DataError : a column is no column of numbers, the lengths differ, times fall, or a quote is crossed.
    """

    instrument: Instrument
    ts: NDArray[np.int64]
    bid: NDArray[np.float64]
    ask: NDArray[np.float64]
    bid_size: NDArray[np.float64]
    ask_size: NDArray[np.float64]

    def __post_init__(self) -> None:
        place = f"quotes of {self.instrument.symbol}"
        prices = ("bid", "ask", "bid_size", "ask_size")
        _convert(self, {"ts": np.int64, **dict.fromkeys(prices, np.float64)}, place)
        _check_rows((self.bid > 0) & (self.ask < np.inf), self.ts, "a price is not above 0", place)
        _check_rows(self.bid < self.ask, self.ts, "the bid is not below the ask", place)

    def __len__(self) -> int:
        return len(self.ts)

    def __iter__(self) -> Iterator[Quote]:
        columns = (self.ts, self.bid, self.ask, self.bid_size, self.ask_size)
        return map(Quote, *(column.tolist() for column in columns))


def _convert(array: TickArray | QuoteArray, kinds: Mapping[str, type[np.generic]], place: str) -> None:
    """Bring every column into its type, contiguous and of one length."""
    for name, kind in kinds.items():
        try:
            column = np.ascontiguousarray(getattr(array, name), dtype=kind)
        except (TypeError, ValueError) as error:
            raise DataError(f"{name} is no column of numbers ({error})", place=place) from error
        if column.shape != (len(array.ts),):
            raise DataError(
                f"{name} has the shape {column.shape} and ts {len(array.ts)} values",
                place=place,
                mend="Give each row all its values.",
            )
        msgspec.structs.force_setattr(array, name, column)
    _check_rows(np.diff(array.ts, prepend=array.ts[:1]) >= 0, array.ts, "the time lies before the row above", place)


def _check_rows(good: NDArray[np.bool_], ts: NDArray[np.int64], fact: str, place: str) -> None:
    if not bool(good.all()):
        raise DataError(f"{fact} in {rows_text(np.flatnonzero(~good), ts)}", place=place, mend="Correct or drop it.")
