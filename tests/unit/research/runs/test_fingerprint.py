"""A fingerprint is the same for the same data and another for any other."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pytest

from tradebot import BarArray
from tradebot.feeds.mock import mock_bars
from tradebot.research.runs.fingerprint import columns_digest, market_prints
from tradebot.research.runs.inputs import Inputs
from tradebot.store.funding import Funding

BARS = mock_bars("MOCKUSDT", "1m", 500, 1)


def digest(bars: BarArray) -> str:
    return market_prints([bars])[0].digest


def test_the_digest_is_what_a_person_can_compute():
    columns = {"b": np.array([1.5]), "a": np.array([2, 3])}
    told = b"a:2:" + b"\x02" + bytes(7) + b"\x03" + bytes(7) + b"b:1:" + b"\0\0\0\0\0\0\xf8\x3f"
    assert columns_digest(columns) == hashlib.sha256(told).hexdigest()


def test_the_same_bars_have_the_same_print_however_they_lie_in_memory():
    again = mock_bars("MOCKUSDT", "1m", 600, 1)[:500]
    assert market_prints([again]) == market_prints([BARS])
    wide = np.stack([BARS.close, BARS.close], axis=1)
    assert digest(replace(BARS, close=wide[:, 0])) == digest(BARS)


@pytest.mark.parametrize("column", ["ts", "open", "high", "low", "close", "volume"])
def test_one_bit_of_one_bar_changes_the_print(column: str):
    changed = getattr(BARS, column).copy()
    changed.view(np.uint8)[0] ^= 1
    made = replace(BARS)
    object.__setattr__(made, column, changed)
    assert digest(made) != digest(BARS)


def test_a_bar_more_or_less_changes_the_print():
    assert len({digest(BARS), digest(BARS[1:]), digest(BARS[:-1])}) == 3


def test_funding_counts_within_the_run_and_not_outside():
    start, end = int(BARS.ts[0]), int(BARS.close_ts[-1])

    def payments(*ts: int) -> Funding:
        return Funding(np.array(ts), np.full(len(ts), 1e-4), np.full(len(ts), np.nan))

    def print_with(funding: Funding):
        (found,) = market_prints([BARS], Inputs(funding={"MOCKUSDT": funding}))
        return found.funding, found.funding_digest

    inside = print_with(payments(start, start + 7, end))
    assert inside[0] == 3
    assert print_with(payments(start - 1, start, start + 7, end, end + 1)) == inside
    assert print_with(payments(start, start + 8, end)) != inside
    assert market_prints([BARS])[0].funding_digest == ""
