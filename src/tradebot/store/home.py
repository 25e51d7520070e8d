"""Where tradebot keeps what outlives a process: bars, runs, caches."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

HOME_VARIABLE: Final = "TRADEBOT_HOME"


def home() -> Path:
    """Folder of everything that is kept: ``TRADEBOT_HOME``, else ``~/.local/share/tradebot``.

    It need not exist; whoever writes into it makes it.
    """
    if given := os.environ.get(HOME_VARIABLE):
        return Path(given).expanduser()
    data = os.environ.get("XDG_DATA_HOME")
    return (Path(data) if data else Path.home() / ".local" / "share") / "tradebot"
