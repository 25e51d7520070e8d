"""The halt latch: a file of its own, so that a halt holds with the bot hung, dead, or its database locked.

The file being there is the halt; what it holds only explains it. Whoever halts sets the latch first and cancels then;
the driver looks at it before each order it sends, which costs one ``stat``; only a person releases it.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Final

import msgspec

from tradebot.core.errors import JournalError
from tradebot.store.durable import make_folder, settle_folder, write_durably

NAME: Final = "halt.json"


class Halted(msgspec.Struct, frozen=True, kw_only=True):
    """Why an account is halted.

    Parameters
    ----------
    ts : since when, int64 ns UTC; 0 where it is not known.
    operator : who halted it; ``bot`` for the bot itself.
    reason : one sentence.
    flatten : whether every position shall be closed as well.
    """

    ts: int
    operator: str
    reason: str
    flatten: bool = False


class HaltLatch:
    """The latch of one account.

    Parameters
    ----------
    folder : folder of the account; made when the latch is set.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME

    @property
    def is_set(self) -> bool:
        """Whether nothing may be sent but cancels and exits. Where that cannot be told, it is."""
        try:
            os.stat(self.path)  # noqa: PTH116 - half the time of Path.stat, before every order
        except FileNotFoundError:
            return False
        except OSError:
            return True
        return True

    def set(self, halted: Halted) -> None:
        """Halt the account at once. An earlier reason stays, unless this one asks to flatten and that did not.

        Raises
        ------
        JournalError : the latch could not be set: the account is not halted.
        """
        before = self.read()
        try:
            make_folder(self.path.parent)
            if before is None or (halted.flatten and not before.flatten):
                # In one step, so that nobody finds the latch without its reason.
                with contextlib.suppress(OSError):
                    write_durably(self.path, msgspec.json.encode(halted) + b"\n")
            # A full disk has room for the name, if not for the reason.
            os.close(os.open(self.path, os.O_CREAT | os.O_WRONLY, 0o600))
            settle_folder(self.path.parent)
        except OSError as error:
            mend = "Stop the bot's process, and cancel its orders at the broker."
            raise JournalError(f"cannot be set: {error.strerror}", place=str(self.path), mend=mend) from None

    def read(self) -> Halted | None:
        """Why the account is halted; ``None`` where it is not."""
        if not self.is_set:
            return None
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=Halted)
        except (OSError, msgspec.MsgspecError):
            return Halted(ts=0, operator="", reason="the latch is set, and its reason cannot be read")

    def release(self) -> None:
        """End the halt; nothing happens where there is none.

        Raises
        ------
        JournalError : the latch could not be taken away: the account stays halted.
        """
        try:
            self.path.unlink(missing_ok=True)
            if self.path.parent.is_dir():
                settle_folder(self.path.parent)
        except OSError as error:
            mend = "Give yourself the right to write there. The account stays halted."
            raise JournalError(f"cannot be released: {error.strerror}", place=str(self.path), mend=mend) from None
