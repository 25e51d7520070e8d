"""From when on a broker is asked what the record of a run may lack."""

from __future__ import annotations

from typing import Any

import pytest

from tradebot.app.missed import told_until
from tradebot.core.interval import SECOND
from tradebot.core.journal import RunStarted
from tradebot.store.journal.reading import Known

HOUR = 3_600 * SECOND
BEGUN = RunStarted(
    ts=100 * HOUR, run_id="R1", mode="live", configuration="{}", configuration_hash="0" * 64, code_version="0.1.0"
)


class Record:
    """A journal that is asked for one thing."""

    def __init__(self, known: Known | None) -> None:
        self._known = known

    def known_until(self, run_id: str) -> Known | None:
        assert run_id == BEGUN.run_id
        return self._known


def since(known: Known | None, begun: RunStarted | None = BEGUN) -> int | None:
    record: Any = Record(known)
    return told_until(record, begun)


@pytest.mark.parametrize(("known", "begun"), [(None, BEGUN), (Known(compared=1, newest=None, earlier=None), None)])
def test_a_run_that_was_never_compared_is_told_what_is_to_come(known: Known | None, begun: RunStarted | None):
    assert since(known, begun) is None


def test_it_is_the_newest_trade_that_the_comparison_covers_and_a_while_before_it():
    found = since(Known(compared=200 * HOUR, newest=150 * HOUR, earlier=None))
    assert found == 150 * HOUR - 60 * SECOND


def test_without_a_trade_it_is_the_comparison_and_nothing_from_before_the_run():
    assert since(Known(compared=200 * HOUR, newest=None, earlier=None)) == 200 * HOUR - 60 * SECOND
    assert since(Known(compared=100 * HOUR + SECOND, newest=None, earlier=None)) == 100 * HOUR


def test_trades_of_earlier_runs_stay_theirs_however_fast_the_market_is_played():
    assert since(Known(compared=101 * HOUR, newest=None, earlier=130 * HOUR)) == 130 * HOUR + 1_000_000


def test_a_market_of_the_past_is_asked_by_its_own_time():
    assert since(Known(compared=101 * HOUR, newest=2 * HOUR, earlier=HOUR)) == 2 * HOUR - 60 * SECOND
