"""Saved states of a run, so that a restart need not begin at the beginning of the record."""

from __future__ import annotations

from typing import Final

import msgspec

from tradebot.core.journal import Journal
from tradebot.engine.live.brokerage import SimulatedEngine
from tradebot.engine.trader import Trader

_LEAST_EVENTS: Final = 1_000
# What is written of states is about as much as what is written of events, however large a state grows.
_BYTES_AN_EVENT: Final = 1_000


class Checkpoints:
    """Keeps the state of trader and simulated broker from time to time.

    Parameters
    ----------
    journal : keeps it beside its latest entry.
    trader, simulated : what is kept; ``None`` where the broker is a real one.
    """

    def __init__(self, journal: Journal, trader: Trader, simulated: SimulatedEngine | None) -> None:
        self._journal = journal
        self._trader = trader
        self._simulated = simulated
        self._events = 0
        self._size = 0

    def passed(self) -> bool:
        """An event is done; whether it is time to save."""
        self._events += 1
        return self._events >= max(_LEAST_EVENTS, self._size // _BYTES_AN_EVENT)

    def save(self) -> None:
        """Save now."""
        broker = self._simulated.state() if self._simulated is not None else b""
        state = msgspec.msgpack.encode((self._trader.state(), broker))
        self._journal.save(state)
        self._events, self._size = 0, len(state)


def restore(state: bytes, trader: Trader, simulated: SimulatedEngine | None) -> None:
    """Give trader and simulated broker a saved state.

    Raises
    ------
    ConfigError : it is none of theirs.
    """
    mind, account = msgspec.msgpack.decode(state, type=tuple[bytes, bytes])
    trader.restore(mind)
    if simulated is not None:
        simulated.restore(account)
