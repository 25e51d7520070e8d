"""Yahoo: splits in its prices, hosts it is not to be asked at, and what it says of a market."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from loopback import loopback
from provider_answers import DAY, SPAN, price, yahoo
from provider_client import SPY, fetch
from tradebot.core.errors import DataError
from tradebot.core.interval import Interval
from tradebot.feeds.provider import provider
from tradebot.feeds.yahoo_line import YahooLine
from tradebot.store.bars import ParquetBarStore

pytestmark = pytest.mark.usefixtures("quick_retries")


def test_prices_of_yahoo_are_stored_as_traded_whatever_splits_came_since(tmp_path: Path):
    splits = {5: 4, 12: 2, 15: 10}
    with loopback(lambda path, query: yahoo(path, query, splits)) as server:
        fetch("yahoo", server, ParquetBarStore(tmp_path / "whole"))
        # Splits after the bars that are asked for are in their prices too.
        fetch("yahoo", server, ParquetBarStore(tmp_path / "part"), end=SPAN[0] + 10 * DAY.ns)
    for name, count in (("whole", 20), ("part", 10)):
        bars = ParquetBarStore(tmp_path / name).read(SPY, DAY)
        np.testing.assert_allclose(bars.close, [price(n)[3] for n in range(count)])
        np.testing.assert_allclose(bars.volume, [1000 + n for n in range(count)])


def test_yahoo_is_asked_for_charts_alone(tmp_path: Path):
    with loopback(yahoo) as server:
        fetch("yahoo", server, ParquetBarStore(tmp_path))
        assert [path for _, path, _ in server.requests] == ["/v8/finance/chart/SPY"] * 2
        line = YahooLine(server.url)
        with pytest.raises(DataError, match=r"yfinance asks fc\.yahoo\.com/cookie, which is no chart\. This version"):
            line.ticker("SPY")._data.get("https://fc.yahoo.com/cookie")
        assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ({"code": "Not Found", "description": "No data found, symbol may be delisted"}, "Yahoo has no such market"),
        ({"code": "Bad Request", "description": "Invalid input - interval=9m"}, "Yahoo refuses: Invalid input"),
        ({"code": "Bad Request", "description": "Data doesn't exist for startDate = 1, endDate = 2"}, ""),
    ],
)
@pytest.mark.parametrize("status", [200, 400, 404])
def test_what_yahoo_says_of_a_market_is_told_and_not_asked_again(
    status: int, error: dict[str, str], told: str, tmp_path: Path
):
    with loopback(lambda path, query: {"chart": {"result": None, "error": error}}) as server:
        server.status = status
        done = fetch("yahoo", server, ParquetBarStore(tmp_path))
    assert told in done.failure
    assert bool(told) == bool(done.failure)
    assert len(server.requests) <= 2


def test_yahoos_limit_on_minutes_is_told_before_it_is_asked():
    async def run() -> None:
        await provider("yahoo", {}).history(SPY, Interval.parse("1m"), *SPAN)

    with pytest.raises(DataError, match="Yahoo keeps 1m bars for 30 days. Begin later"):
        asyncio.run(run())
