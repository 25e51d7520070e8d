"""What operators did beside a bot is kept for the audit, and their notes by the trade."""

from __future__ import annotations

import sqlite3
from itertools import count
from pathlib import Path

import pytest

from tradebot.core.errors import JournalError
from tradebot.core.interval import DAY
from tradebot.store.operators import FILE, OperatorsBook, Request


@pytest.fixture
def book(tmp_path: Path) -> OperatorsBook:
    ticks = count(1)
    return OperatorsBook(tmp_path / "account", clock=lambda: next(ticks))


def test_acts_are_told_the_newest_first(book: OperatorsBook):
    for text in ("one", "two", "three"):
        book.add("SimulationReset", "ann", text)
    assert [(each.text, each.operator) for each in book.acts(limit=2)] == [("three", "ann"), ("two", "ann")]
    assert [each.text for each in book.acts(before=2, limit=2)] == ["one"]


def test_a_trade_has_one_note_and_every_change_of_it_is_an_act(book: OperatorsBook):
    book.note("BTCUSDT", "7", "too early", "ann")
    book.note("BTCUSDT", "7", "far too early", "ben")
    book.note("ETHUSDT", "7", "of another market", "ann")
    found = book.notes([("BTCUSDT", "7"), ("BTCUSDT", "8")])
    assert {trade: (note.text, note.operator) for trade, note in found.items()} == {
        ("BTCUSDT", "7"): ("far too early", "ben")
    }
    book.note("BTCUSDT", "7", "", "ann")
    assert book.notes([("BTCUSDT", "7")]) == {}
    assert [each.text for each in book.acts(limit=9)] == [
        "no note on trade 7 of BTCUSDT",
        "note on trade 7 of ETHUSDT: of another market",
        "note on trade 7 of BTCUSDT: far too early",
        "note on trade 7 of BTCUSDT: too early",
    ]


def test_a_request_is_begun_once_a_day_by_each_operator(tmp_path: Path):
    now = [1]
    book = OperatorsBook(tmp_path, clock=lambda: now[0])
    assert book.begin("ann", "k", "of a body") is None
    assert book.begin("ann", "k", "of a body") == Request(digest="of a body", answer=None)
    assert book.begin("ben", "k", "of a body") is None
    book.end("ann", "k", "done")
    now[0] = DAY
    assert OperatorsBook(tmp_path, clock=lambda: now[0]).begin("ann", "k", "x") == Request(
        digest="of a body", answer="done"
    )
    now[0] = DAY + 2
    assert book.begin("ann", "k", "of a body") is None
    book.end("ann", "k", None)
    assert book.begin("ann", "k", "of another") is None


def test_whoever_only_looks_makes_no_file(book: OperatorsBook):
    assert book.acts(limit=1) == []
    assert book.notes([("BTCUSDT", "7")]) == {}
    assert book.notes([]) == {}
    assert not book.path.exists()


def test_only_its_owner_may_read_the_file(book: OperatorsBook):
    book.add("SimulationReset", "ann", "reset")
    assert book.path.stat().st_mode & 0o077 == 0


def test_a_file_that_was_cut_off_before_its_first_act_holds_none(tmp_path: Path):
    (tmp_path / FILE).touch()
    assert OperatorsBook(tmp_path).acts(limit=1) == []


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path):
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(JournalError, match="version 99"):
        OperatorsBook(tmp_path).add("SimulationReset", "ann", "reset")
