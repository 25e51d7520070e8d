"""One thing the doctor looked at."""

from __future__ import annotations

from typing import Literal

import msgspec


class Finding(msgspec.Struct, frozen=True):
    """What was found.

    Attributes
    ----------
    topic : what was looked at.
    state : ``ok``; ``note``, something optional is missing; or ``problem``, something will fail.
    fact : what is so.
    mend : what to do about it; empty where it is ``ok``.
    """

    topic: str
    state: Literal["ok", "note", "problem"]
    fact: str
    mend: str = ""
