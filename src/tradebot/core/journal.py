"""What a journal keeps beside events and outputs, and what a driver asks of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, Protocol

import msgspec

from tradebot.core.event import Event, Output
from tradebot.core.instrument import Instrument
from tradebot.core.protocols import BrokerAbilities

__all__ = ["Arrival", "Checkpoint", "Entry", "Head", "Journal", "Message", "RunStarted", "RunStopped", "SavedState"]


class RunStarted(msgspec.Struct, frozen=True, kw_only=True):
    """A bot began to run, or went on after a stop or a crash. Entries belong to the run started last.

    Parameters
    ----------
    ts : when, int64 ns UTC.
    run_id : name of the run; client order ids begin with it. The same name again goes on with that run.
    mode : ``paper`` or ``live``.
    configuration : the document it runs by, as JSON text; secrets stand in no configuration.
    configuration_hash : sha256 of the document, in hex: what an approval for live trading is given for.
    code_version : version of tradebot.
    instruments : the markets with the steps, limits and fees that the run decides by from its beginning to its end; a
        venue that changes them meanwhile holds orders against its own. Empty where no bot wrote this.
    abilities : what the broker could hold as the run began.
    """

    ts: int
    run_id: str
    mode: Literal["paper", "live"]
    configuration: str
    configuration_hash: str
    code_version: str
    instruments: tuple[Instrument, ...] = ()
    abilities: BrokerAbilities = BrokerAbilities()


class RunStopped(msgspec.Struct, frozen=True, kw_only=True):
    """A run ended in good order; after a crash this entry is missing."""

    ts: int
    reason: str


class Checkpoint(msgspec.Struct, frozen=True):
    """A state of the trader was saved here: the sha256 of its bytes, which lie beside the journal."""

    digest: str


class Arrival(msgspec.Struct, frozen=True):
    """Market data was given to the simulated broker, which sees it before the trader does.

    Parameters
    ----------
    data : wire form of the market event.
    """

    data: bytes


Message = Event | Output | Arrival | RunStarted | RunStopped | Checkpoint
"""Whatever a journal keeps."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a journal.

    Parameters
    ----------
    seq : its number, counted from 1 without a gap.
    run_id : the run it belongs to.
    at : when it was recorded by the machine's clock, int64 ns UTC.
    message : what happened, or what was decided.
    """

    seq: int
    run_id: str
    at: int
    message: Message


class Head(msgspec.Struct, frozen=True):
    """The end of a journal: number of its last entry, and the hash that vouches for all up to it, in hex."""

    seq: int
    hash: str


class SavedState(msgspec.Struct, frozen=True):
    """A trader's state after the entry ``seq``: restore it, then replay what was recorded after."""

    seq: int
    state: bytes


class Journal(Protocol):
    """Keeps what happened, in order, so that nothing is acted on before it is on record.

    Every method may raise ``JournalError``. After one from ``append``, ``flush`` or ``save`` nothing may be sent, and
    the journal takes no more: the process must end, and a new one goes on from what was recorded.
    """

    @property
    def has_headroom(self) -> bool:
        """Whether the disk has room enough to open new positions; facts are still recorded when it has not."""
        ...

    def append(self, messages: Sequence[Message], *, durable: bool) -> None:
        """Record messages in order, all or none; with ``durable`` they are on the disk when it returns.

        Others wait in memory for the next durable ones, or until they are older than a second when more is appended.
        """
        ...

    def flush(self) -> None:
        """Bring to the disk what waits in memory; a driver calls it when it is idle."""
        ...

    def save(self, state: bytes) -> None:
        """Keep a trader's state as it is after everything appended so far."""
        ...

    def saved_state(self, run_id: str) -> SavedState | None:
        """Latest state that was kept of a run; ``None`` where there is none."""
        ...

    def read(self, after: int = 0) -> Iterator[Entry]:
        """Entries whose number is above ``after``, in order; each is held against the chain before it is given."""
        ...
