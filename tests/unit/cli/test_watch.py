"""The view of a bot, drawn for terminals of several widths."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from rich.console import Console

from tradebot.app.standing import Standing, standing_of
from tradebot.cli.main import root
from tradebot.cli.watch.activity import recent
from tradebot.cli.watch.view import view
from tradebot.store.latch import Halted

CONFIG: dict[str, Any] = {
    "broker": {"type": "mock", "initial_balance": 10000.0},
    "trading": {"symbols": ["MOCKUSDT", "OTHERUSDT"], "position_size": 0.4},
    "data": {"data_source": "mock", "interval": "1m", "lookback_bars": 50},
    "strategy": {"type": "sma_cross", "params": {"fast": 3, "slow": 6}},
    "risk_management": {"stop_loss_pct": 2.0, "take_profit_pct": 4.0},
    "engine": {"mode": "paper", "account": "watched"},
}


@pytest.fixture(scope="module", autouse=True)
def traded(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("watched")
    (folder / "bot.json").write_text(json.dumps(CONFIG))
    found = CliRunner().invoke(root, ["run", str(folder / "bot.json"), "--iterations", "300"])
    assert found.exit_code == 0, found.stderr


def standing(**changes: Any) -> Standing:
    return msgspec.structs.replace(standing_of("watched"), **changes)


def drawn(shown: Standing, width: int = 80) -> str:
    console = Console(width=width, record=True, file=Path("/dev/null").open("w"))  # noqa: SIM115 - as long as the test
    console.print(view(shown, recent("watched", 8)))
    return console.export_text()


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_the_view_fits_the_terminal_and_nothing_of_the_money_is_cut(width: int):
    text = drawn(standing(), width)
    found = standing().status
    assert found is not None
    assert max(map(len, text.splitlines())) <= width
    for figure in (found["equity"], found["cash"]):
        assert f"{figure:,.2f}" in text


def test_a_position_is_shown_with_the_exits_that_rest_for_it():
    found = standing().status
    assert found is not None
    (held,) = found["positions"]
    exits = [order for order in found["orders"] if order["reduce_only"] and order["tag"] != "signal"]
    line = next(line for line in drawn(standing()).splitlines() if held["symbol"] in line)
    for order in exits:
        assert f"{order['trigger'] or order['price']:.8g}" in line
    bare = standing(status=found | {"orders": []})
    assert "none" in next(line for line in drawn(bare).splitlines() if held["symbol"] in line)


def test_what_was_done_last_comes_first_and_a_signal_before_its_order_and_trade():
    done = recent("watched", 30)
    assert [each.ts for each in done] == sorted((each.ts for each in done), reverse=True)
    assert {each.kind for each in done} == {"signal", "order", "fill"}
    moments = {each.ts for each in done}
    for ts in moments:
        kinds = [each.kind for each in done if each.ts == ts]
        assert kinds == sorted(kinds, key=("fill", "order", "signal").index)


def test_live_trading_a_halt_and_a_silent_bot_are_not_to_be_missed():
    found = standing().status
    assert found is not None
    halted = Halted(ts=1, operator="somebody", reason="a drill")
    text = drawn(standing(status=found | {"mode": "live"}, halted=halted, is_alive=True, age_s=40.0))
    assert "LIVE" in text
    assert "halted by somebody: a drill. `tradebot release` ends it." in text
    assert "hangs" in text


def test_a_bot_that_has_published_nothing_yet_is_starting():
    assert "the bot is starting" in drawn(standing(status=None))


@pytest.mark.parametrize("words", [["run", "bot.json", "--watch"], ["status", "--account", "watched", "--watch"]])
def test_where_there_is_no_terminal_nothing_is_drawn(words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    Path("bot.json").write_text(json.dumps(CONFIG))
    found = CliRunner().invoke(root, words)
    assert found.exit_code == 2
    assert "--watch draws on a terminal" in found.stderr
