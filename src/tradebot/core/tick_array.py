"""Ticks and quotes by the column."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np
from numpy.typing import NDArray

from tradebot.core.bar import Quote, Tick
from tradebot.core.instrument import Instrument


class TickArray(msgspec.Struct, frozen=True, eq=False):
    """Trades of one market by the column.

    Parameters
    ----------
    instrument : the market.
    ts : times, int64 ns UTC, never falling, shape (n,).
    price, size : price and quantity of each trade, float64, shape (n,).
    side : who crossed the spread: +1 the buyer, -1 the seller, 0 unknown; int8, shape (n,).
    """

    instrument: Instrument
    ts: NDArray[np.int64]
    price: NDArray[np.float64]
    size: NDArray[np.float64]
    side: NDArray[np.int8]

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
    """

    instrument: Instrument
    ts: NDArray[np.int64]
    bid: NDArray[np.float64]
    ask: NDArray[np.float64]
    bid_size: NDArray[np.float64]
    ask_size: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.ts)

    def __iter__(self) -> Iterator[Quote]:
        columns = (self.ts, self.bid, self.ask, self.bid_size, self.ask_size)
        return map(Quote, *(column.tolist() for column in columns))
