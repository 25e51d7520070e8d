"""Every strategy of the library is honest on a month of minutes, and runs on years of days."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tradebot.core.bar import BarArray
from tradebot.engine.backtest import Backtest
from tradebot.research.verify import verify
from tradebot.store.factors import adjust, read_factors
from tradebot.store.files import read_bars
from tradebot.strategies import registry

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="the recorded markets lie beside the checkout, not in it")

HOUR = 3_600 * 10**9
DAY = 24 * HOUR
LIBRARY = {listing.name: listing for listing in registry.catalog().strategies if listing.origin == "library"}
POLICIES = [name for name, listing in LIBRARY.items() if listing.forms == ("policy",)]
STRATEGIES = [name for name in LIBRARY if name not in POLICIES]
# Its session is shorter than a day.
DAILY = [name for name in STRATEGIES if name != "opening_range_breakout"]
# What its defaults, which are those of its source, would do too seldom on a month.
OFTEN = {"cross_sectional_momentum": {"calendar": "daily", "formation": 3}}


def coins(name: str) -> list[BarArray]:
    """A month of minutes; two markets for a pair, three for the others."""
    symbols = ("ETH", "BTC") if name == "pairs" else ("BTC", "ETH", "SOL")
    return common([read_bars(DATA / "binance_usdm" / f"{symbol}USDT-1m.parquet") for symbol in symbols])


def stocks(name: str) -> list[BarArray]:
    """Years of days at prices adjusted for splits and dividends."""
    symbols = ("SPY", "QQQ") if name == "pairs" else ("SPY", "QQQ", "IBM", "AAPL")
    folder = DATA / "us_equity"
    adjusted = [
        adjust(read_bars(folder / f"{symbol}-1d-raw.csv"), read_factors(folder / f"{symbol}-factors.csv"))
        for symbol in symbols
    ]
    return common(adjusted)


def common(markets: list[BarArray]) -> list[BarArray]:
    first, last = max(int(bars.ts[0]) for bars in markets), min(int(bars.ts[-1]) for bars in markets)
    return [bars.between(first, last + 1) for bars in markets]


@pytest.mark.parametrize("name", STRATEGIES)
def test_a_month_of_minutes_speaks_against_none(name: str):
    verdict = verify(registry.find(name)(), read_bars(DATA / "binance_usdm" / "BTCUSDT-1m.parquet"))
    assert [check.fact for check in verdict.checks if check.passed is False] == []


@pytest.mark.parametrize("name", POLICIES)
def test_a_month_of_minutes_of_three_markets_speaks_against_no_policy(name: str):
    markets, policy = coins(name), registry.find(name)(**OFTEN.get(name, {}))
    verdict = verify(policy, markets)
    assert [check.fact for check in verdict.checks if check.passed is False] == []
    outcome = Backtest(policy, markets).run()
    assert len({*outcome.fills["instrument"].tolist()}) == len(markets)
    assert outcome.rejections == {}


@pytest.mark.parametrize("name", DAILY)
def test_each_trades_spy_by_the_day(name: str):
    bars = read_bars(DATA / "us_equity" / "SPY-1d-raw.csv")
    strategy = registry.find(name)()
    if "HTF" in strategy.roles:
        strategy = strategy.with_roles({"1w": "HTF"})
    assert len(Backtest(strategy, bars).run().fills["ts"]) > 0


@pytest.mark.parametrize("form", ["python", "rules"])
def test_the_opening_range_of_a_stock_is_that_of_its_regular_session(form: str):
    bars = read_bars(DATA / "us_equity" / "SPY-1m-201310.csv")
    trades = Backtest(registry.find("opening_range_breakout")(), bars, form=form).run().trades
    assert len({entered // DAY for entered in trades["entry_ts"].tolist()}) >= 5
    for entered, side in zip(trades["entry_ts"], trades["side"], strict=True):
        # 09:30 in New York, in summer; the bars begin hours before.
        opens = entered // DAY * DAY + 13 * HOUR + HOUR // 2
        first, decided = np.searchsorted(bars.ts, opens), np.searchsorted(bars.ts, entered) - 1
        opening = slice(first, first + 30)
        assert bars.ts[first] == opens
        assert decided >= first + 30
        beyond = bars.close[decided] - (bars.high[opening].max() if side > 0 else bars.low[opening].min())
        assert side * beyond > 0


def test_an_opening_range_verifies_on_minutes_with_hours_before_and_after_the_session():
    verdict = verify(registry.find("opening_range_breakout")(), read_bars(DATA / "us_equity" / "SPY-1m-201310.csv"))
    assert [check.fact for check in verdict.checks if check.passed is False] == []


@pytest.mark.parametrize("name", POLICIES)
def test_each_policy_trades_stocks_by_the_day(name: str):
    markets = stocks(name)
    outcome = Backtest(registry.find(name)(), markets, cash=100_000).run()
    assert len({*outcome.fills["instrument"].tolist()}) == len(markets)
    assert set(outcome.rejections) <= {"insufficient_margin"}
    assert sum(outcome.rejections.values()) < 0.02 * len(outcome.orders["id"])
