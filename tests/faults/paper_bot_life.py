"""One life of a paper bot: the command that a person gives, in a process that was forked."""

from __future__ import annotations

import os
from pathlib import Path

from tradebot.cli.main import root
from tradebot.core import crashpoint


def run(config: Path, home: Path, bars: int, crash: str = "") -> None:
    """``tradebot run`` for some bars, or until it is killed."""
    os.environ["TRADEBOT_HOME"] = str(home)
    crashpoint.arm(crash)
    root.main(["run", str(config), "--iterations", str(bars)], prog_name="tradebot", standalone_mode=False)
