"""Policies over several markets, by name: from the command line, a configuration and a file of the user's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tradebot.cli.main import root
from tradebot.strategies import registry

MARKETS = ("-d", "mock", "--symbol", "AAAUSDT", "--symbol", "BBBUSDT", "--interval", "5m", "--bars", "4000")
BUSY = {
    "cross_sectional_momentum": ("-p", "calendar=daily", "-p", "formation=2"),
    "dollar_cost_averaging": ("-p", "calendar=daily"),
    "fixed_weights": ("-p", "weights=AAAUSDT=0.6,BBBUSDT=0.3"),
    "grid": ("-p", "spacing=0.002"),
    "pairs": ("-p", "window=200", "-p", "level=0.1"),
}
MINE = '''\
from tradebot import AllocationPolicy, param, ta


class Stronger(AllocationPolicy):
    """Holds the market whose RSI is higher."""

    period: int = param(14, ge=2, le=200, doc="Bars of the RSI.")

    def setup(self, markets):
        self.rsi = {symbol: ta.rsi(bars.close, self.period) for symbol, bars in markets.items()}
        self.row = 0

    def shares(self, portfolio, snapshot, context):
        self.row += 1
        if self.row % 100:
            return None
        best = max(self.rsi, key=lambda symbol: self.rsi[symbol][-1])
        return dict.fromkeys(self.rsi, 0.0) | {best: 0.9}
'''


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADEBOT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TRADEBOT_STRATEGIES", str(tmp_path / "strategies"))
    monkeypatch.chdir(tmp_path)


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(root, list(map(str, arguments)), prog_name="tradebot")


def document(*arguments: object) -> dict:
    result = invoke(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.mark.parametrize("name", BUSY)
def test_a_policy_runs_by_its_name_and_repeats_to_the_bit(name: str):
    found = document("backtest", name, *MARKETS, *BUSY[name])
    assert found["strategy"] == name
    assert found["symbols"] == ["AAAUSDT", "BBBUSDT"]
    assert found["assumptions"]["form"] == "policy"
    assert document("runs", "repeat", "latest")["identical"] is True


def test_every_policy_is_listed_with_version_form_and_parameters():
    listed = {each["name"]: each for each in document("strategies", "list")["strategies"]}
    assert {name for name, each in listed.items() if each["forms"] == ["policy"]} == set(BUSY)
    for name in BUSY:
        assert listed[name]["version"] == registry.find(name).version
        assert all(param["doc"] for param in listed[name]["params"])
        shown = invoke("strategies", "show", name).stdout
        assert "policy" in shown
        assert all(param.name in shown for param in registry.find(name).parameters.values())


def test_a_configuration_names_a_policy(tmp_path: Path):
    text = {
        "broker": {"type": "mock", "initial_balance": 50_000},
        "trading": {"symbols": ["AAAUSDT", "BBBUSDT"]},
        "data": {"data_source": "mock", "interval": "1h", "lookback_bars": 2_000},
        "strategy": {"type": "fixed_weights", "params": {"when": "weekly"}},
    }
    file = tmp_path / "bot.json"
    file.write_text(json.dumps(text))
    assert document("backtest", "-c", file)["final_balance"] > 0
    text["strategy"]["position_size"] = 0.1
    file.write_text(json.dumps(text))
    refused = invoke("backtest", "-c", file)
    assert refused.exit_code == 2
    assert "strategy.position_size: the policy fixed_weights sizes its own orders" in refused.stderr


def test_what_a_policy_cannot_be_given_is_refused():
    sizer = invoke("backtest", "grid", *MARKETS, "--sizer", "fixed:1")
    assert sizer.exit_code == 2
    assert sizer.stderr.startswith("Error: --sizer: the policy grid sizes its own orders. Leave it out")
    form = invoke("backtest", "grid", *MARKETS, "--form", "rules")
    assert form.exit_code == 2
    assert "grid: it has no rules form. A policy is a form of its own; use auto." in form.stderr


def test_a_policy_of_the_users_runs_is_verified_and_is_told_of_its_errors(tmp_path: Path):
    file = tmp_path / "mine.py"
    file.write_text(MINE)
    assert document("backtest", f"{file}:stronger", *MARKETS)["total_trades"] > 3
    markets = ("-d", "mock", "--symbol", "AAAUSDT", "--symbol", "BBBUSDT")
    assert document("verify", file, *markets)["passed"] is True
    file.write_text(MINE.replace("[-1]", "[0]"))
    broken = invoke("backtest", file, *MARKETS)
    assert broken.exit_code == 2
    assert "mine.py:17" in broken.stderr
