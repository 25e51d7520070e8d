"""From the record of a run to where it stood: the trader and the simulated broker as they were."""

from __future__ import annotations

from collections import deque
from typing import Final, cast, get_args

import msgspec

from tradebot.core.errors import ConfigError, TradebotError
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
from tradebot.engine.live.checkpoints import restore
from tradebot.engine.replay import Comparison
from tradebot.engine.trader import Trader

_EVENTS: Final = get_args(Event)
_MEND: Final = (
    "Run the version that wrote it. To begin a new run instead: `tradebot paper reset` on paper; for real close what is"
    " open with `tradebot halt --flatten`, then `tradebot release`, and approve a changed configuration."
)


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
    TradebotError : trader or simulated broker do otherwise than the record says, or cannot take up the state that was
        saved of them: they are others, and must not go on.
    """
    saved = journal.saved_state(run_id)
    if saved is not None:
        try:
            restore(saved.state, trader, simulated)
        except (ConfigError, msgspec.MsgspecError) as error:
            fact = error.fact if isinstance(error, ConfigError) else str(error)
            raise TradebotError(f"the state saved of it: {fact}", place=f"run {run_id}", mend=_MEND) from error
    repetition = _Repetition(run_id, trader, simulated)
    for entry in journal.read(saved.seq if saved is not None else 0):
        if entry.run_id == run_id:
            repetition.take(entry)
    return repetition.recovered()


class _Repetition:
    """Walks the entries in order; what trader and simulated broker give must be what is on record."""

    def __init__(self, run_id: str, trader: Trader, simulated: SimulatedEngine | None) -> None:
        self._run_id = run_id
        self._comparison = Comparison(trader)
        self._simulated = simulated
        self._entries = 0
        self._seq = 0
        # What the simulated broker has said, in its order, and the record has not shown yet.
        self._answers: deque[AccountEvent] = deque()
        self._unheard: list[MarketEvent] = []

    def take(self, entry: Entry) -> None:
        """One entry of the run."""
        message = entry.message
        self._entries += 1
        self._seq = entry.seq
        if self._answers and isinstance(message, _EVENTS):
            self._hear(cast("Event", message))
        if isinstance(message, BarClosed | TickSeen | QuoteSeen | History):
            self._unheard.clear()
        for output in self._comparison.take(message):
            if isinstance(output, Submit | Cancel | Replace | Query) and self._simulated is not None:
                self._answers.extend(self._simulated.apply(output))
        self._require_same()
        if isinstance(message, Arrival):
            seen = cast("MarketEvent", decode(message.data))
            self._unheard.append(seen)
            if self._simulated is not None:
                self._answers.extend(self._simulated.on_market(seen))

    def _hear(self, event: Event) -> None:
        """An event while the simulated broker has something to say can only be what it says."""
        said = self._answers.popleft()
        if encode(said) != encode(event):
            raise self._refused(f"{event!r} is on record, and the simulated broker says {said!r}")

    def _require_same(self) -> None:
        found = self._comparison.difference
        if found is not None:
            fact = f"on {found.cause!r} the trader decides {found.found!r}, and {found.recorded!r} is on record"
            raise self._refused(fact)

    def _refused(self, fact: str) -> TradebotError:
        return TradebotError(f"entry {self._seq}: {fact}", place=f"run {self._run_id}", mend=_MEND)

    def recovered(self) -> Recovered:
        """What was found, once all was taken."""
        self._comparison.end()
        self._require_same()
        newest = self._comparison.trader.newest
        for event in self._unheard:
            if isinstance(event, BarClosed):
                newest[event.symbol] = event.bar.ts
        return Recovered(entries=self._entries, newest=newest, answers=list(self._answers), unheard=self._unheard)
