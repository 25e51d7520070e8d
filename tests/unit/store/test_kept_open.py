"""Ledgers that are kept open are those of the account as it is now, each lent to one at a time."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tradebot.core.errors import JournalError
from tradebot.core.journal import RunStarted
from tradebot.store.journal import SqliteJournal
from tradebot.store.ledger import kept_open
from tradebot.store.ledger.kept_open import KeptOpen
from tradebot.store.ledger.queries import Ledger


def started(run_id: str) -> RunStarted:
    return RunStarted(ts=1, run_id=run_id, mode="paper", configuration="{}", configuration_hash="", code_version="0")


def record(folder: Path, run_id: str) -> None:
    with SqliteJournal(folder) as journal:
        journal.append([started(run_id)], durable=True)


def runs_in(kept: KeptOpen, folder: Path) -> set[str]:
    with kept.ledger(folder) as ledger:
        return {run.run_id for run in ledger.runs()}


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Ledger]:
    """Every ledger that was opened."""
    found: list[Ledger] = []
    made: Callable[[Path], Ledger] = Ledger

    def opening(folder: Path) -> Ledger:
        found.append(made(folder))
        return found[-1]

    monkeypatch.setattr(kept_open, "Ledger", opening)
    return found


def test_questions_that_follow_each_other_are_answered_from_one_ledger_which_sees_what_is_new(
    tmp_path: Path, opened: list[Ledger]
):
    kept = KeptOpen()
    with SqliteJournal(tmp_path) as journal:
        for run_id in ("R1", "R2"):
            journal.append([started(run_id)], durable=True)
            assert run_id in runs_in(kept, tmp_path)
    assert len(opened) == 1


def test_questions_at_once_have_a_ledger_each(tmp_path: Path, opened: list[Ledger]):
    record(tmp_path, "R1")
    kept = KeptOpen()
    with kept.ledger(tmp_path) as one, kept.ledger(tmp_path) as another, kept.ledger(tmp_path) as third:
        assert len({id(one), id(another), id(third)}) == 3
    assert len(kept._idle) == 2


def test_nothing_is_read_any_more_of_a_record_that_was_set_aside(tmp_path: Path):
    account = tmp_path / "account"
    record(account, "R1")
    kept = KeptOpen()
    assert runs_in(kept, account) == {"R1"}
    account.rename(tmp_path / "aside")
    with pytest.raises(JournalError, match="no such ledger"):
        runs_in(kept, account)
    record(account, "R2")
    assert runs_in(kept, account) == {"R2"}


def test_a_ledger_that_failed_is_not_lent_again(tmp_path: Path, opened: list[Ledger]):
    record(tmp_path, "R1")
    kept = KeptOpen()
    with pytest.raises(ZeroDivisionError), kept.ledger(tmp_path):
        raise ZeroDivisionError
    assert runs_in(kept, tmp_path) == {"R1"}
    assert len(opened) == 2
    kept.close()
    assert not kept._idle
