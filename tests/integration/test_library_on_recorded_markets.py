"""Every strategy of the library is honest on a month of Bitcoin minutes, and runs on years of days."""

from __future__ import annotations

from pathlib import Path

import pytest

from tradebot.engine.backtest import Backtest
from tradebot.research.verify import verify
from tradebot.store.files import read_bars
from tradebot.strategies import registry

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="the recorded markets lie beside the checkout, not in it")

LIBRARY = [listing.name for listing in registry.catalog().strategies if listing.origin == "library"]
# Its session is shorter than a day.
DAILY = [name for name in LIBRARY if name != "opening_range_breakout"]


@pytest.mark.parametrize("name", LIBRARY)
def test_a_month_of_minutes_speaks_against_none(name: str):
    verdict = verify(registry.find(name)(), read_bars(DATA / "binance_usdm" / "BTCUSDT-1m.parquet"))
    assert [check.fact for check in verdict.checks if check.passed is False] == []


@pytest.mark.parametrize("name", DAILY)
def test_each_trades_spy_by_the_day(name: str):
    bars = read_bars(DATA / "us_equity" / "SPY-1d-raw.csv")
    assert len(Backtest(registry.find(name)(), bars).run().fills["ts"]) > 0
