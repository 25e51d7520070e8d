"""Approvals for live trading: who allowed which configuration, until when; an audit file that only grows.

Each line of the file carries the sha256 of the line before and itself, and the last one is exported beside it, so that
a line that was changed, removed or made by hand is noticed, and then nothing counts as approved.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final, Literal, Never

import msgspec

from tradebot.core.errors import ConfigError, JournalError
from tradebot.core.instant import iso
from tradebot.store import locks
from tradebot.store.durable import make_folder, storage_errors, write_durably
from tradebot.store.home import home

_FILE: Final = "approvals.jsonl"
_HEAD: Final = "head"


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the file: an approval, or the end of one.

    Parameters
    ----------
    action : ``approve`` or ``revoke``.
    ts : when, int64 ns UTC.
    configuration_hash : sha256 of the document, in hex; it counts for exactly that document.
    operator : who.
    expires : end of an approval, int64 ns UTC; 0 for a revocation.
    account, symbols : what the person was shown and confirmed.
    """

    action: Literal["approve", "revoke"]
    ts: int
    configuration_hash: str
    operator: str
    expires: int = 0
    account: str = ""
    symbols: tuple[str, ...] = ()


class _Line(msgspec.Struct, frozen=True):
    approval: Approval
    hash: str


class Approvals:
    """The approvals of this person.

    Parameters
    ----------
    folder : where the file is kept; ``approvals`` below tradebot's home unless given.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = home() / "approvals" if folder is None else folder
        self.path = self.folder / _FILE

    def approve(
        self,
        configuration_hash: str,
        *,
        operator: str,
        now: int,
        expires: int,
        account: str = "",
        symbols: tuple[str, ...] = (),
    ) -> Approval:
        """Allow live trading of one configuration until a time.

        Raises
        ------
        ConfigError : the time has passed already.
        JournalError : the file is not what was written.
        DataError : it cannot be written.
        """
        if expires <= now:
            raise ConfigError(f"{iso(expires)} has passed", place="expiry", mend="Give a time to come.")
        approval = Approval(
            action="approve",
            ts=now,
            configuration_hash=configuration_hash,
            operator=operator,
            expires=expires,
            account=account,
            symbols=symbols,
        )
        self._append(approval)
        return approval

    def revoke(self, configuration_hash: str, *, operator: str, now: int) -> None:
        """End the approval of a configuration.

        Raises
        ------
        ConfigError : it has none that holds.
        JournalError : the file is not what was written.
        DataError : it cannot be written.
        """
        self.require(configuration_hash, now)
        self._append(Approval(action="revoke", ts=now, configuration_hash=configuration_hash, operator=operator))

    def require(self, configuration_hash: str, now: int) -> Approval:
        """The approval of a configuration that holds now.

        Raises
        ------
        ConfigError : there is none; the message says whether it expired or was revoked.
        JournalError : the file is not what was written.
        """
        latest = next(
            (line for line in reversed(self.history()) if line.configuration_hash == configuration_hash), None
        )
        if latest is None:
            _not_approved("this configuration was never approved; after any change it needs a new approval")
        if latest.action == "revoke":
            _not_approved(f"its approval was revoked by {latest.operator} at {iso(latest.ts)}")
        if latest.expires <= now:
            _not_approved(f"its approval by {latest.operator} expired at {iso(latest.expires)}")
        return latest

    def holding(self, now: int) -> list[Approval]:
        """Approvals that hold now, the newest last.

        Raises
        ------
        JournalError : the file is not what was written.
        """
        latest = {line.configuration_hash: line for line in self.history()}
        return [line for line in latest.values() if line.action == "approve" and line.expires > now]

    def history(self) -> list[Approval]:
        """Every approval and revocation there was, oldest first.

        Raises
        ------
        JournalError : the file is not what was written.
        """
        return [line.approval for line in self._lines()]

    def _append(self, approval: Approval) -> None:
        with storage_errors(self.folder):
            make_folder(self.folder)
            with locks.writing(self.folder):
                lines = self._lines()
                line = _Line(approval, _chained(lines[-1].hash if lines else "", approval))
                write_durably(self.path, _content([*lines, line]))
                write_durably(self.folder / _HEAD, f"{len(lines) + 1} {line.hash}\n".encode())

    def _lines(self) -> list[_Line]:
        if not self.path.exists() and not (self.folder / _HEAD).exists():
            return []
        try:
            count, head = (self.folder / _HEAD).read_text(encoding="ascii").split()
            content = self.path.read_bytes()
            lines = [msgspec.json.decode(line, type=_Line) for line in content.splitlines()]
        except (OSError, ValueError, msgspec.MsgspecError):
            self._refuse("cannot be read")
        if content != _content(lines):
            self._refuse("is not what was written")
        before = ""
        for number, line in enumerate(lines, start=1):
            if line.hash != _chained(before, line.approval):
                self._refuse(f"line {number} is not what was written")
            before = line.hash
        # A crash between the two files leaves one line more than the head tells of.
        if len(lines) - int(count) not in (0, 1) or (lines and head != lines[int(count) - 1].hash):
            self._refuse("lines were cut off its end, or replaced")
        return lines

    def _refuse(self, fact: str) -> Never:
        mend = "Nothing counts as approved: move the folder away, and approve again."
        raise JournalError(fact, place=str(self.path), mend=mend)


def _content(lines: list[_Line]) -> bytes:
    return b"".join(msgspec.json.encode(line) + b"\n" for line in lines)


def _chained(before: str, approval: Approval) -> str:
    return hashlib.sha256(before.encode() + msgspec.json.encode(approval)).hexdigest()


def _not_approved(fact: str) -> Never:
    raise ConfigError(fact, place="engine.mode live", mend="`tradebot live approve CONFIG` shows it and asks for it.")
