"""The whole record of an account, held against its chain while its bot runs already."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from threading import Event
from typing import Final

from tradebot.core.errors import JournalError
from tradebot.store.journal import JournalReader

# A start would wait for seconds: a million entries take about ten. In pieces of a millisecond no bot waits for them.
_PIECE: Final = 200
_PAUSE_S: Final = 0.001


async def prove(folder: Path) -> str:
    """Read the record of an account from its first entry on; returns what is wrong with it, empty for nothing.

    A start reads it from the last saved state on only, so that what was changed before would be noticed by nobody.

    Parameters
    ----------
    folder : folder of the account; its bot goes on writing.
    """
    ended = Event()
    try:
        return await asyncio.to_thread(_prove, folder, ended)
    finally:
        ended.set()


def _prove(folder: Path, ended: Event) -> str:
    try:
        with JournalReader(folder) as journal:
            for entry in journal.read():
                if entry.seq % _PIECE == 0:
                    time.sleep(_PAUSE_S)
                    if ended.is_set():
                        break
    except JournalError as error:
        return str(error)
    return ""
