"""A receipt opens real money where it is of the demo, of this version, passed and not old."""

from pathlib import Path

import msgspec
import pytest

from tradebot import __version__
from tradebot.core.errors import ConfigError, DataError, JournalError
from tradebot.store.rehearsals import VALID_DAYS, Receipt, Rehearsals, Step

NOW, DAY = 10**18, 86_400 * 10**9
PASSED = Step(name="close", expected="nothing rests", said="nothing rests", seconds=1.0, passed=True)
FAILED = Step(name="close", expected="nothing rests", said="an order rests", seconds=1.0, passed=False)
RECEIPT = Receipt(ts=NOW, market="spot", host="demo", symbol="BTCUSDT", version=__version__, steps=(PASSED,))


@pytest.fixture
def rehearsals(tmp_path: Path) -> Rehearsals:
    kept = Rehearsals(tmp_path / "home" / "rehearsals")
    kept.keep(RECEIPT)
    return kept


def test_a_receipt_counts_for_its_market_and_its_time(rehearsals: Rehearsals):
    assert rehearsals.require("spot", NOW + VALID_DAYS * DAY - 1, __version__) == RECEIPT
    with pytest.raises(ConfigError, match="counts for 30 days"):
        rehearsals.require("spot", NOW + VALID_DAYS * DAY, __version__)
    with pytest.raises(ConfigError, match="usdm has not been rehearsed.*: tradebot live rehearse CONFIG"):
        rehearsals.require("usdm", NOW, __version__)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"version": "0.0.9"}, "it was of version 0.0.9"),
        ({"ts": NOW + 2 * DAY}, "it is of 2001-09-11.*, which has not come"),
        ({"steps": (PASSED, FAILED)}, 'its step "close" failed at 2001-09-09.*: an order rests'),
    ],
)
def test_what_does_not_count_says_why(change: dict[str, object], words: str, rehearsals: Rehearsals):
    rehearsals.keep(msgspec.structs.replace(RECEIPT, **change))
    with pytest.raises(ConfigError, match=f"not been rehearsed on Binance's demo with this version; {words}"):
        rehearsals.require("spot", NOW, __version__)


def test_a_rehearsal_on_the_local_exchange_proves_nothing_and_takes_no_proof_away(rehearsals: Rehearsals):
    local = msgspec.structs.replace(RECEIPT, host="local", steps=(FAILED,))
    rehearsals.keep(local)
    assert rehearsals.require("spot", NOW, __version__) == RECEIPT
    assert rehearsals.all() == [RECEIPT, local]
    assert "proves nothing" in msgspec.structs.replace(local, steps=(PASSED,)).fault(NOW, __version__)


def test_a_receipt_of_the_local_exchange_that_is_put_in_the_demos_place_does_not_count(rehearsals: Rehearsals):
    local = msgspec.structs.replace(RECEIPT, host="local")
    (rehearsals.folder / "demo-spot.json").write_bytes(msgspec.json.encode(local))
    with pytest.raises(ConfigError, match="proves nothing"):
        rehearsals.require("spot", NOW, __version__)


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff"])
def test_a_receipt_that_cannot_be_read_does_not_count(content: bytes, rehearsals: Rehearsals):
    (rehearsals.folder / "demo-spot.json").write_bytes(content)
    with pytest.raises(JournalError, match="cannot be read.*rehearse again"):
        rehearsals.require("spot", NOW, __version__)


def test_a_receipt_that_cannot_be_written_says_so(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="cannot be written"):
        Rehearsals(tmp_path / "file" / "rehearsals").keep(RECEIPT)


def test_a_receipt_with_no_steps_proves_nothing(rehearsals: Rehearsals):
    rehearsals.keep(msgspec.structs.replace(RECEIPT, steps=()))
    with pytest.raises(ConfigError, match="no step"):
        rehearsals.require("spot", NOW, __version__)
