"""The journal keeps what it was given, in order, and notices whatever is done to it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from tradebot.core.account import AccountSnapshot
from tradebot.core.errors import JournalError
from tradebot.core.event import Cancel, FeedHealth, OrderUpdate, Submit, Timer
from tradebot.core.fill import Fill, Liquidity
from tradebot.core.journal import Checkpoint, Head, RunStarted, RunStopped
from tradebot.core.order import OrderIntent, OrderState, Side
from tradebot.core.wire import encode
from tradebot.store.account_file import FILE
from tradebot.store.database import check_library
from tradebot.store.journal import JournalReader, SqliteJournal, reading
from tradebot.store.journal.chain import EMPTY
from tradebot.store.journal.reading import Known
from tradebot.store.migrations import steps

START = RunStarted(
    ts=1, run_id="R1", mode="paper", configuration="{}", configuration_hash="0" * 64, code_version="0.1.0"
)
SUBMIT = Submit("R1-1", OrderIntent("BTCUSDT", "buy", 1.0))


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.ts = 10**18

    def __call__(self) -> int:
        return self.ts


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Folder of an account with three entries in its journal."""
    with SqliteJournal(tmp_path / "paper", clock=Clock()) as journal:
        journal.append([START], durable=True)
        journal.append([Timer(5, "watch"), SUBMIT], durable=True)
    return tmp_path / "paper"


def tamper(folder: Path, *statements: str) -> None:
    """Change the database behind the journal's back."""
    connection = sqlite3.connect(folder / FILE)
    with connection:
        for name in ("entries_are_never_changed", "entries_are_never_removed"):
            connection.execute(f"DROP TRIGGER IF EXISTS {name}")
        for statement in statements:
            connection.execute(statement)
    connection.close()


def on_disk(folder: Path) -> int:
    with JournalReader(folder) as reader:
        return reader.head.seq


def test_entries_come_back_in_order_with_their_run_and_time(folder: Path):
    with JournalReader(folder) as reader:
        entries = list(reader.read())
    assert [(entry.seq, entry.run_id, entry.at) for entry in entries] == [(n, "R1", 10**18) for n in (1, 2, 3)]
    assert [encode(entry.message) for entry in entries] == [encode(each) for each in (START, Timer(5, "watch"), SUBMIT)]


def test_reading_begins_after_a_given_entry(folder: Path):
    with JournalReader(folder) as reader:
        assert [entry.seq for entry in reader.read(after=2)] == [3]
        assert list(reader.read(after=3)) == []


def test_a_later_process_goes_on_with_the_chain_and_the_run(folder: Path):
    with SqliteJournal(folder) as journal:
        assert (journal.head.seq, journal.run_id) == (3, "R1")
        journal.append([RunStopped(ts=9, reason="asked to")], durable=True)
    with JournalReader(folder) as reader:
        assert reader.verify().seq == 4


def test_nothing_is_recorded_before_a_run_has_started(tmp_path: Path):
    with SqliteJournal(tmp_path) as journal, pytest.raises(JournalError, match="no run has started. Append a Run"):
        journal.append([Timer(1, "x")], durable=True)


def test_entries_that_may_wait_reach_the_disk_with_the_next_durable_ones(folder: Path):
    with SqliteJournal(folder, clock=Clock()) as journal:
        journal.append([FeedHealth(1, "BTCUSDT", True)], durable=False)
        assert on_disk(folder) == 3
        journal.append([Cancel("R1-1")], durable=True)
        assert on_disk(folder) == 5


def test_entries_wait_a_second_at_most_while_more_arrive(folder: Path):
    clock = Clock()
    with SqliteJournal(folder, clock=clock) as journal:
        journal.append([Timer(1, "a")], durable=False)
        clock.ts += 999_999_999
        journal.append([Timer(2, "b")], durable=False)
        assert on_disk(folder) == 3
        clock.ts += 1
        journal.append([Timer(3, "c")], durable=False)
        assert on_disk(folder) == 6


def test_what_waits_is_written_when_it_is_read_flushed_or_closed(folder: Path):
    with SqliteJournal(folder, clock=Clock()) as journal:
        journal.append([Timer(1, "a")], durable=False)
        assert [entry.seq for entry in journal.read(after=3)] == [4]
        journal.append([Timer(2, "b")], durable=False)
        journal.flush()
        assert on_disk(folder) == 5
        journal.append([Timer(3, "c")], durable=False)
    assert on_disk(folder) == 6


def test_a_message_that_cannot_be_written_down_leaves_nothing_of_its_company(folder: Path):
    with SqliteJournal(folder) as journal:
        with pytest.raises(JournalError, match="cannot be recorded"):
            journal.append([Timer(1, "a"), Timer(2**70, "b")], durable=True)
        journal.append([Timer(3, "c")], durable=True)
        assert [encode(entry.message) for entry in journal.read(after=3)] == [encode(Timer(3, "c"))]


def test_a_saved_state_comes_back_with_the_entry_it_was_saved_after(folder: Path):
    with SqliteJournal(folder) as journal:
        assert journal.saved_state("R1") is None
        for number in range(5):
            journal.append([Timer(number, "x")], durable=False)
            journal.save(b"state %d" % number)
        saved = journal.saved_state("R1")
        assert saved is not None
        assert saved.state == b"state 4"
        assert list(journal.read(after=saved.seq)) == []
        assert journal.saved_state("R2") is None
        last = [entry.message for entry in journal.read(after=saved.seq - 1)]
        assert isinstance(last[0], Checkpoint)


def test_a_saved_state_that_was_changed_is_refused(folder: Path):
    with SqliteJournal(folder) as journal:
        journal.save(b"state")
    tamper(folder, "UPDATE saved_states SET state = x'00'")
    with SqliteJournal(folder) as journal, pytest.raises(JournalError, match="the state saved with entry 4 is not"):
        journal.saved_state("R1")


def test_the_database_itself_refuses_to_change_or_remove_an_entry(folder: Path):
    connection = sqlite3.connect(folder / FILE)
    for statement in ("UPDATE entries SET at = 0", "DELETE FROM entries WHERE seq = 3"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(statement)
    connection.close()


@pytest.mark.parametrize(
    ("statement", "fact"),
    [
        ("UPDATE entries SET at = at + 1 WHERE seq = 2", "entry 2 is not what was recorded"),
        ("UPDATE entries SET run_id = 'R2' WHERE seq = 1", "entry 1 is not what was recorded"),
        ("UPDATE entries SET kind = 'Cancel' WHERE seq = 3", "entry 3 is not what was recorded"),
        ("DELETE FROM entries WHERE seq = 2", "entry 2 is missing"),
        ("DELETE FROM entries WHERE seq = 1", "entry 1 is missing"),
    ],
)
def test_a_changed_or_missing_entry_is_named(folder: Path, statement: str, fact: str):
    tamper(folder, statement)
    with JournalReader(folder) as reader, pytest.raises(JournalError, match=f"the chain is broken: {fact}"):
        reader.verify()


def test_every_changed_byte_of_every_entry_is_noticed(folder: Path):
    connection = sqlite3.connect(folder / FILE)
    rows = connection.execute("SELECT seq, body, hash FROM entries").fetchall()
    connection.close()
    for seq, *columns in rows:
        for name, content in zip(("body", "hash"), columns, strict=True):
            for place in range(len(content)):
                changed = bytearray(content)
                changed[place] ^= 1 << place % 8
                tamper(folder, f"UPDATE entries SET {name} = x'{changed.hex()}' WHERE seq = {seq}")
                with JournalReader(folder) as reader, pytest.raises(JournalError, match=f"entry {seq} is not"):
                    reader.verify()
            tamper(folder, f"UPDATE entries SET {name} = x'{content.hex()}' WHERE seq = {seq}")
    with JournalReader(folder) as reader:
        assert reader.verify().seq == 3


def test_no_changed_byte_of_the_file_changes_an_entry_unnoticed(folder: Path):
    with JournalReader(folder) as reader:
        before = [encode(entry.message) for entry in reader.read()]
    file = folder / FILE
    whole = file.read_bytes()
    for place in range(0, len(whole), 499):
        changed = bytearray(whole)
        changed[place] ^= 0x55
        file.write_bytes(changed)
        try:
            with JournalReader(folder) as reader:
                reader.verify()
                after = [encode(entry.message) for entry in reader.read()]
        except JournalError:
            continue
        assert after == before, f"byte {place}"


def test_a_journal_that_was_cut_off_is_refused_at_the_next_start(folder: Path):
    tamper(folder, "DELETE FROM entries WHERE seq = 3")
    with pytest.raises(JournalError, match="it ends with entry 2, and had 3 before"):
        SqliteJournal(folder)


def test_an_exported_head_tells_a_rewritten_journal_from_the_one_it_was(folder: Path, tmp_path: Path):
    with JournalReader(folder) as reader:
        exported = reader.verify()
        assert reader.verify(exported) == exported
    with SqliteJournal(tmp_path / "other") as journal:
        journal.append([START, Timer(6, "watch"), SUBMIT, SUBMIT], durable=True)
    with JournalReader(tmp_path / "other") as reader:
        assert reader.verify().seq == 4
        with pytest.raises(JournalError, match="entry 3 is not the one that was exported"):
            reader.verify(exported)
        with pytest.raises(JournalError, match="ends with entry 4, and had 9 before"):
            reader.verify(Head(9, exported.hash))


def test_an_empty_journal_has_the_empty_head(tmp_path: Path):
    with SqliteJournal(tmp_path) as journal:
        assert journal.head == EMPTY
    with JournalReader(tmp_path) as reader:
        assert reader.verify() == EMPTY


def test_a_second_process_is_refused_with_the_number_of_the_first(folder: Path):
    code = "import sys; from pathlib import Path; from tradebot.store.journal import SqliteJournal\n"
    code += "try: SqliteJournal(Path(sys.argv[1]))\nexcept Exception as error: print(error)"
    with SqliteJournal(folder) as journal:
        told = subprocess.run(
            [sys.executable, "-c", code, folder], capture_output=True, text=True, timeout=60, check=True
        )
        journal.append([Timer(1, "still ours")], durable=True)
    assert "another process (" in told.stdout
    assert "is running on this account. Stop that one first" in told.stdout


def test_a_journal_that_was_closed_can_be_opened_again_in_the_same_process(folder: Path):
    for _ in range(3):
        SqliteJournal(folder).close()


def test_readers_see_the_journal_grow_and_cannot_write(folder: Path):
    with SqliteJournal(folder) as journal, JournalReader(folder) as reader:
        journal.append([Timer(1, "x")], durable=True)
        assert reader.head.seq == 4
        with pytest.raises(sqlite3.OperationalError):
            reader._connection.execute("DELETE FROM entries")


def test_tables_of_a_newer_version_are_refused_by_reader_and_writer(folder: Path):
    tamper(folder, f"PRAGMA user_version = {len(steps()) + 1}")
    for kind in (SqliteJournal, JournalReader):
        with pytest.raises(JournalError, match=f"is of version {len(steps()) + 1}, and this tradebot knows"):
            kind(folder)


def test_a_journal_with_little_room_on_its_disk_is_not_opened_and_says_so_while_it_runs(folder: Path):
    with pytest.raises(JournalError, match=r"less than \d+ MB are free.*Free some space"):
        SqliteJournal(folder, reserve=2**62)
    with SqliteJournal(folder) as journal:
        assert journal.has_headroom
        journal._reserve = 2**62
        assert not journal.has_headroom
        journal.append([Timer(1, "facts are still recorded")], durable=True)


def test_a_missing_journal_is_told_so(tmp_path: Path):
    with pytest.raises(JournalError, match="there is no such ledger. A paper or live run makes it"):
        JournalReader(tmp_path)


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path):
    (tmp_path / FILE).write_bytes(b"notes of mine" * 100)
    for kind in (SqliteJournal, JournalReader):
        with pytest.raises(JournalError, match="is damaged: file is not a database"):
            kind(tmp_path)
    assert (tmp_path / FILE).read_bytes() == b"notes of mine" * 100


def test_an_unreadable_head_file_is_refused(folder: Path):
    (folder / "head.json").write_text("{")
    with pytest.raises(JournalError, match="holds no head of a journal"):
        SqliteJournal(folder)


def test_the_exported_head_is_the_last_entry_s(folder: Path):
    head = msgspec.json.decode((folder / "head.json").read_bytes(), type=Head)
    with JournalReader(folder) as reader:
        assert head == reader.head


def test_a_sqlite_library_without_strict_tables_is_refused():
    with pytest.raises(JournalError, match="version 3.36.0 is too old. Use a Python whose SQLite is 3.37.0"):
        check_library((3, 36, 0))
    check_library((3, 37, 0))


def test_a_journal_is_verified_while_its_bot_goes_on_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with SqliteJournal(tmp_path) as journal, JournalReader(tmp_path) as reader:
        journal.append([START], durable=True)
        check = reading.verify

        def between(*given: object) -> Head:
            head = check(*given)
            journal.append([SUBMIT], durable=True)
            return head

        monkeypatch.setattr(reading, "verify", between)
        assert (reader.verify().seq, reader.head.seq) == (1, 2)


def test_it_is_known_up_to_when_a_run_was_held_against_the_account(tmp_path: Path):
    def compared(ts: int) -> AccountSnapshot:
        return AccountSnapshot(ts=ts, orders=(), positions=(), balances={}, fills=())

    def traded(ts: int) -> OrderUpdate:
        fill = Fill(
            trade_id=str(ts),
            order_id="A-1",
            symbol="BTCUSDT",
            side=Side.BUY,
            price=Decimal(100),
            quantity=Decimal(1),
            fee=Decimal(0),
            fee_currency="USDT",
            liquidity=Liquidity.TAKER,
            ts=ts,
        )
        return OrderUpdate(ts=ts, order_id="A-1", symbol="BTCUSDT", state=OrderState.FILLED, fill=fill)

    with SqliteJournal(tmp_path) as journal:
        journal.append([START, traded(3)], durable=True)
        assert journal.known_until("R1") is None
        journal.append([compared(5), traded(9), compared(7), traded(11)], durable=False)
        assert journal.known_until("R1") == Known(compared=7, newest=9, earlier=None)
        journal.append([msgspec.structs.replace(START, run_id="R2"), compared(20)], durable=False)
        assert journal.known_until("R2") == Known(compared=20, newest=None, earlier=11)
        assert journal.known_until("R3") is None
