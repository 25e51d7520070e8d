"""Models and features on real bars: a month of Bitcoin, and years of SPY by the day."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tradebot import features, ta
from tradebot.engine.backtest import Backtest
from tradebot.research.models import save_model, train
from tradebot.research.verify import verify
from tradebot.store.files import read_bars
from tradebot.strategies import registry

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="the recorded markets lie beside the checkout, not in it")

BITCOIN = DATA / "binance_usdm" / "BTCUSDT-5m.parquet"
SPY = DATA / "us_equity" / "SPY-1d-raw.csv"


@pytest.mark.parametrize("kind", ["lightgbm", "ridge", "logistic"])
def test_nothing_speaks_against_a_model_of_bitcoin(kind: str, tmp_path: Path):
    bars = read_bars(BITCOIN)
    save_model(train(bars, model=kind, target="barrier", horizon=12), tmp_path / "btc.model")
    verdict = verify(registry.find(str(tmp_path / "btc.model"))(enter=0.05), bars)
    assert {check.name for check in verdict.checks if check.passed} == {"look-ahead", "start", "forms", "streaming"}


def test_a_model_of_spy_trades_days_it_has_not_learnt_from(tmp_path: Path):
    bars = read_bars(SPY)
    inputs = ("log_return:1", "log_return:21", "yang_zhang:21", "relative_volume:21", "month_sin", "month_cos")
    model = train(bars, inputs, model="ridge", horizon=5)
    save_model(model, tmp_path / "spy.model")
    outcome = Backtest(registry.find(str(tmp_path / "spy.model"))(), bars).run()
    assert len(outcome.trades["pnl"]) > 10
    assert outcome.orders["created_ts"].min() >= model.folds[0].usable_from


@pytest.mark.parametrize("file", [BITCOIN, SPY], ids=lambda file: file.stem)
def test_expressions_and_nodes_agree(file: Path):
    bars = read_bars(file)
    every = [formula(30) if "window" in formula.parameters else formula() for formula in features.formulas().values()]
    table, frame = features.table(bars, every), ta.Frame.batch(bars)
    for feature in every:
        given = table[feature.name].cast(float).to_numpy()
        np.testing.assert_allclose(feature.on(frame).batch(), given, rtol=1e-9, atol=1e-11, err_msg=feature.name)
