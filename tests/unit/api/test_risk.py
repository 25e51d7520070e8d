"""What is used of each limit, as the bot counts it: exactly, by its own day, anew after a release and a reset."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from served_api import services_in
from tradebot.api.days import Days
from tradebot.api.risk import limits_of
from tradebot.app.watching import BotSnapshot
from tradebot.core.event import EquityMarked, OperatorAction, OperatorCommand, Reviewed, Submit
from tradebot.core.interval import DAY
from tradebot.core.journal import Message, RunStarted
from tradebot.core.order import OrderIntent
from tradebot.store.journal import SqliteJournal

TODAY = 20_000 * DAY
RULES = {"trading": {"max_drawdown_pct": 30.0}, "risk_management": {"max_daily_trades": 2_000, "max_daily_loss": 500.0}}


def started(run_id: str) -> RunStarted:
    return RunStarted(
        ts=1, run_id=run_id, mode="paper", configuration="{}", configuration_hash="ab" * 32, code_version="0.1.0"
    )


def record(folder: Path, messages: Sequence[Message], run_id: str = "R1") -> None:
    with SqliteJournal(folder) as journal:
        journal.append([started(run_id), *messages], durable=True)


def worth(equity: float, at: int) -> EquityMarked:
    return EquityMarked(ts=at, cash=equity, equity=equity)


def used(folder: Path, equity: float, run_id: str = "R1") -> dict[str, float | None]:
    status: dict[str, Any] = {"ts": TODAY + DAY // 2, "run_id": run_id, "equity": equity, "positions": []}
    bot: Any = SimpleNamespace(configuration=RULES, snapshot=BotSnapshot(phase="running", status=status))
    return {each.name: each.used for each in limits_of(services_in(folder, bot=bot, account=folder))}


def test_every_entry_of_the_day_is_counted_and_nothing_else(tmp_path: Path):
    messages: list[Message] = []
    for number in range(1_500):
        at = TODAY + number if number >= 100 else TODAY - 1
        messages.append(Reviewed(ts=at, order_id=f"R1-{number}", symbol="BTCUSDT", allowed=True))
        messages.append(Submit(f"R1-{number}", OrderIntent("BTCUSDT", "buy", 1.0)))
        messages.append(Reviewed(ts=at, order_id=f"R1-{number}x", symbol="BTCUSDT", allowed=True))
        messages.append(Submit(f"R1-{number}x", OrderIntent("BTCUSDT", "sell", 1.0, reduce_only=True)))
    messages.append(Reviewed(ts=TODAY, order_id="R1-refused", symbol="BTCUSDT", allowed=False, rule="max_positions"))
    record(tmp_path, messages)
    assert used(tmp_path, 1_000.0)["max_daily_trades"] == 1_400


def test_entries_of_an_earlier_run_are_not_counted_as_the_bot_does_not_count_them(tmp_path: Path):
    for run_id in ("R1", "R2"):
        sent = Submit(f"{run_id}-1", OrderIntent("BTCUSDT", "buy", 1.0))
        record(tmp_path, [Reviewed(ts=TODAY, order_id=sent.order_id, symbol="BTCUSDT", allowed=True), sent], run_id)
    assert used(tmp_path, 1_000.0, run_id="R2")["max_daily_trades"] == 1


def test_a_day_begins_with_what_the_one_before_ended_with(tmp_path: Path):
    record(tmp_path, [worth(990.0, TODAY), worth(1_010.0, TODAY + 60), worth(950.0, TODAY + 120)])
    assert Days().opening(tmp_path, "R1", TODAY + 120) == 990.0
    assert used(tmp_path, 950.0)["max_daily_loss"] == 40.0


def test_an_account_that_begins_anew_on_the_same_day_has_another_opening(tmp_path: Path):
    days = Days()
    record(tmp_path / "old", [worth(1_000.0, TODAY)])
    record(tmp_path / "new", [worth(700.0, TODAY + 60)], run_id="R2")
    assert days.opening(tmp_path / "old", "R1", TODAY + 60) == 1_000.0
    assert days.opening(tmp_path / "new", "R2", TODAY + 60) == 700.0


def test_a_drawdown_counts_from_the_highest_equity_of_the_run_however_long_ago(tmp_path: Path):
    curve = [worth(2_000.0, TODAY), *(worth(1_500.0 + number % 7, TODAY + number) for number in range(1, 25_000))]
    record(tmp_path, curve)
    assert used(tmp_path, 1_500.0)["max_drawdown"] == pytest.approx(0.25)


def test_the_highest_equity_is_carried_on_as_the_curve_grows(tmp_path: Path):
    days = Days()
    record(tmp_path, [worth(1_000.0, TODAY), worth(1_200.0, TODAY + 1)])
    assert days.peak(tmp_path, "R1") == 1_200.0
    record(tmp_path, [worth(1_100.0, TODAY + 2)])
    assert days.peak(tmp_path, "R1") == 1_200.0
    record(tmp_path, [worth(1_300.0, TODAY + 3)])
    assert days.peak(tmp_path, "R1") == 1_300.0


def test_losses_count_anew_from_a_release(tmp_path: Path):
    release = OperatorCommand(TODAY + 3, OperatorAction.RELEASE, "ann", "looked at it")
    record(tmp_path, [worth(2_000.0, TODAY + 1), worth(1_200.0, TODAY + 2), release, worth(1_100.0, TODAY + 4)])
    found = used(tmp_path, 1_100.0)
    assert found["max_drawdown"] == pytest.approx(1 - 1_100 / 1_200)
    assert found["max_daily_loss"] == 100.0


def test_nothing_is_told_to_be_used_before_the_bot_has_stood(tmp_path: Path):
    bot: Any = SimpleNamespace(configuration=RULES, snapshot=BotSnapshot())
    found = limits_of(services_in(tmp_path, bot=bot, account=tmp_path))
    assert {each.name: each.used for each in found} == {
        "max_drawdown": None, "max_daily_trades": None, "max_daily_loss": None,
    }  # fmt: skip
