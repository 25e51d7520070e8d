"""Training walk-forward."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
from lightgbm import LGBMClassifier, LGBMRegressor
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import ElasticNet, HuberRegressor, LogisticRegression, PoissonRegressor, Ridge

from tradebot import BarArray, features
from tradebot.core.errors import ConfigError, DataError, IndicatorError
from tradebot.feeds.mock import mock_bars
from tradebot.indicators import Frame
from tradebot.research.models import forward_return, train
from tradebot.research.models.estimators import fit
from tradebot.research.verify.futures import futures
from tradebot.strategies.model import TrainedModel
from tradebot.strategies.model.predictor import predictor

BARS = mock_bars("AUSDT", "1h", 3_000, seed=3)
INPUTS = ("log_return:1", "log_return:5", "parkinson:20", "zscore:30:volume")


@pytest.mark.parametrize("model", ["lightgbm", "ridge", "logistic"])
@pytest.mark.parametrize("target", ["return", "barrier"])
def test_the_same_arguments_give_the_same_model(model: str, target: str):
    one, other = (train(BARS, INPUTS, model=model, target=target, horizon=3) for _ in range(2))
    assert one == other
    assert one.digest == one.content_digest()
    assert train(BARS[:-1], INPUTS, model=model, target=target, horizon=3).digest != one.digest


@pytest.mark.parametrize("model", ["lightgbm", "ridge", "logistic"])
def test_a_fit_does_not_change_when_what_comes_after_does(model: str):
    whole = train(BARS, INPUTS, model=model, target="barrier", horizon=5, folds=3)
    for fold, known in enumerate(whole.folds):
        # A label may end at any bar before the embargo, so the bars up to there say which are learnt from.
        last = int(np.searchsorted(BARS.close_ts, known.usable_from)) - whole.embargo - 1
        for kind, other in futures(BARS, last, seed=fold):
            if len(other) < len(BARS):
                continue
            again = train(other, INPUTS, model=model, target="barrier", horizon=5, folds=3)
            assert again.folds[fold].learnt == known.learnt, f"{kind} after fold {fold}"


def test_a_fit_sees_no_bar_within_the_embargo_of_what_it_judges():
    model = train(BARS, INPUTS, model="ridge", horizon=7, embargo=11)
    for fold in model.folds:
        seen, judged = (int(np.searchsorted(BARS.close_ts, time)) for time in (fold.trained_to, fold.usable_from))
        assert judged - seen == 12


def test_wider_barriers_are_met_by_fewer_bars():
    narrow, wide = (train(BARS, INPUTS, model="ridge", target="barrier", horizon=9, width=each) for each in (0.2, 2.0))
    assert narrow.folds[0].learnt != wide.folds[0].learnt
    assert (narrow.width, wide.width) == (0.2, 2.0)


def test_a_feature_that_no_file_could_name_is_refused():
    @features.formula
    def doubled(bars: Any) -> Any:
        return bars.close * 2.0

    with pytest.raises(IndicatorError, match='no feature is called "doubled"'):
        train(BARS, [doubled()])


def test_the_embargo_is_the_horizon_unless_given():
    assert train(BARS, INPUTS, model="ridge", horizon=7).embargo == 7


def test_what_can_be_learnt_is():
    for model in ("ridge", "lightgbm", "logistic"):
        trained = train(predictable(), ("log_return:1", "log_return:2"), model=model)
        assert all(fold.score is not None and fold.score > 0.5 for fold in trained.folds), model


@pytest.mark.parametrize(
    "estimator",
    [
        Ridge(alpha=3.0),
        ElasticNet(alpha=1e-5),
        HuberRegressor(),
        LogisticRegression(C=0.5),
        LGBMRegressor(n_estimators=7, num_leaves=4, random_state=99, n_jobs=4, verbosity=-1),
    ],
    ids=lambda each: type(each).__name__,
)
def test_predictions_are_those_of_the_estimator_itself(estimator: Any):
    trained = train(BARS, INPUTS, model=estimator, horizon=2, folds=1)
    rows, targets, judged = learnt_from(trained)
    target = np.sign(targets) if isinstance(estimator, LogisticRegression) else targets
    if isinstance(estimator, LGBMRegressor):
        estimator.set_params(random_state=1, n_jobs=1, deterministic=True, force_row_wise=True)
        wanted = estimator.fit(rows, target).predict(judged)
    else:
        center, scale = rows.mean(axis=0), rows.std(axis=0)
        estimator.fit((rows - center) / scale, target)
        shown = (judged - center) / scale
        classifies = isinstance(estimator, LogisticRegression)
        wanted = estimator.predict_proba(shown) @ estimator.classes_ if classifies else estimator.predict(shown)
    np.testing.assert_allclose(predictor(trained.folds[0].learnt)(judged), wanted, rtol=1e-7, atol=1e-12)


@pytest.mark.parametrize(
    "estimator", [RandomForestRegressor(n_estimators=3), LGBMClassifier(n_estimators=3, verbosity=-1)]
)
def test_an_estimator_that_only_a_pickle_could_hold_is_refused(estimator: Any):
    with pytest.raises(ConfigError) as caught:
        train(BARS, INPUTS, model=estimator)
    assert str(caught.value) == (
        f"model {type(estimator).__name__}: what it learns cannot be written down as weights or trees, and a pickle "
        "runs code when it is read. Give LightGBM's LGBMRegressor, or a linear model of scikit-learn such as Ridge or "
        "LogisticRegression."
    )


def test_an_estimator_whose_prediction_is_more_than_a_sum_is_refused():
    rows = np.random.default_rng(1).normal(size=(300, 2))
    with pytest.raises(ConfigError, match="cannot be written down"):
        fit(PoissonRegressor(), rows, np.exp(rows[:, 0]), seed=1)


@pytest.mark.parametrize(
    ("settings", "error", "sentence"),
    [
        ({"model": "lightgmb"}, ConfigError, 'model: no model is called "lightgmb". Did you mean "lightgbm"?'),
        ({"target": "retrun"}, ConfigError, 'target: no target is called "retrun". Did you mean "return"?'),
        ({"horizon": 0}, ConfigError, "horizon: 0 is below 1. Give 1 or more."),
        ({"width": 0.0}, ConfigError, "width: 0.0 is not above 0. 1 is the spread of a return over the horizon."),
        ({"folds": 0}, ConfigError, "folds: 0 is below 1. Give 1 or more."),
        ({"embargo": -1}, ConfigError, "embargo: -1 is below 0. Give 0 or more."),
        ({"first": 1.0}, ConfigError, "first: 1.0 is not between 0 and 1. 0.4 leaves 60 % to judge."),
        ({"features": ()}, ConfigError, "features: there are none. Give at least one, such as log_return:1."),
        ({"features": ("parkinsn:3",)}, IndicatorError, 'features: no feature is called "parkinsn". Did you mean'),
        ({"first": 0.05}, DataError, "bars of AUSDT 1h: 119 bars are left to learn from for what is judged from bar"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_in_one_sentence(settings: dict[str, Any], error: type, sentence: str):
    with pytest.raises(error) as caught:
        train(BARS, **({"features": INPUTS, "model": "ridge"} | settings))
    assert str(caught.value).startswith(sentence)


def test_bars_that_stand_still_teach_nothing():
    columns = {name: np.full(len(BARS), 100.0) for name in ("open", "high", "low", "close", "volume")}
    still = BarArray(BARS.instrument, BARS.interval, BARS.ts, **columns)
    with pytest.raises(DataError, match="target: every label is the same"):
        train(still, ["log_return:1"], model="ridge")


@pytest.mark.parametrize(("model", "module"), [("lightgbm", "lightgbm"), ("ridge", "sklearn.linear_model")])
def test_without_the_extra_it_says_what_to_install(model: str, module: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ConfigError, match=r"is not installed. Install it: pip install 'tradebot\[ml\]'."):
        train(BARS, INPUTS, model=model)


def test_where_the_system_lacks_openmp_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    def lacking(_: str) -> None:
        raise OSError("libgomp.so.1: cannot open shared object file: No such file or directory")

    monkeypatch.setattr("tradebot.strategies.model.library.import_module", lacking)
    with pytest.raises(ConfigError, match=r"lightgbm cannot be loaded: libgomp.so.1: .* on Debian that is libgomp1\."):
        train(BARS, INPUTS)


def predictable() -> BarArray:
    """Bars whose next return leans on the last one."""
    rng = np.random.default_rng(2)
    returns = np.zeros(3_000)
    for at in range(1, len(returns)):
        returns[at] = 0.8 * returns[at - 1] + rng.normal(0, 0.001)
    close = 100 * np.exp(np.cumsum(returns))
    opens = np.append(100.0, close[:-1])
    columns = {"open": opens, "high": np.maximum(opens, close), "low": np.minimum(opens, close), "close": close}
    return BarArray(BARS.instrument, BARS.interval, BARS.ts, **columns, volume=np.ones(3_000))


def learnt_from(trained: TrainedModel) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows and targets of the first fit, and the rows it judged, worked out from what the model says of itself."""
    (fold,) = trained.folds
    frame = Frame.batch(BARS)
    rows = np.column_stack([features.parse(name).on(frame).batch() for name in trained.features])
    labels = forward_return(BARS.close, trained.horizon)
    known = np.isfinite(rows).all(axis=1) & np.isfinite(labels.values)
    chosen = known & (BARS.close_ts + trained.horizon * BARS.interval.ns <= fold.trained_to)
    assert chosen.sum() == fold.rows
    return rows[chosen], labels.values[chosen], rows[known & (BARS.close_ts >= fold.usable_from)]
