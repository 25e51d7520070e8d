"""Which account a configuration trades on."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tradebot.config import Loaded

_UNNAMED: Final = re.compile(r"[^a-z0-9_.-]+")


def account_of(loaded: Loaded) -> str:
    """Name of the account a configuration trades on: its own word, or the file's name.

    Where a broker that trades for real is run on paper the name ends in ``-paper``: the two never share a record.
    """
    configuration = loaded.configuration
    name = configuration.engine.account or _UNNAMED.sub("-", Path(loaded.source).stem.lower()).strip("-._") or "bot"
    rehearses = configuration.engine.mode != "live" and not configuration.broker.is_simulated
    return f"{name}-paper" if rehearses else name
