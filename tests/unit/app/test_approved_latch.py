"""An approval that ends while the bot trades halts it before its next order."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tradebot.app.approved_latch import ApprovedLatch
from tradebot.store.approvals import Approvals
from tradebot.store.latch import HaltLatch

HASH = "a" * 64
HOUR = 3_600_000_000_000


@pytest.fixture
def approvals(tmp_path: Path) -> Approvals:
    return Approvals(tmp_path / "approvals")


@pytest.fixture
def latch(tmp_path: Path) -> HaltLatch:
    return HaltLatch(tmp_path / "account")


def approve(approvals: Approvals, valid_ns: int = HOUR, configuration_hash: str = HASH) -> None:
    now = time.time_ns()
    approvals.approve(configuration_hash, operator="me", now=now, expires=now + valid_ns)


def reason(latch: HaltLatch) -> str:
    halted = latch.read()
    return "" if halted is None else halted.reason


def test_it_is_not_set_while_the_approval_holds(approvals: Approvals, latch: HaltLatch):
    approve(approvals)
    assert not ApprovedLatch(latch, approvals, HASH).is_set
    assert not latch.is_set


def test_a_revocation_sets_it_for_everybody(approvals: Approvals, latch: HaltLatch):
    approve(approvals)
    watched = ApprovedLatch(latch, approvals, HASH)
    assert not watched.is_set
    approvals.revoke(HASH, operator="somebody", now=time.time_ns())
    assert watched.is_set
    assert "its approval was revoked by somebody" in reason(latch)
    assert watched.read() == latch.read()


def test_an_approval_that_runs_out_sets_it(approvals: Approvals, latch: HaltLatch):
    approve(approvals, valid_ns=HOUR // 7_200)
    watched = ApprovedLatch(latch, approvals, HASH)
    assert not watched.is_set
    time.sleep(0.6)
    assert watched.is_set
    assert "its approval by me expired at" in reason(latch)


def test_an_approval_of_something_else_changes_nothing(approvals: Approvals, latch: HaltLatch):
    approve(approvals)
    watched = ApprovedLatch(latch, approvals, HASH)
    assert not watched.is_set
    approve(approvals, configuration_hash="b" * 64)
    assert not watched.is_set


def test_approvals_that_were_forged_or_lost_set_it(approvals: Approvals, latch: HaltLatch):
    approve(approvals)
    watched = ApprovedLatch(latch, approvals, HASH)
    assert not watched.is_set
    approvals.path.unlink()
    assert watched.is_set
    assert "cannot be read" in reason(latch)


def test_a_release_without_a_new_approval_does_not_last(approvals: Approvals, latch: HaltLatch):
    approve(approvals)
    watched = ApprovedLatch(latch, approvals, HASH)
    approvals.revoke(HASH, operator="me", now=time.time_ns())
    assert watched.is_set
    latch.release()
    assert watched.is_set
    approve(approvals)
    latch.release()
    assert not watched.is_set
