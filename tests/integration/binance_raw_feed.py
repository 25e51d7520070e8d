"""Reader of raw Binance USD-M recordings: one line a message, its local receive time (ns), a space, the JSON."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import msgspec

Levels = list[tuple[str, str]]


class Snapshot(msgspec.Struct, rename={"sequence": "lastUpdateId"}):
    """Answer of the REST depth request."""

    sequence: int
    bids: Levels
    asks: Levels


class Diff(msgspec.Struct, tag_field="e", tag="depthUpdate", rename={"first": "U", "last": "u", "previous": "pu"}):
    """Levels that changed from update `first` to `last`; `previous` is the last update of the message before."""

    first: int
    last: int
    previous: int
    b: Levels
    a: Levels


class BookTicker(msgspec.Struct, tag_field="e", tag="bookTicker", rename={"update": "u"}):
    """Best bid and ask right after one update of the book: prices `b`, `a`, sizes `B`, `A`."""

    update: int
    b: str
    B: str
    a: str
    A: str

    @property
    def quote(self) -> tuple[float, float, float, float]:
        """Bid, bid size, ask, ask size."""
        return float(self.b), float(self.B), float(self.a), float(self.A)


class Trade(msgspec.Struct, tag_field="e", tag="trade", rename={"price": "p", "size": "q", "buyer_is_maker": "m"}):
    """One trade."""

    price: str
    size: str
    buyer_is_maker: bool


class _Envelope(msgspec.Struct):
    data: Diff | BookTicker | Trade


def read_messages(path: Path) -> Iterator[Snapshot | Diff | BookTicker | Trade]:
    """Messages of a recording, in the order received."""
    streamed = msgspec.json.Decoder(_Envelope)
    snapshot = msgspec.json.Decoder(Snapshot)
    with gzip.open(path, "rb") as lines:
        for line in lines:
            _, message = line.split(b" ", 1)
            yield snapshot.decode(message) if message.startswith(b'{"lastUpdateId"') else streamed.decode(message).data


def pairs(levels: Levels) -> list[tuple[float, float]]:
    """Prices and sizes as floats."""
    return [(float(price), float(size)) for price, size in levels]
