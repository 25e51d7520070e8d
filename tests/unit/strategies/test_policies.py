"""The library's policies over whole accounts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tradebot import BarArray, Instrument, RiskLimits
from tradebot.core.errors import ParameterError, StrategyError
from tradebot.core.instant import iso, to_ns
from tradebot.engine.backtest import Backtest
from tradebot.engine.outcome import RunOutcome
from tradebot.feeds.mock import mock_bars
from tradebot.strategies import registry

DAY = 86_400 * 10**9
KINDS = {
    "perpetual": Instrument.binance_perpetual,
    "spot": Instrument.binance_spot,
    "equity": lambda symbol: Instrument.us_equity(symbol.removesuffix("USDT")),
}
# Parameters with which each trades often on a month of minutes.
BUSY = {
    "cross_sectional_momentum": {"calendar": "daily", "formation": 2, "losers": 1},
    "dollar_cost_averaging": {"calendar": "daily"},
    "fixed_weights": {"band": 0.01},
    "grid": {"spacing": 0.003},
    "pairs": {"window": 200, "level": 0.1},
}


def days(closes: dict[str, list[float]], start: str = "2024-01-01") -> list[BarArray]:
    """Daily bars of perpetuals that open at the close before and span just the two."""
    arrays = []
    for symbol, values in closes.items():
        close = np.array(values, float)
        opens = np.append(close[0], close[:-1])
        ts = to_ns(start) + DAY * np.arange(len(close), dtype=np.int64)
        spans = np.maximum(opens, close), np.minimum(opens, close)
        arrays.append(BarArray(Instrument.mock(symbol), "1d", ts, opens, *spans, close, np.ones(len(close))))
    return arrays


def minutes(kind: str = "perpetual", count: int = 8_000) -> list[BarArray]:
    made = []
    for symbol in ("AAAUSDT", "BBBUSDT"):
        bars = mock_bars(symbol, "5m", count, seed=11)
        instrument = KINDS[kind](symbol)
        made.append(replace(bars, instrument=replace_calendar(instrument)))
    return made


def replace_calendar(instrument: Instrument) -> Instrument:
    """The instrument, traded around the clock as the mock market is."""
    import msgspec

    return msgspec.structs.replace(instrument, calendar=None)


def run(name: str, markets: list[BarArray], cash: float = 100_000.0, risk: RiskLimits | None = None, **params):
    return Backtest(registry.find(name)(**params), markets, cash=cash, risk=risk).run()


def bought(outcome: RunOutcome) -> list[tuple[str, str, float]]:
    """Symbol and quantity of every fill by its day, sales negative."""
    fills = outcome.fills
    return [
        (iso(int(ts))[:10], outcome.symbols[instrument], side * quantity)
        for ts, instrument, side, quantity in zip(
            fills["ts"], fills["instrument"], fills["side"], fills["quantity"], strict=True
        )
    ]


@pytest.mark.parametrize("name", BUSY)
@pytest.mark.parametrize("kind", KINDS)
def test_each_trades_whole_lots_of_every_kind_of_market_without_a_rejection(name: str, kind: str):
    markets = minutes(kind)
    outcome = run(name, markets, **BUSY[name])
    assert len(outcome.fills["ts"]) > 5
    assert set(outcome.rejections) <= {"insufficient_margin"}
    lot = float(markets[0].instrument.lot_size)
    lots = outcome.orders["quantity"] / lot
    np.testing.assert_allclose(lots, np.round(lots), atol=1e-6)
    if kind == "spot":
        held = np.cumsum(outcome.fills["side"] * outcome.fills["quantity"] * (outcome.fills["instrument"] == 0))
        assert held.min() > -1e-9


@pytest.mark.parametrize("name", BUSY)
def test_a_run_saved_anywhere_goes_on_to_the_same(name: str):
    markets, policy = minutes(count=6_000), registry.find(name)(**BUSY[name])
    whole = Backtest(policy, markets, cash=100_000).run()
    for stop in (1, 1_500, 2_881, 5_990):
        first, second = (Backtest(policy, markets, cash=100_000) for _ in range(2))
        first.advance(stop)
        second.restore(first.save())
        resumed = second.run()
        np.testing.assert_array_equal(resumed.equity, whole.equity)
        np.testing.assert_array_equal(resumed.orders["quantity"], whole.orders["quantity"])


@pytest.mark.parametrize("name", BUSY)
def test_an_instance_can_be_run_again_and_gives_the_same(name: str):
    markets, policy = minutes(count=4_000), registry.find(name)(**BUSY[name])
    first, second = (Backtest(policy, markets, cash=100_000).run() for _ in range(2))
    np.testing.assert_array_equal(first.equity, second.equity)


@pytest.mark.parametrize("name", BUSY)
def test_orders_pass_the_limits_of_risk(name: str):
    outcome = run(name, minutes(), risk=RiskLimits(max_order_notional=10.0), **BUSY[name])
    assert set(outcome.rejections) == {"max_order_notional"}
    assert len(outcome.fills["ts"]) == 0


def test_momentum_holds_the_winner_and_sells_the_loser_of_the_past_days():
    closes = {"A": [10, 11, 12, 13, 14, 14], "B": [10, 10, 10, 10, 10, 10], "C": [10, 9, 8, 7, 6, 6]}
    outcome = run(
        "cross_sectional_momentum", days(closes), calendar="daily", formation=2, winners=1, losers=1, exposure=0.9
    )
    first = outcome.fills["ts"] == outcome.fills["ts"][0]
    assert [(symbol, np.sign(units)) for _, symbol, units in bought(outcome)][: first.sum()] == [("A", 1), ("C", -1)]
    # Three closes make a return over two days; decided at the third close, filled at the fourth open.
    assert bought(outcome)[0][0] == "2024-01-04"
    worth = outcome.fills["price"][first] * outcome.fills["quantity"][first]
    np.testing.assert_allclose(worth, 45_000, rtol=1e-3)


def test_momentum_buys_what_it_turns_to_once_what_it_leaves_is_sold():
    closes = {"A": [10, 11, 12, 12, 12, 12, 12], "B": [10, 10, 10, 12, 14, 16, 18]}
    outcome = run("cross_sectional_momentum", days(closes), calendar="daily", formation=2)
    turned = [(day, symbol, np.sign(units)) for day, symbol, units in bought(outcome)]
    assert turned[:3] == [("2024-01-04", "A", 1), ("2024-01-05", "A", -1), ("2024-01-06", "B", 1)]
    assert outcome.rejections == {}


def test_momentum_leaves_the_latest_periods_out_where_it_is_told_to():
    closes = {"A": [10, 12, 12, 9, 9, 9], "B": [10, 10, 10, 20, 20, 20]}
    told = {"calendar": "daily", "formation": 1, "exposure": 0.5}
    at_once, skipping = (run("cross_sectional_momentum", days(closes), skip=skip, **told) for skip in (0, 2))
    assert bought(skipping)[0][:2] == ("2024-01-05", "A")
    assert bought(at_once)[0][:2] == ("2024-01-03", "A")


def test_momentum_needs_as_many_markets_as_it_holds():
    with pytest.raises(StrategyError, match="2 winners and 1 losers are more than the 2 markets of the run"):
        run("cross_sectional_momentum", minutes(), winners=2, losers=1)


def test_fixed_weights_bring_each_share_back_once_it_leaves_its_band():
    closes = {"A": [100.0] * 5 + [130.0] * 5, "B": [100.0] * 10}
    outcome = run("fixed_weights", days(closes), weights="A=0.5,B=0.4", band=0.05)
    made = bought(outcome)
    assert [(day, symbol, np.sign(units)) for day, symbol, units in made] == [
        ("2024-01-02", "A", 1), ("2024-01-02", "B", 1), ("2024-01-07", "A", -1), ("2024-01-08", "B", 1),
    ]  # fmt: skip
    end = {symbol: quantity * closes[symbol][-1] for symbol, quantity in outcome.end_positions.items()}
    assert end["A"] / outcome.final_equity == pytest.approx(0.5, abs=0.005)
    assert end["B"] / outcome.final_equity == pytest.approx(0.4, abs=0.005)


def test_fixed_weights_follow_a_calendar_where_they_are_told_to():
    rising = np.linspace(100, 200, 92).tolist()
    outcome = run("fixed_weights", days({"A": rising, "B": [100.0] * 92}), when="monthly")
    assert sorted({day[:7] for day, _, _ in bought(outcome)}) == ["2024-01", "2024-02", "2024-03", "2024-04"]


def test_weights_of_a_market_that_is_not_there_offer_the_nearest():
    with pytest.raises(StrategyError, match="AAAUSD is not a market of the run. Did you mean"):
        run("fixed_weights", minutes(), weights="AAAUSD=0.5")


def test_cost_averaging_buys_for_the_same_amount_on_every_date_until_the_money_is_spent():
    outcome = run("dollar_cost_averaging", days({"A": [50.0] * 60}), cash=10_000, calendar="weekly", share=0.2)
    dates = [day for day, _, _ in bought(outcome)]
    # The first day, and each Monday after it, one day later; the fifth amount is what is left of the money.
    assert dates == ["2024-01-02", "2024-01-08", "2024-01-15", "2024-01-22", "2024-01-29", "2024-02-05"]
    worth = outcome.fills["price"] * outcome.fills["quantity"]
    np.testing.assert_allclose(worth[:4], 2_000, atol=0.1)
    assert worth[4] < 2_000
    assert outcome.rejections == {}


def test_what_a_lot_leaves_over_goes_into_the_next_purchase():
    stock = [replace(bars, instrument=replace_calendar(Instrument.us_equity("A"))) for bars in days({"A": [70.0] * 31})]
    outcome = run("dollar_cost_averaging", stock, cash=10_000, calendar="weekly", share=0.01)
    assert outcome.fills["quantity"].tolist() == [1, 1, 2, 1, 2]


def test_a_grid_sells_each_lot_one_level_above_the_one_it_was_bought_at():
    swing = [100, 97, 100, 103, 100, 97, 100, 103, 100]
    outcome = run("grid", days({"A": [100.0, *(float(close) for close in swing)]}), levels=6, spacing=0.01)
    orders = outcome.orders
    sold = (orders["parent"] >= 0) & (orders["filled"] > 0)
    assert sold.sum() > 6
    bid = orders["price"][orders["parent"][sold]]
    np.testing.assert_allclose(orders["price"][sold] / bid, 1.01, rtol=1e-3)
    assert len(set(outcome.fills["quantity"].tolist())) == 1
    assert outcome.final_equity > 100_000


def test_a_grid_never_holds_more_lots_than_it_has_levels():
    outcome = run("grid", minutes()[:1], levels=8, spacing=0.002, cash=100_000)
    lot = outcome.fills["quantity"].min()
    held = np.cumsum(outcome.fills["side"] * outcome.fills["quantity"]) / lot
    assert held.max() <= 8 + 1e-9
    assert held.min() >= -1e-9


def test_a_grid_whose_lots_are_below_the_smallest_order_says_so():
    with pytest.raises(StrategyError, match=r"a lot of AAAUSDT is worth 4\.50 USDT, which is below"):
        run("grid", minutes(), cash=100)


def cointegrated(count: int = 3_000) -> list[BarArray]:
    random = np.random.default_rng(5)
    x = 4 + 0.002 * random.normal(size=count).cumsum()
    noise = np.zeros(count)
    for i in range(1, count):
        noise[i] = 0.85 * noise[i - 1] + 0.004 * random.normal()
    y = 0.5 + 0.8 * x + noise
    return days({"Y": np.exp(y).tolist(), "X": np.exp(x).tolist()}, start="2010-01-01")


def test_pairs_earn_on_markets_that_come_back_to_one_another():
    outcome = run("pairs", cointegrated(), window=250, refit=25, cash=1e6)
    by_day: dict[str, dict[str, float]] = {}
    for day, symbol, units in bought(outcome):
        by_day.setdefault(day, {})[symbol] = units
    entries = [legs for legs in by_day.values() if len(legs) == 2]
    assert len(entries) > 20
    assert all(legs["Y"] * legs["X"] < 0 for legs in entries)
    assert outcome.final_equity > 1.2e6


def test_pairs_stay_away_from_markets_that_wander_apart():
    random = np.random.default_rng(7)
    walks = {name: np.exp(4 + 0.01 * random.normal(size=2_000).cumsum()).tolist() for name in ("Y", "X")}
    apart = run("pairs", days(walks), window=250, refit=25, level=0.01, cash=1e6)
    together = run("pairs", cointegrated(2_000), window=250, refit=25, level=0.01, cash=1e6)
    assert len(apart.trades["pnl"]) < len(together.trades["pnl"]) / 4


def test_too_few_bars_for_a_pair_are_told_before_the_run():
    with pytest.raises(StrategyError, match="500 bars of AAAUSDT and there are 400"):
        run("pairs", minutes(count=400))


def test_a_pair_is_two_markets():
    with pytest.raises(StrategyError, match="a pair is two markets, and the run has 1"):
        run("pairs", minutes()[:1])


@pytest.mark.parametrize("weights", ["A=1.2", "A=0", "A", "", "A=nan", "A=0.6,A=0.1"])
def test_weights_that_cannot_be_are_refused_when_the_policy_is_made(weights: str):
    with pytest.raises(ParameterError, match=r"^fixed_weights\.weights"):
        registry.find("fixed_weights")(weights=weights)
