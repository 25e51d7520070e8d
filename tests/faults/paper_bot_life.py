"""One life of a paper bot: the command that a person gives, in a process that was forked."""

from __future__ import annotations

import os
from pathlib import Path

from fork_server import replace

from tradebot.cli.main import root
from tradebot.core import crashpoint
from tradebot.engine.live import checkpoints


def run(config: Path, home: Path, bars: int, crash: str = "") -> None:
    """``tradebot run`` for some bars, or until it is killed."""
    os.environ["TRADEBOT_HOME"] = str(home)
    crashpoint.arm(crash)
    # Some lives begin from a saved state, others end before the next.
    replace(checkpoints, _LEAST_EVENTS=50)
    root.main(["run", str(config), "--iterations", str(bars)], prog_name="tradebot", standalone_mode=False)
