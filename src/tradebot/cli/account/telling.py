"""Leaving a word for an account's bot, and looking whether it heard."""

from __future__ import annotations

import getpass
import time
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from tradebot.core.event import OperatorAction

Heard = Literal["heard", "waits", "unheard"]
"""The bot heard it; none runs, and the next one will hear it; or one runs and does not answer."""

_PATIENCE_S: Final = 3.0
_PAUSE_S: Final = 0.05


def tell(account: str, action: OperatorAction, reason: str = "") -> Heard:
    """Leave a word for the bot of an account.

    Raises
    ------
    DataError : it could not be written: the bot will not hear of it.
    """
    from tradebot.store import locks
    from tradebot.store.accounts import account_folder
    from tradebot.store.mailbox import Mailbox, Word

    folder = account_folder(account)
    mailbox = Mailbox(folder)
    word = Word(ts=time.time_ns(), action=action, operator=getpass.getuser(), reason=reason)
    mailbox.leave(word)
    if locks.is_free(folder):
        return "waits"
    end = time.monotonic() + _PATIENCE_S
    while word in mailbox.waiting().values():
        if time.monotonic() > end:
            return "unheard"
        time.sleep(_PAUSE_S)
    return "heard"
