"""Backtests on recorded markets keep their accounts straight and repeat to the bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tradebot
from tradebot import BarArray
from tradebot.engine.backtest import Backtest
from tradebot.store.files import read_bars
from tradebot.store.funding import read_funding
from tradebot.strategies.library.sma_cross import SmaCross

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
USDM = DATA / "binance_usdm"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="the recorded markets lie beside the checkout, not in it")

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")


def minutes(symbol: str) -> BarArray:
    return read_bars(USDM / f"{symbol}-1m.parquet")


def payments(*symbols: str) -> dict[str, Any]:
    files = {symbol: USDM / f"{symbol}-funding.csv" for symbol in symbols}
    return {symbol: read_funding(file) for symbol, file in files.items() if file.exists()}


MARKETS = {
    "BTCUSDT": lambda: ([minutes("BTCUSDT")], payments("BTCUSDT")),
    "ETHUSDT": lambda: ([minutes("ETHUSDT")], payments("ETHUSDT")),
    "SOLUSDT": lambda: ([minutes("SOLUSDT")], {}),
    "three on one account": lambda: ([minutes(symbol) for symbol in SYMBOLS], payments(*SYMBOLS)),
    "SPY daily": lambda: ([read_bars(DATA / "us_equity" / "SPY-1d-raw.csv")], {}),
    "BTC-USD with gaps": lambda: ([read_bars(DATA / "coinbase" / "BTC-USD-4h.parquet")], {}),
}


@pytest.fixture(params=MARKETS)
def market(request: pytest.FixtureRequest) -> tuple[list[BarArray], dict[str, Any]]:
    return MARKETS[request.param]()


def run(bars: list[BarArray], funding: dict[str, Any], form: str = "auto") -> Any:
    sizer = tradebot.FractionOfEquity(0.9 / len(bars))
    return tradebot.backtest(SmaCross(fast=20, slow=60), bars, sizer=sizer, funding=funding, form=form).outcome


def test_equity_is_what_came_in_less_what_went_out(market: Any) -> None:
    bars, funding = market
    outcome = run(bars, funding)
    fills = outcome.fills
    signed = fills["side"] * fills["quantity"]
    cash = (
        10_000.0 - np.sum(signed * fills["price"]) - np.sum(fills["fee"]) - outcome.costs.funding - outcome.costs.borrow
    )
    held = sum(outcome.end_positions.get(each.symbol, 0.0) * each.close[-1] for each in bars)
    assert len(fills["id"]) > 50
    assert outcome.final_equity == pytest.approx(cash + held, abs=1e-6)


def test_every_fill_lies_in_its_bar(market: Any) -> None:
    bars, funding = market
    fills = run(bars, funding).fills
    for number, each in enumerate(bars):
        mine = fills["instrument"] == number
        index, price = fills["index"][mine], fills["price"][mine]
        assert np.all((each.low[index] <= price) & (price <= each.high[index]))
        np.testing.assert_array_equal(each.ts[index], fills["ts"][mine])


def test_rules_and_python_give_the_same(market: Any) -> None:
    bars, funding = market
    rules, python = (run(bars, funding, form) for form in ("rules", "python"))
    np.testing.assert_array_equal(rules.equity, python.equity)
    for name, column in rules.fills.items():
        np.testing.assert_array_equal(column, python.fills[name])


@pytest.mark.parametrize("form", ["rules", "python"])
def test_a_run_stopped_saved_and_resumed_is_identical_to_the_bit(market: Any, form: str) -> None:
    bars, funding = market
    through = run(bars, funding, form)

    def fresh() -> Backtest:
        sizer = tradebot.FractionOfEquity(0.9 / len(bars))
        return Backtest(SmaCross(fast=20, slow=60), bars, sizer=sizer, funding=funding, form=form)

    state, paused = None, fresh()
    for until in (1, 777, 5_000):
        if state is not None:
            paused = fresh()
            paused.restore(state)
        paused.advance(until)
        state = paused.save()
    resumed = fresh()
    resumed.restore(state)
    outcome = resumed.run()
    assert outcome.equity.tobytes() == through.equity.tobytes()
    for name, column in through.trades.items():
        assert outcome.trades[name].tobytes() == column.tobytes()


def test_funding_is_the_position_at_each_payment_times_its_rate() -> None:
    bars, funding = [minutes("BTCUSDT")], payments("BTCUSDT")
    outcome = run(bars, funding)
    due = funding["BTCUSDT"].between(int(bars[0].ts[0]), int(bars[0].close_ts[-1]))
    fills = outcome.fills
    # A payment at a bar's open is made on the position before that bar's orders.
    before = np.searchsorted(fills["ts"], due.ts, side="left")
    position = np.append(0.0, np.cumsum(fills["side"] * fills["quantity"]))[before]
    assert np.count_nonzero(position) > 10
    assert outcome.costs.funding == pytest.approx(np.sum(position * due.mark * due.rate), abs=1e-9)


def test_nothing_fills_outside_trading_hours() -> None:
    pytest.importorskip("exchange_calendars")
    bars = read_bars(DATA / "us_equity" / "SPY-1m-201310.csv", timezone="America/New_York")
    fills = tradebot.backtest(SmaCross(fast=5, slow=20), bars).outcome.fills
    minute = (fills["ts"] // 60_000_000_000) % 1440
    assert len(minute) > 20
    # New York is four hours behind UTC in October: 9:30 to 16:00 is 13:30 to 20:00.
    assert np.all((minute >= 13 * 60 + 30) & (minute < 20 * 60))
