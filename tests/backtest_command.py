"""`tradebot backtest` in tests."""

import json

import polars as pl
from click.testing import CliRunner, Result

from tradebot.cli.main import root
from tradebot.feeds.mock import mock_bars

BARS = 3_000
RAISES_LATER = """\
from tradebot import Strategy

class Fragile(Strategy):
    def setup(self, bars):
        self.count = 0

    def on_bar(self, bar):
        self.count += 1
        if self.count == 100:
            return self.missing
        return None
"""


def bars_table() -> pl.DataFrame:
    """Bars of the mock market as a file holds them."""
    bars = mock_bars("BTCUSDT", "1m", BARS, seed=7)
    columns = {name: getattr(bars, name) for name in ("open", "high", "low", "close", "volume")}
    return pl.DataFrame({"open_time": bars.ts // 1_000_000, **columns})


def run(*args: object) -> Result:
    return CliRunner().invoke(root, list(map(str, args)), prog_name="tradebot")


def backtest(*args: object) -> Result:
    return run("backtest", *args)


def document(*args: object) -> dict:
    result = backtest(*args, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def refusal(*args: object) -> str:
    """The one sentence of a run that was refused."""
    result = backtest(*args)
    assert result.exit_code == 2, (result.stdout, result.stderr, result.exception)
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.stderr
    return result.stderr.removeprefix("Error: ").rstrip("\n")
