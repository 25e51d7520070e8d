"""Trades and quotes of Binance's streams, and the bad ones that nobody may act on."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from typing import Any, Final

from tradebot.core.bar import Quote, Tick
from tradebot.core.event import QuoteSeen, TickSeen

_MILLISECOND: Final = 1_000_000
_FARTHEST: Final = 0.2
_KEPT: Final = 100


class BadTick(Exception):  # noqa: N818 - it is data, not an error of ours
    """A trade or quote that cannot be true.

    Parameters
    ----------
    symbol : its market.
    fact : what is wrong with it, as a clause.
    """

    def __init__(self, symbol: str, fact: str) -> None:
        super().__init__(f"{symbol}: {fact}")
        self.symbol = symbol
        self.fact = fact


class BadTicks:
    """The quarantine.

    Parameters
    ----------
    farthest : largest distance from the mark price, as a fraction of it.

    Attributes
    ----------
    count : how many there were.
    latest : the last of them.
    """

    def __init__(self, farthest: float = _FARTHEST) -> None:
        self._farthest = farthest
        self._marks: dict[str, float] = {}
        self.count = 0
        self.latest: deque[BadTick] = deque(maxlen=_KEPT)

    def mark(self, symbol: str, price: float) -> None:
        """Take a market's mark price."""
        if math.isfinite(price) and price > 0:
            self._marks[symbol] = price

    def keep(self, bad: BadTick) -> None:
        """Take in a bad one."""
        self.count += 1
        self.latest.append(bad)

    def check(self, symbol: str, price: float) -> None:
        """Hold a price against the mark.

        Raises
        ------
        BadTick : it is no positive number, or too far from the mark.
        """
        if not (math.isfinite(price) and price > 0):
            raise BadTick(symbol, f"{price:g} is no price")
        mark = self._marks.get(symbol)
        if mark is not None and abs(price / mark - 1) > self._farthest:
            raise BadTick(symbol, f"{price:g} lies more than {self._farthest:.0%} from the mark {mark:g}")


def tick_of(told: Mapping[str, Any], bad: BadTicks) -> TickSeen:
    """An aggTrade.

    Raises
    ------
    BadTick : it cannot be true.
    """
    symbol, price, size = told["s"], float(told["p"]), float(told["q"])
    bad.check(symbol, price)
    if not (math.isfinite(size) and size > 0):
        raise BadTick(symbol, f"{size:g} is no size")
    return TickSeen(symbol, Tick(int(told["T"]) * _MILLISECOND, price, size, -1 if told["m"] else 1))


def quote_of(told: Mapping[str, Any], bad: BadTicks) -> QuoteSeen:
    """A bookTicker.

    Raises
    ------
    BadTick : it cannot be true.
    """
    symbol = told["s"]
    bid, ask, bid_size, ask_size = (float(told[name]) for name in ("b", "a", "B", "A"))
    bad.check(symbol, bid)
    bad.check(symbol, ask)
    if bid > ask:
        raise BadTick(symbol, f"bid {bid:g} lies above ask {ask:g}")
    return QuoteSeen(symbol, Quote(int(told["T"]) * _MILLISECOND, bid, ask, bid_size, ask_size))
