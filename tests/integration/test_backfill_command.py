"""`tradebot backfill` as a person uses it: of a configuration or of options, at the pace that was set."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tradebot.cli.main import root
from tradebot.feeds import download as downloads
from tradebot.feeds.download import Pace

DOCUMENT = {
    "broker": {"type": "mock"},
    "trading": {"symbol": "MOCKUSDT"},
    "data": {"data_source": "mock", "interval": "1d"},
    "strategy": {"type": "sma_cross"},
    "backfill": {"days": 30, "batch_size": 3, "concurrent_requests": 4, "rate_limit_delay": 0.25},
}
OPTIONS = ("--provider", "mock", "--symbols", "MOCKUSDT", "--interval", "1d", "--days", "30")


@pytest.fixture
def paces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Pace]:
    """The pace of each download, none of which asks anybody."""
    monkeypatch.setenv("TRADEBOT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bot.json").write_text(json.dumps(DOCUMENT))
    found: list[Pace] = []

    async def watched(*_: Any, pace: Pace, **__: Any) -> list[Any]:
        found.append(pace)
        return []

    monkeypatch.setattr(downloads, "download", watched)
    return found


def backfill(*args: str, **environment: str) -> Result:
    return CliRunner().invoke(root, ["backfill", *args], prog_name="tradebot", env=environment)


@pytest.mark.parametrize("args", [("--config", "bot.json"), ("--config", "bot.json", *OPTIONS)])
def test_the_pace_is_that_of_the_configuration(paces: list[Pace], args: tuple[str, ...]):
    assert backfill(*args).exit_code == 0
    assert [(pace.batch, pace.concurrency, pace.delay) for pace in paces] == [(3, 4, 0.25)]


@pytest.mark.parametrize("args", [("--config", "bot.json"), OPTIONS])
def test_the_pace_is_that_of_the_environment_with_a_configuration_and_without(paces: list[Pace], args: tuple[str, ...]):
    result = backfill(*args, BACKFILL_BATCH_SIZE="7", BACKFILL_CONCURRENT_REQUESTS="2", RATE_LIMIT_DELAY="0.5")
    assert result.exit_code == 0
    assert [(pace.batch, pace.concurrency, pace.delay) for pace in paces] == [(7, 2, 0.5)]


def test_a_variable_that_does_not_fit_is_named(paces: list[Pace]):
    result = backfill(*OPTIONS, RATE_LIMIT_DELAY="-1")
    assert result.exit_code == 2
    assert "RATE_LIMIT_DELAY" in result.stderr
    assert paces == []


def test_a_span_without_a_final_bar_is_told(paces: list[Pace]):
    command = ["data", "download", *OPTIONS[:6], "--start", "2999-01-01"]
    result = CliRunner().invoke(root, command, prog_name="tradebot")
    assert result.exit_code == 2
    assert "--start: no bar from 2999-01-01" in result.stderr
    assert paces == []


def test_days_that_are_there_are_not_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRADEBOT_HOME", str(tmp_path))
    (first,) = json.loads(backfill(*OPTIONS, "--json").stdout)["markets"]
    assert first["bars"] == 30
    (second,) = json.loads(backfill(*OPTIONS, "--json").stdout)["markets"]
    assert (second["bars"], second["requests"]) == (0, 0)


@pytest.mark.parametrize(
    ("section", "markets"),
    [
        ({"mode": "custom", "symbols": ["MOCKB", "MOCKUSDT", "MOCKA"], "max_symbols": 2}, ["MOCKUSDT", "MOCKB"]),
        ({"mode": "all", "max_symbols": 3}, None),
        (None, ["MOCKUSDT"]),
    ],
)
def test_the_universe_of_the_configuration_is_fetched_with_what_is_traded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, section: dict[str, Any] | None, markets: list[str] | None
):
    monkeypatch.setenv("TRADEBOT_HOME", str(tmp_path / "home"))
    file = tmp_path / "bot.json"
    file.write_text(json.dumps(DOCUMENT | ({} if section is None else {"symbols": section})))
    if markets is None:
        listed = CliRunner().invoke(root, ["symbols", "list", "all", "--limit", "3", "--json"], prog_name="tradebot")
        markets = list(dict.fromkeys(["MOCKUSDT", *(each["symbol"] for each in json.loads(listed.stdout)["symbols"])]))
        assert len(markets) >= 3
    fetched = json.loads(backfill("--config", str(file), "--json").stdout)["markets"]
    assert [each["symbol"] for each in fetched] == markets


def test_a_provider_without_a_list_has_no_universe_but_a_custom_one(paces: list[Pace]):
    result = backfill("--config", "bot.json", "--provider", "yahoo", SYMBOL_MODE="large")
    assert result.exit_code == 2
    assert "provider yahoo: it tells no list of its markets" in result.stderr
    assert backfill("--config", "bot.json", SYMBOL_MODE="custom", SYMBOLS="MOCKA").exit_code == 0
    assert backfill("--config", "bot.json", *OPTIONS, SYMBOL_MODE="large").exit_code == 0


def test_a_list_of_no_market_is_refused(paces: list[Pace]):
    result = backfill("--provider", "mock", "--symbols", ",", "--interval", "1d")
    assert (result.exit_code, paces) == (2, [])
    assert "--symbols: names no market" in result.stderr


def test_bars_that_give_way_to_the_providers_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRADEBOT_HOME", str(tmp_path))
    assert backfill(*OPTIONS).exit_code == 0
    assert CliRunner().invoke(root, ["data", "export", "MOCKUSDT", "-o", str(tmp_path / "days.csv")]).exit_code == 0
    text = (tmp_path / "days.csv").read_text().splitlines()
    for row in (3, 4):
        cells = text[row].split(",")
        cells[5] = "1.0"
        text[row] = ",".join(cells)
    (tmp_path / "days.csv").write_text("\n".join(text))
    for command in (
        ["data", "delete", "MOCKUSDT", "--yes"],
        ["data", "import", str(tmp_path / "days.csv"), "--symbol", "MOCKUSDT", "--venue", "mock", "--interval", "1d"],
    ):
        assert CliRunner().invoke(root, command).exit_code == 0
    (found,) = json.loads(backfill(*OPTIONS, "--json").stdout)["markets"]
    assert (found["bars"], found["replaced"]) == (30, 2)
