"""The benchmark of a bot under load watches the bot where it is: a name that moves must not leave it blind."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_it_times_the_orders_of_a_bot_left_alone_and_under_load():
    # One after the other: both keep the bot in the same folder.
    for what in ("quiet", "busy"):
        command = [sys.executable, "-m", "benchmarks.ours.load", what, "2"]
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
        assert ran.returncode == 0, ran.stderr
        told = json.loads(ran.stdout)
        assert len(told["times"]) > 20
        assert min(told["times"]) > 0
        assert all(share >= 0 for parts in told["parts"] for share in parts.values())
    assert told["trades"] == 0, "no answer was wrong"
    assert len(told["beside"]["W11 /bot, under load"]["times"]) > 20
