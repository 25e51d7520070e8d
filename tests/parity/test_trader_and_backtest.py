"""The live trader on recorded bars does to the bit what the backtest does, for every library strategy and form."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from paper_run import PaperRun, assert_same, plan_of
from tradebot.core.bar import BarArray
from tradebot.engine.backtest import Backtest
from tradebot.engine.outcome import RunOutcome
from tradebot.feeds.mock import mock_bars
from tradebot.research.models import save_model, train
from tradebot.risk import Protection, RiskLimits
from tradebot.sizing import FractionOfEquity
from tradebot.store.files import read_bars
from tradebot.strategies import PortfolioPolicy, Strategy, registry

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
BITCOIN = DATA / "binance_usdm" / "BTCUSDT-1m.parquet"
BARS = 4_000
LIBRARY = [listing.name for listing in registry.catalog().strategies if listing.origin == "library"]
FORMS = [(name, form) for name in LIBRARY for form in registry.find(name).forms() if form != "policy"]
POLICIES = {
    "cross_sectional_momentum": {"calendar": "daily", "formation": 1, "losers": 1},
    "dollar_cost_averaging": {"calendar": "daily"},
    "fixed_weights": {"band": 0.005},
    "grid": {"spacing": 0.002},
    "pairs": {"window": 200, "level": 0.1},
}


def recorded() -> BarArray:
    """Some days of Bitcoin minutes; of the mock market where the recorded ones are not there."""
    return read_bars(BITCOIN)[:BARS] if BITCOIN.exists() else mock_bars("BTCUSDT", "1m", BARS, seed=3)


def both(strategy: Strategy | PortfolioPolicy, form: str, *bars: BarArray, **options) -> tuple[RunOutcome, PaperRun]:
    past = Backtest(strategy, list(bars), cash=100_000, form=form, **options).run()
    return past, PaperRun(plan_of(strategy, *bars, form=form, **options), *bars)


@pytest.mark.parametrize(("name", "form"), FORMS, ids=[f"{name} {form}" for name, form in FORMS])
def test_orders_fills_trades_and_equity_are_the_same_to_the_bit(name: str, form: str):
    past, paper = both(registry.find(name)(), form, recorded())
    assert len(past.fills["ts"]) > 0
    assert_same(past, paper)


@pytest.mark.parametrize("name", [name for name in LIBRARY if registry.find(name).forms() == ("policy",)])
def test_a_policy_does_the_same_over_several_markets(name: str):
    markets = [mock_bars(symbol, "5m", 4_000, seed=11) for symbol in ("AUSDT", "BUSDT")]
    past, paper = both(registry.find(name)(**POLICIES[name]), "auto", *markets)
    assert len(past.fills["ts"]) > 3
    assert_same(past, paper)


def sides(fills: dict, times: np.ndarray) -> np.ndarray:
    """Side held of each of two markets at each time: 1 long, -1 short, 0 none; shape (times, 2)."""
    signed = fills["side"] * fills["quantity"]
    held = [
        np.append(0.0, signed[fills["instrument"] == market].cumsum())[
            np.searchsorted(fills["ts"][fills["instrument"] == market], times, side="right")
        ]
        for market in (0, 1)
    ]
    return np.sign(np.round(held, 6)).T


@pytest.mark.parametrize("name", ["cross_sectional_momentum", "pairs"])
@pytest.mark.parametrize("start", [1_700, 2_345])
@pytest.mark.parametrize("first", [0, 601])
def test_a_policy_begun_live_after_history_comes_to_hold_what_the_backtest_holds(name: str, start: int, first: int):
    markets = [mock_bars(symbol, "5m", 4_000, seed=11) for symbol in ("AUSDT", "BUSDT")]
    policy = registry.find(name)(**POLICIES[name])
    past = Backtest(policy, markets, cash=100_000).run()
    paper = PaperRun(plan_of(policy, *markets), *(bars[first:] for bars in markets), lookback=start - first)
    times = markets[0].close_ts[start + 2 :]
    expected, found = sides(past.fills, times), sides(paper.trader._books.fills(), times)
    same = (expected == found).all(axis=1)
    # The backtest may be within a trade of a pair, which a new run does not enter halfway.
    flat = np.flatnonzero((expected == 0).all(axis=1) & (found == 0).all(axis=1))
    settled = 0 if name == "cross_sectional_momentum" else int(flat[0])
    assert settled < 1_000
    assert same[settled:].all()
    assert len(np.unique(found[settled:], axis=0)) > 1


class Sized:
    """A sizer written in Python."""

    def size(self, signal, portfolio, instrument, price):
        return 0.3 * portfolio.equity / price


@pytest.mark.parametrize("form", ["python", "rules"])
@pytest.mark.parametrize(
    "options",
    [
        {"protection": Protection(stop_loss_pct=0.004, take_profit_pct=0.008)},
        {"protection": Protection(trailing_stop_pct=0.003, trailing_activation_pct=0.002)},
        {"risk": RiskLimits(max_daily_trades=3, max_drawdown=0.02)},
        {"risk": RiskLimits(max_exposure=0.5, max_daily_loss=0.005), "sizer": FractionOfEquity(0.49)},
        {"sizer": Sized()},
        {"leverage": 5.0, "sizer": FractionOfEquity(3.0), "protection": Protection(stop_loss_pct=0.002)},
    ],
    ids=["stop and target", "trailing", "drawdown", "exposure", "own sizer", "leverage"],
)
def test_exits_limits_sizers_and_leverage_are_the_same_too(form: str, options: dict):
    past, paper = both(registry.find("sma_cross")(), form, recorded(), **options)
    assert len(past.fills["ts"]) > 0
    assert_same(past, paper)


def test_a_sizer_of_the_users_hears_the_same_trust_from_rules():
    class Trusting:
        def size(self, signal, portfolio, instrument, price):
            return 0.3 * signal.confidence * portfolio.equity / price

    past, paper = both(registry.find("ma_cross")(), "rules", recorded(), sizer=Trusting())
    assert len(past.fills["ts"]) > 0
    assert_same(past, paper)


@pytest.mark.parametrize("form", ["python", "rules"])
def test_markets_on_one_account_are_decided_together(form: str):
    markets = [mock_bars(symbol, "5m", 3_000, seed=11) for symbol in ("AUSDT", "BUSDT")]
    past, paper = both(registry.find("sma_cross")(), form, *markets)
    assert len(past.fills["ts"]) > 0
    assert_same(past, paper)


@pytest.mark.parametrize("form", ["python", "rules"])
@pytest.mark.parametrize("kind", ["lightgbm", "ridge", "logistic"])
def test_a_model_read_back_from_its_file_trades_alike(kind: str, form: str, tmp_path: Path) -> None:
    bars = recorded()
    save_model(train(bars, model=kind, target="barrier", horizon=15), tmp_path / "btc.model")
    past, paper = both(registry.find(str(tmp_path / "btc.model"))(enter=0.1), form, bars)
    assert len(past.fills["ts"]) > 5
    assert_same(past, paper)
