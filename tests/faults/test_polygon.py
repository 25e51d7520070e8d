"""Polygon: its limit on base aggregates, and answers that are not whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from loopback import loopback
from provider_answers import DAY, SPAN, polygon
from provider_client import SPY, fetch
from tradebot.core.interval import Interval
from tradebot.store.bars import ParquetBarStore

pytestmark = pytest.mark.usefixtures("quick_retries")


@pytest.mark.parametrize("interval", ["1h", "4h", "5m"])
def test_no_page_of_polygon_needs_more_base_aggregates_than_it_takes(interval: str, tmp_path: Path):
    length = Interval.parse(interval)
    end = SPAN[0] + 100 * DAY.ns

    def aggregates(path: str, query: dict[str, str]) -> Any:
        """Of the base aggregates of a span, its minutes, no more than the limit are looked at."""
        first, last = (int(part) * 1_000_000 for part in path.split("/")[8:])
        last = min(last, first + int(query["limit"]) * 60_000_000_000 - 1)
        opened = range(-(-first // length.ns) * length.ns, last + 1, length.ns)
        rows = [{"t": ts // 1_000_000, "v": 1.0, "o": 1.0, "h": 1.0, "l": 1.0, "c": 1.0} for ts in opened]
        return {"status": "DELAYED", "resultsCount": len(rows), "results": rows}

    store = ParquetBarStore(tmp_path)
    with loopback(aggregates) as server:
        assert fetch("polygon", server, store, length, end).failure == ""
    assert len(store.read(SPY, length)) == 100 * DAY.ns // length.ns


def test_an_answer_of_polygon_that_goes_on_elsewhere_is_not_taken_for_whole(tmp_path: Path):
    def cut(path: str, query: dict[str, str]) -> Any:
        return polygon(path, query) | {"next_url": "https://api.massive.com/v2/aggs/more"}

    with loopback(cut) as server:
        assert "the answer is not whole" in fetch("polygon", server, ParquetBarStore(tmp_path)).failure
