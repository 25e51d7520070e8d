"""Everything in `examples/` runs as it is."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tradebot.cli.main import root
from tradebot.strategies import registry

EXAMPLES = Path(__file__).parents[2] / "examples"
STRATEGIES = sorted((EXAMPLES / "strategies").glob("*.py"))
SCRIPTS = sorted(EXAMPLES.glob("*.py"))


@pytest.mark.parametrize("file", STRATEGIES, ids=lambda file: file.stem)
def test_an_example_strategy_trades_on_the_mock_market(file: Path):
    arguments = ["backtest", str(file), "--data", "mock", "--bars", "30000", "--interval", "5m", "--json"]
    result = CliRunner().invoke(root, arguments)
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["total_trades"] > 10


@pytest.mark.parametrize("file", STRATEGIES, ids=lambda file: file.stem)
def test_an_example_strategy_is_named_after_its_file_and_documented(file: Path):
    listing = registry.describe(registry.find(str(file)))
    assert listing.name == file.stem
    assert listing.summary.endswith(".")
    assert all(param.doc and param.bounds for param in listing.params)


@pytest.mark.parametrize("file", SCRIPTS, ids=lambda file: file.stem)
def test_an_example_script_prints_a_result(file: Path):
    path = os.pathsep.join(filter(None, map(os.path.abspath, sys.path)))
    command = [sys.executable, str(file)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, env={**os.environ, "PYTHONPATH": path}
    )
    assert done.returncode == 0, done.stderr
    assert "Sharpe ratio" in done.stdout
