"""`tradebot runs` in tests: the command, and bars to run over."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
from click.testing import CliRunner, Result

from tradebot.cli.main import root
from tradebot.feeds.mock import mock_bars

IDEA = """\
from tradebot import Strategy, ta
from levels import PERIOD

class Idea(Strategy):
    def setup(self, bars):
        self.mean = ta.sma(bars.close, PERIOD)

    def on_bar(self, bar):
        if not self.position and bar.close > self.mean[-1] * 1.001:
            return self.long(stop_loss_pct=0.004, take_profit_pct=0.006)
"""


def write_bars(file: Path, count: int) -> Path:
    bars = mock_bars("BTCUSDT", "1m", count, seed=7)
    columns = {name: getattr(bars, name) for name in ("open", "high", "low", "close", "volume")}
    pl.DataFrame({"open_time": bars.ts // 1_000_000, **columns}).write_csv(file)
    return file


def run(*args: object) -> Result:
    return CliRunner().invoke(root, list(map(str, args)), prog_name="tradebot")


def done(*args: object, code: int = 0) -> str:
    result = run(*args)
    assert result.exit_code == code, (result.stdout, result.stderr, result.exception)
    return result.stdout


def document(*args: object, code: int = 0) -> dict:
    return json.loads(done(*args, "--json", code=code))


def kept(*args: object) -> str:
    """Id of a backtest that was just kept."""
    return document("backtest", *args)["id"]


def process(*args: object, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, map(os.path.abspath, sys.path))),
        **variables,
    }
    command = [sys.executable, "-m", "tradebot", *map(str, args)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, env=environment, stdin=subprocess.DEVNULL
    )
