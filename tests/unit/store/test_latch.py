"""The halt latch holds whatever happens around it."""

from pathlib import Path

import pytest

from tradebot.core.errors import JournalError
from tradebot.store.latch import NAME, Halted, HaltLatch

HALT = Halted(ts=5, operator="ann", reason="the market has gone mad")


def test_a_latch_is_set_read_and_released(tmp_path: Path):
    latch = HaltLatch(tmp_path / "paper")
    assert not latch.is_set
    assert latch.read() is None
    latch.set(HALT)
    assert latch.is_set
    assert HaltLatch(tmp_path / "paper").read() == HALT
    latch.release()
    assert not latch.is_set
    latch.release()


def test_the_first_reason_stays_unless_a_later_halt_also_flattens(tmp_path: Path):
    latch = HaltLatch(tmp_path)
    latch.set(HALT)
    latch.set(Halted(ts=6, operator="bob", reason="another"))
    assert latch.read() == HALT
    flatten = Halted(ts=7, operator="bob", reason="out", flatten=True)
    latch.set(flatten)
    latch.set(HALT)
    assert latch.read() == flatten


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe"])
def test_a_latch_whose_reason_cannot_be_read_still_halts(tmp_path: Path, content: bytes):
    (tmp_path / NAME).write_bytes(content)
    found = HaltLatch(tmp_path).read()
    assert found is not None
    assert "cannot be read" in found.reason


def test_where_it_cannot_be_told_whether_it_is_set_it_is(tmp_path: Path):
    (tmp_path / "file").touch()
    assert HaltLatch(tmp_path / "file").is_set


def test_a_latch_that_cannot_be_set_says_that_nothing_is_halted(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(JournalError, match="cannot be set.*Stop the bot's process, and cancel its orders"):
        HaltLatch(tmp_path / "file").set(HALT)
