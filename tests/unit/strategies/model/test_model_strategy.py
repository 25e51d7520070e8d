"""A model as a strategy: what it trades, what it will not, and that it is honest."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tradebot
from tradebot import SignalPolicy
from tradebot.core.errors import ParameterError, StrategyError
from tradebot.core.instrument import instrument_for
from tradebot.engine.backtest import Backtest
from tradebot.feeds.mock import mock_bars
from tradebot.indicators import Frame, Streaming
from tradebot.research.models import train
from tradebot.research.verify import verify
from tradebot.sizing import FractionOfEquity
from tradebot.strategies.model import ModelStrategy, TrainedModel, prediction

BARS = mock_bars("AUSDT", "1h", 4_000, seed=3)
INPUTS = ("log_return:1", "log_return:5", "parkinson:20", "hour_sin")
MODELS = {
    kind: train(BARS, INPUTS, model=kind, target="barrier", horizon=4) for kind in ("ridge", "logistic", "lightgbm")
}

each_model = pytest.mark.parametrize("kind", MODELS)


def trading(model: TrainedModel, **params: Any) -> ModelStrategy:
    class Trades(ModelStrategy):
        pass

    Trades.model = model
    return Trades(**params)


@each_model
def test_it_passes_every_check_of_verify(kind: str):
    verdict = verify(trading(MODELS[kind], enter=0.05), BARS)
    assert {check.name for check in verdict.checks if check.passed} == {"look-ahead", "start", "forms", "streaming"}


@each_model
def test_bars_that_no_fold_may_judge_are_not_judged(kind: str):
    model = MODELS[kind]
    given = prediction(model, Frame.batch(BARS)).batch()
    judged = BARS.close_ts >= model.folds[0].usable_from
    assert np.isnan(given[~judged]).all()
    assert np.isfinite(given[judged]).all()
    orders = Backtest(trading(model), BARS, cash=100_000).run().orders
    assert int(orders["created_ts"].min()) >= model.folds[0].usable_from > model.folds[0].trained_to


@each_model
def test_each_bar_is_judged_by_the_last_fold_that_may(kind: str):
    model = MODELS[kind]
    given = prediction(model, Frame.batch(BARS)).batch()
    for number, fold in enumerate(model.folds):
        later = model.folds[number + 1].usable_from if number + 1 < len(model.folds) else BARS.close_ts[-1] + 1
        alone = TrainedModel(**{**{name: getattr(model, name) for name in model.__struct_fields__}, "folds": (fold,)})
        stretch = (BARS.close_ts >= fold.usable_from) & (BARS.close_ts < later)
        only = prediction(alone.sealed(), Frame.batch(BARS)).batch()
        np.testing.assert_array_equal(given[stretch], only[stretch])


@each_model
def test_live_it_gives_what_it_gave_in_the_backtest(kind: str):
    model = MODELS[kind]
    wanted = prediction(model, Frame.batch(BARS)).batch()
    live = Frame.live("1h")
    node = prediction(model, live)
    streaming = Streaming(live, [node])
    for index in range(len(BARS)):
        streaming.update(BARS[index])
        np.testing.assert_equal(node[-1], wanted[index])


@each_model
def test_a_run_repeats_to_the_bit_and_goes_on_from_where_it_was_saved(kind: str):
    strategy = trading(MODELS[kind], enter=0.02)
    whole = Backtest(strategy, BARS, form="python", cash=100_000).run()
    half = Backtest(strategy, BARS, form="python", cash=100_000)
    half.advance(3_000)
    rest = Backtest(strategy, BARS, form="python", cash=100_000)
    rest.restore(half.save())
    np.testing.assert_array_equal(rest.run().equity, whole.equity)
    np.testing.assert_array_equal(Backtest(strategy, BARS, form="python", cash=100_000).run().equity, whole.equity)
    assert len(whole.trades["pnl"]) > 10


@pytest.mark.parametrize(
    "wrap", [lambda strategy: strategy, lambda strategy: SignalPolicy(strategy, FractionOfEquity(0.5))]
)
def test_a_model_that_has_learnt_from_the_bars_it_is_tested_on_is_refused(wrap: Any):
    everything = train(BARS, INPUTS, model="ridge", first=0.999, folds=1)
    tested = BARS[1_000:3_000]
    strategy = trading(everything)
    sentence = (
        "model trades: the bars end at 2024-05-05T00:00:00Z, and it has learnt from bars up to 2024-06-15T11:00:00Z. "
        "Give bars that close at 2024-06-15T13:00:00Z or later, or train it on earlier ones."
    )
    with pytest.raises(StrategyError) as caught:
        tradebot.backtest(wrap(strategy), tested)
    assert str(caught.value) == sentence
    with pytest.raises(StrategyError, match="has learnt from bars up to"):
        verify(strategy, tested)
    # Nor does the engine itself give it a chance: there is no prediction to trade on.
    assert len(Backtest(strategy, tested).run().orders["created_ts"]) == 0


def test_a_fold_that_would_judge_what_it_has_seen_cannot_be_traded():
    import msgspec

    fold = MODELS["ridge"].folds[0]
    cheat = msgspec.structs.replace(fold, usable_from=fold.trained_from)
    with pytest.raises(StrategyError, match="fold 1 would judge bars from"):
        trading(msgspec.structs.replace(MODELS["ridge"], folds=(cheat,)))


def test_bars_of_another_interval_are_refused():
    with pytest.raises(StrategyError, match="it was trained on 1h bars, and these are of 4h. Run it on 1h bars"):
        Backtest(trading(MODELS["ridge"]), BARS.resample("4h"))


def test_a_strategy_without_a_model_is_refused():
    with pytest.raises(StrategyError, match="there is no model"):
        ModelStrategy()


def test_thresholds_that_contradict_each_other_are_refused():
    with pytest.raises(ParameterError, match=r"trades.leave: 0.2 exceeds enter, which is 0.1"):
        trading(MODELS["ridge"], enter=0.1, leave=0.2)


@pytest.mark.parametrize(("direction", "sides"), [("both", {1, -1}), ("long", {1}), ("short", {-1})])
@pytest.mark.parametrize("form", ["python", "rules"])
def test_it_trades_the_sides_it_is_told(direction: str, sides: set[int], form: str):
    outcome = Backtest(trading(MODELS["lightgbm"], direction=direction), BARS, form=form, cash=100_000).run()
    assert set(outcome.trades["side"].tolist()) == sides


def test_a_spot_market_is_traded_long_alone():
    from dataclasses import replace

    spot = replace(BARS, instrument=instrument_for("AUSDT", "binance_spot"))
    outcome = Backtest(trading(MODELS["ridge"]), spot, cash=100_000).run()
    assert set(outcome.trades["side"].tolist()) == {1}
    assert not outcome.rejections


def test_the_report_says_what_the_model_has_learnt_from():
    (learnt, judged) = tradebot.backtest(trading(MODELS["ridge"]), BARS).outcome.assumptions.notes[-2:]
    assert learnt == (
        "The model trades (Ridge()) has 4 features of 1h bars of AUSDT and predicts the barrier 4 bars ahead."
    )
    assert judged.startswith("It has learnt from 2024-01-05T04:00:00Z on, and judges bars from 2024-03-07T")
