"""What a local exchange did, and when, seen before any fault can touch what it tells."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from local_exchange import Running

Seen = Callable[[int, dict[str, Any]], None]


class Witness:
    """Sees every message of the user stream at the moment the exchange makes it.

    Parameters
    ----------
    exchange : who is watched, from now on.
    seen : is given each message with its time, int64 ns UTC, in the exchange's thread.
    """

    def __init__(self, exchange: Running, seen: Seen | None = None) -> None:
        self.messages: list[tuple[int, dict[str, Any]]] = []
        self._seen = seen or (lambda ts, message: self.messages.append((ts, message)))
        hub = exchange.exchange.venue.hub
        self._tell, hub.user = hub.user, self._see  # type: ignore[method-assign]

    def _see(self, message: dict[str, Any]) -> None:
        self._seen(time.time_ns(), message)
        self._tell(message)

    def orders(self, happened: str) -> list[int]:
        """Times at which something happened to orders of the matching engine: ``NEW``, ``CANCELED``, ``TRADE``."""
        return [ts for ts, _ in self._orders(happened)]

    def names(self, happened: str) -> list[str]:
        """Client ids of the orders to which it happened."""
        return [name for _, name in self._orders(happened)]

    def _orders(self, happened: str) -> Iterator[tuple[int, str]]:
        for ts, told in self.messages:
            if told["e"] == "ORDER_TRADE_UPDATE" and told["o"]["x"] == happened:
                yield ts, told["o"]["c"]
