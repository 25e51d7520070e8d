"""From the record of a run to where it stood: the trader and the simulated broker as they were."""

from __future__ import annotations

from collections import deque
from typing import Final, cast, get_args

import msgspec

from tradebot.core.errors import TradebotError
from tradebot.core.event import (
    AccountEvent,
    BarClosed,
    Cancel,
    Event,
    History,
    MarketEvent,
    Query,
    QuoteSeen,
    Replace,
    Submit,
    TickSeen,
)
from tradebot.core.journal import Arrival, Entry, Journal
from tradebot.core.wire import decode, encode
from tradebot.engine.live.brokerage import SimulatedEngine
from tradebot.engine.trader import Trader

_EVENTS: Final = get_args(Event)
_ACCOUNT: Final = get_args(AccountEvent)


class Recovered(msgspec.Struct, kw_only=True):
    """What a record gave back.

    Parameters
    ----------
    entries : entries that were read.
    newest : open time of the newest bar on record, by symbol, int64 ns UTC.
    answers : what the simulated broker said and nobody wrote down before the end.
    unheard : market data that the simulated broker has seen and the trader has not.
    """

    entries: int = 0
    newest: dict[str, int] = msgspec.field(default_factory=dict[str, int])
    answers: list[AccountEvent] = msgspec.field(default_factory=list[AccountEvent])
    unheard: list[MarketEvent] = msgspec.field(default_factory=list[MarketEvent])


def recover(journal: Journal, run_id: str, trader: Trader, simulated: SimulatedEngine | None) -> Recovered:
    """Bring trader and simulated broker to where the record of a run ends.

    Raises
    ------
    JournalError : the record is damaged.
    TradebotError : the trader decides otherwise than the record says: it is another one, and must not go on.
    """
    saved = journal.saved_state(run_id)
    if saved is not None:
        mind, account = msgspec.msgpack.decode(saved.state, type=tuple[bytes, bytes])
        trader.restore(mind)
        if simulated is not None:
            simulated.restore(account)
    replayer = _Replayer(trader, simulated)
    for entry in journal.read(saved.seq if saved is not None else 0):
        if entry.run_id == run_id:
            replayer.take(entry)
    return replayer.recovered()


class _Replayer:
    """Walks the entries in order; what the trader gives must be what is on record."""

    def __init__(self, trader: Trader, simulated: SimulatedEngine | None) -> None:
        self._trader = trader
        self._simulated = simulated
        self._entries = 0
        self._expected: deque[bytes] = deque()
        self._answers: deque[AccountEvent] = deque()
        self._unheard: list[MarketEvent] = []

    def take(self, entry: Entry) -> None:
        """One entry of the run."""
        message = entry.message
        self._entries += 1
        if isinstance(message, Arrival):
            seen = cast("MarketEvent", decode(message.data))
            self._unheard.append(seen)
            if self._simulated is not None:
                self._answers.extend(self._simulated.on_market(seen))
        elif isinstance(message, _EVENTS):
            self._take_event(cast("Event", message))
        elif self._expected:
            decided = self._expected.popleft()
            if decided != encode(message):
                fact = f"entry {entry.seq} is on record as {message}, and the trader decides {decode(decided)}"
                mend = "Run the version that wrote it, or begin a new run."
                raise TradebotError(fact, place=f"run {entry.run_id}", mend=mend)

    def _take_event(self, event: Event) -> None:
        if isinstance(event, BarClosed | TickSeen | QuoteSeen | History):
            self._unheard.clear()
        if self._answers and isinstance(event, _ACCOUNT) and encode(self._answers[0]) == encode(event):
            self._answers.popleft()
        for output in self._trader.handle(event):
            self._expected.append(encode(output))
            if isinstance(output, Submit | Cancel | Replace | Query) and self._simulated is not None:
                self._answers.extend(self._simulated.apply(output))

    def recovered(self) -> Recovered:
        """What was found, once all was taken."""
        newest = self._trader.newest
        for event in self._unheard:
            if isinstance(event, BarClosed):
                newest[event.symbol] = event.bar.ts
        return Recovered(entries=self._entries, newest=newest, answers=list(self._answers), unheard=self._unheard)
