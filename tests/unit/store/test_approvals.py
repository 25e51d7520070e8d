"""Live trading is approved for one configuration, by a person, for a time, on record."""

from pathlib import Path

import pytest

from tradebot.core.errors import ConfigError, JournalError
from tradebot.store.approvals import Approvals

HASH, OTHER = "aa" * 32, "bb" * 32
NOW, DAY = 10**18, 86_400 * 10**9


@pytest.fixture
def approvals(tmp_path: Path) -> Approvals:
    kept = Approvals(tmp_path / "approvals")
    kept.approve(HASH, operator="ann", now=NOW, expires=NOW + DAY, account="binance", symbols=("BTCUSDT",))
    return kept


def test_an_approval_holds_for_its_configuration_alone(approvals: Approvals):
    assert approvals.require(HASH, NOW + 1).operator == "ann"
    with pytest.raises(ConfigError, match="never approved.*`tradebot live approve CONFIG`"):
        approvals.require(OTHER, NOW + 1)


def test_an_approval_ends_at_its_time(approvals: Approvals):
    assert approvals.require(HASH, NOW + DAY - 1)
    with pytest.raises(ConfigError, match="its approval by ann expired at 2001-09-10"):
        approvals.require(HASH, NOW + DAY)
    assert approvals.holding(NOW + DAY) == []


def test_a_revoked_approval_holds_no_more_until_it_is_given_again(approvals: Approvals):
    approvals.revoke(HASH, operator="bob", now=NOW + 1)
    with pytest.raises(ConfigError, match="revoked by bob"):
        approvals.require(HASH, NOW + 2)
    with pytest.raises(ConfigError, match="revoked by bob"):
        approvals.revoke(HASH, operator="bob", now=NOW + 2)
    approvals.approve(HASH, operator="ann", now=NOW + 3, expires=NOW + DAY)
    assert [each.configuration_hash for each in approvals.holding(NOW + 4)] == [HASH]
    assert [each.action for each in approvals.history()] == ["approve", "revoke", "approve"]


def test_an_approval_that_would_have_expired_already_is_refused(approvals: Approvals):
    with pytest.raises(ConfigError, match="has passed. Give a time to come"):
        approvals.approve(OTHER, operator="ann", now=NOW, expires=NOW)


def test_every_changed_byte_of_the_file_is_noticed(approvals: Approvals):
    approvals.approve(OTHER, operator="bob", now=NOW, expires=NOW + DAY)
    whole = approvals.path.read_bytes()
    for place in range(0, len(whole), 5):
        changed = bytearray(whole)
        changed[place] ^= 1
        approvals.path.write_bytes(changed)
        with pytest.raises(JournalError, match="Nothing counts as approved"):
            approvals.require(HASH, NOW + 1)


def test_a_removed_revocation_is_noticed(approvals: Approvals):
    before = approvals.path.read_bytes()
    approvals.revoke(HASH, operator="bob", now=NOW + 1)
    approvals.path.write_bytes(before)
    with pytest.raises(JournalError, match="cut off its end"):
        approvals.require(HASH, NOW + 2)
    approvals.path.unlink()
    with pytest.raises(JournalError, match="cannot be read"):
        approvals.history()


def test_a_crash_before_the_head_is_exported_loses_nothing(approvals: Approvals):
    head = (approvals.folder / "head").read_bytes()
    approvals.revoke(HASH, operator="bob", now=NOW + 1)
    (approvals.folder / "head").write_bytes(head)
    with pytest.raises(ConfigError, match="revoked by bob"):
        approvals.require(HASH, NOW + 2)
    approvals.approve(HASH, operator="ann", now=NOW + 3, expires=NOW + DAY)
    assert len(approvals.history()) == 3


def test_nothing_is_approved_where_nothing_was_kept(tmp_path: Path):
    assert Approvals(tmp_path).history() == []
