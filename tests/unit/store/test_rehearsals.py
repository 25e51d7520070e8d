"""A receipt opens real money where it is of the demo, of this code, passed in every act and not old."""

from pathlib import Path

import msgspec
import pytest

from tradebot.core.errors import ConfigError, DataError, JournalError
from tradebot.store.rehearsals import VALID_DAYS, Receipt, Rehearsals, Standard, Step

NOW, DAY = 10**18, 86_400 * 10**9
PASSED = Step(name="close", expected="nothing rests", said="nothing rests", seconds=1.0, passed=True)
FAILED = Step(name="close", expected="nothing rests", said="an order rests", seconds=1.0, passed=False)
STANDARD = Standard(version="0.1.0", digest="a1" * 32, acts=("entry", "close"))
ENTRY = msgspec.structs.replace(PASSED, name="entry")
RECEIPT = Receipt(
    ts=NOW, market="spot", host="demo", symbol="BTCUSDT", version="0.1.0", digest="a1" * 32, steps=(ENTRY, PASSED)
)


@pytest.fixture
def rehearsals(tmp_path: Path) -> Rehearsals:
    kept = Rehearsals(tmp_path / "home" / "rehearsals")
    kept.keep(RECEIPT)
    return kept


def test_a_receipt_counts_for_its_market_and_its_time(rehearsals: Rehearsals):
    assert rehearsals.require("spot", NOW + VALID_DAYS * DAY - 1, STANDARD) == RECEIPT
    with pytest.raises(ConfigError, match="counts for 30 days"):
        rehearsals.require("spot", NOW + VALID_DAYS * DAY, STANDARD)
    with pytest.raises(ConfigError, match="usdm has not been rehearsed.*: tradebot live rehearse CONFIG"):
        rehearsals.require("usdm", NOW, STANDARD)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"version": "0.0.9"}, "it was of version 0.0.9"),
        ({"digest": "b2" * 32}, r"it was of other code \(source b2b2b2b2b2b2, and this is a1a1a1a1a1a1\)"),
        ({"steps": (ENTRY,)}, 'it had no step "close"'),
        ({"ts": NOW + 1}, "it is of 2001-09-09.*, which has not come"),
        ({"steps": (PASSED, FAILED)}, 'its step "close" failed at 2001-09-09.*: an order rests'),
    ],
)
def test_what_does_not_count_says_why(change: dict[str, object], words: str, rehearsals: Rehearsals):
    rehearsals.keep(msgspec.structs.replace(RECEIPT, **change))
    with pytest.raises(ConfigError, match=f"not been rehearsed on Binance's demo with this code; {words}"):
        rehearsals.require("spot", NOW, STANDARD)


def test_a_rehearsal_on_the_local_exchange_proves_nothing_and_takes_no_proof_away(rehearsals: Rehearsals):
    local = msgspec.structs.replace(RECEIPT, host="local", steps=(FAILED,))
    rehearsals.keep(local)
    assert rehearsals.require("spot", NOW, STANDARD) == RECEIPT
    assert rehearsals.all() == [RECEIPT, local]
    assert "proves nothing" in msgspec.structs.replace(local, steps=(PASSED,)).fault(NOW, STANDARD)


def test_a_receipt_of_the_local_exchange_that_is_put_in_the_demos_place_does_not_count(rehearsals: Rehearsals):
    local = msgspec.structs.replace(RECEIPT, host="local")
    (rehearsals.folder / "demo-spot.json").write_bytes(msgspec.json.encode(local))
    with pytest.raises(ConfigError, match="proves nothing"):
        rehearsals.require("spot", NOW, STANDARD)


def test_a_receipt_that_does_not_say_of_which_code_it_was_says_to_rehearse_again(rehearsals: Rehearsals):
    file = rehearsals.folder / "demo-spot.json"
    earlier = msgspec.json.decode(file.read_bytes())
    del earlier["digest"]
    file.write_bytes(msgspec.json.encode(earlier))
    words = "does not say of which code it was.*Do it with play money: tradebot live rehearse CONFIG"
    with pytest.raises(ConfigError, match=words):
        rehearsals.require("spot", NOW, STANDARD)


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff"])
def test_a_receipt_that_cannot_be_read_does_not_count(content: bytes, rehearsals: Rehearsals):
    (rehearsals.folder / "demo-spot.json").write_bytes(content)
    with pytest.raises(JournalError, match="cannot be read.*rehearse again"):
        rehearsals.require("spot", NOW, STANDARD)


def test_a_receipt_that_cannot_be_written_says_so(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="cannot be written"):
        Rehearsals(tmp_path / "file" / "rehearsals").keep(RECEIPT)


def test_a_receipt_with_no_steps_proves_nothing(rehearsals: Rehearsals):
    rehearsals.keep(msgspec.structs.replace(RECEIPT, steps=()))
    with pytest.raises(ConfigError, match="no step"):
        rehearsals.require("spot", NOW, STANDARD)
