"""The order book that is shown: a ladder of made-up sizes around the best prices."""

from __future__ import annotations

from typing import Final

import msgspec

from tradebot.core.bar import Quote
from tradebot.core.instrument import Instrument
from tradebot.exchange.wire import places

DEPTH: Final = 100
_SCATTER: Final = 2_654_435_761  # Knuth's multiplicative hash: a size for every price, the same whenever it is asked

Ladder = dict[int, float]
"""Size at each price, in ticks."""


class Top(msgspec.Struct, frozen=True):
    """Best prices and sizes; ``update_id`` counts changes, as lastUpdateId and the ``u`` of depth messages do."""

    update_id: int = 1
    bid: float = 0.0
    ask: float = 0.0
    bid_size: float = 0.0
    ask_size: float = 0.0


class Book:
    """Best prices of a symbol, and levels around them; sizes away from the best are made up from the price."""

    def __init__(self, instrument: Instrument) -> None:
        self.top = Top()
        self.is_quoted = False
        self._tick = float(instrument.tick_size)
        self._lot = float(instrument.lot_size)
        self._places = places(instrument.lot_size)

    def move(self, quote: Quote) -> None:
        """Take the best prices of the market."""
        self.is_quoted = True
        self.top = Top(self.top.update_id + 1, quote.bid, quote.ask, quote.bid_size, quote.ask_size)

    def centre(self, price: float) -> None:
        """Put the best prices around a last price, where the market has no quotes."""
        ask = max(round(price / self._tick), 2)
        bid_price = round((ask - 1) * self._tick, 12)
        self.top = Top(self.top.update_id + 1, bid_price, price, self._size(ask - 1), self._size(ask))

    def ladders(self, top: Top | None = None, depth: int = DEPTH) -> tuple[Ladder, Ladder]:
        """Bids and asks from the best outward, now or as they were at an earlier top: size at each price in ticks."""
        at = top or self.top
        if not at.bid:
            return {}, {}
        best_bid, best_ask = round(at.bid / self._tick), round(at.ask / self._tick)
        depth = min(depth, DEPTH)
        bids = {best_bid - n: self._size(best_bid - n) for n in range(min(depth, best_bid))}
        asks = {best_ask + n: self._size(best_ask + n) for n in range(depth)}
        bids[best_bid], asks[best_ask] = at.bid_size, at.ask_size
        return bids, asks

    def _size(self, ticks: int) -> float:
        return round(self._lot * (1 + ticks * _SCATTER % 4096), self._places)


def changes(old: Ladder, new: Ladder) -> Ladder:
    """Levels that differ, with their new size; 0 for those that are gone."""
    gone = dict.fromkeys(old.keys() - new.keys(), 0.0)
    return gone | {ticks: size for ticks, size in new.items() if old.get(ticks) != size}
