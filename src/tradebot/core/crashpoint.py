"""Places at which a test can kill the process, to prove that nothing is lost there.

Without ``TRADEBOT_CRASHPOINT`` in the environment a crash point does nothing. With ``TRADEBOT_CRASHPOINT=NAME`` or
``NAME:3`` the process kills itself as SIGKILL does when it comes to that point, or to it for the third time. A process
that was forked for a test is told by :func:`arm`.
"""

from __future__ import annotations

import os
import signal
from typing import Final

from tradebot.core.errors import ConfigError, did_you_mean

VARIABLE: Final = "TRADEBOT_CRASHPOINT"
JOURNAL: Final = ("before-commit", "after-commit", "before-head", "after-head")
"""Those of the journal."""
DRIVER: Final = ("recovered", "before-send", "after-send")
"""Those of the live driver: back from the record; a command not sent yet; one that was sent, its answer unheard."""
REPLACING: Final = ("amid-replace", "after-replace")
"""Those of a change of an exit: it rests twice (futures) or not at all (spot); it is changed, the answer unheard."""
NAMES: Final = (*JOURNAL, *DRIVER, *REPLACING)
"""Every crash point of the program; faults are tested at each."""


_name = ""
_left = 0


def arm(spec: str) -> None:
    """Choose where this process dies.

    Parameters
    ----------
    spec : ``NAME``, or ``NAME:3`` for the third time it comes there; empty for nowhere.

    Raises
    ------
    ConfigError : there is no such point, or the count is none.
    """
    global _name, _left
    name, _, count = spec.partition(":")
    if name and name not in NAMES:
        mend = did_you_mean(name, NAMES) or f"There are {', '.join(NAMES)}."
        raise ConfigError(f'there is no crash point "{name}"', place=VARIABLE, mend=mend)
    if count and not (count.isdigit() and int(count)):
        raise ConfigError(f'"{count}" is not a count', place=VARIABLE, mend="Write it as NAME or NAME:3.")
    _name, _left = name, int(count or 1)


def crashpoint(name: str) -> None:
    """Die here, if this is the point and the time that was asked for."""
    global _left  # noqa: PLW0603
    if name == _name:
        _left -= 1
        if not _left:
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))


arm(os.environ.get(VARIABLE, ""))
