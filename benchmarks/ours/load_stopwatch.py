"""Times from bars to the orders they lead to, and what they are made of."""

from __future__ import annotations

import time
from typing import Any

from benchmarks.ours.load_market import Market
from tradebot.core.event import BarClosed, Submit
from tradebot.engine.live.driver import Driver
from tradebot.engine.live.turns import Turns
from tradebot.store.journal import SqliteJournal

PARTS = ("to the bot", "in the journal", "in the bot")


class Stopwatch:
    """Looks over the shoulder of a bot.

    Parameters
    ----------
    market : knows when a bar was sent.

    Attributes
    ----------
    orders : of every order the seconds since its bar was sent; of them those until the bot took the bar up, those in
        its journal (statements and commits, with what it waits there for its turn at the interpreter), and the rest.
    """

    def __init__(self, market: Market) -> None:
        self._market = market
        self.orders: list[tuple[float, float, float, float]] = []
        self._sent = self._taken_up = self._disk = 0.0

    def attach(self) -> None:
        """Watch every driver from here on."""
        process, send, append = Driver._process, Turns._send, SqliteJournal.append

        def process_on(driver: Driver, event: Any) -> None:
            self._sent = self._market.sent.pop(event.bar.ts, 0.0) if isinstance(event, BarClosed) else 0.0
            self._taken_up, self._disk = time.perf_counter(), 0.0
            process(driver, event)

        def append_on(journal: SqliteJournal, *messages: Any, **options: Any) -> None:
            begun = time.perf_counter()
            append(journal, *messages, **options)
            self._disk += time.perf_counter() - begun

        def send_on(turns: Turns, errand: Any) -> Any:
            if self._sent and isinstance(errand, Submit):
                taken, way = time.perf_counter() - self._sent, self._taken_up - self._sent
                self.orders.append((taken, way, self._disk, taken - way - self._disk))
            return send(turns, errand)

        Driver._process = process_on  # type: ignore[method-assign]
        Turns._send = send_on  # type: ignore[method-assign]
        SqliteJournal.append = append_on  # type: ignore[method-assign]
