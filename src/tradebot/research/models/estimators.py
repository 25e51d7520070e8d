"""Fitting an estimator of scikit-learn or LightGBM, and taking out the numbers it has learnt.

What is kept are weights and trees as numbers, never a pickle: that would run whatever code its maker liked. So an
estimator is accepted where its predictions can be had from such numbers, which is tried on what it was fitted on.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, Final

import numpy as np

from tradebot.core.errors import ConfigError, DataError, did_you_mean
from tradebot.research.models.labels import Floats
from tradebot.strategies.model import Linear, Trees
from tradebot.strategies.model.library import load
from tradebot.strategies.model.predictor import predictor

NAMES: Final = ("lightgbm", "ridge", "logistic")


def estimator_of(model: Any) -> Any:
    """The estimator of a name, with settings for noisy targets; an estimator stays what it is.

    Raises
    ------
    ConfigError : there is none of the name, or the extra ``ml`` is not installed.
    """
    if not isinstance(model, str):
        return model
    if model not in NAMES:
        mend = did_you_mean(model, NAMES) or f"There are {', '.join(NAMES)}."
        raise ConfigError(f'no model is called "{model}"', place="model", mend=mend)
    library = load("lightgbm" if model == "lightgbm" else "sklearn.linear_model")
    if model == "lightgbm":
        # Few and shallow trees, each on half of the rows: returns are mostly noise.
        return library.LGBMRegressor(
            n_estimators=50, learning_rate=0.05, num_leaves=8, min_child_samples=100, subsample=0.5, subsample_freq=1
        )
    return library.Ridge(alpha=1.0) if model == "ridge" else library.LogisticRegression(C=0.1, max_iter=1_000)


def library_of(estimator: Any) -> tuple[str, str]:
    """The distribution an estimator comes from, and its version."""
    library = "lightgbm" if _is_lightgbm(estimator) else "scikit-learn"
    return library, version(library)


def fit(estimator: Any, rows: Floats, targets: Floats, seed: int) -> Linear | Trees:
    """Fit a fresh copy, on one thread and with a fixed seed, so that the same input gives the same numbers.

    Parameters
    ----------
    rows, targets : float64 of shapes (bars, features) and (bars,). A linear model sees the rows standardised, a
        classifier the signs of the targets.

    Raises
    ------
    ConfigError : what it has learnt cannot be written down as weights or trees.
    DataError : all targets are the same.
    """
    base, threads = load("sklearn.base"), load("threadpoolctl")
    classifies: bool = base.is_classifier(estimator)
    wanted = np.sign(targets) if classifies else targets
    if not wanted.std():
        raise DataError("every label is the same", place="target", mend="Give a longer horizon, or livelier bars.")
    fresh: Any = base.clone(estimator)
    if "random_state" in fresh.get_params():
        fresh.set_params(random_state=seed)
    with threads.threadpool_limits(1):
        if _is_lightgbm(fresh):
            fresh.set_params(n_jobs=1, deterministic=True, force_row_wise=True, verbosity=-1)
            fresh.fit(rows, wanted)
            learnt = Trees(fresh.booster_.model_to_string())
            shown = rows
        else:
            center, scale = rows.mean(axis=0), rows.std(axis=0)
            scale[scale == 0] = 1.0
            shown = (rows - center) / scale
            fresh.fit(shown, wanted)
            learnt = _linear(fresh, center, scale)
        expected = fresh.predict_proba(shown) @ fresh.classes_ if classifies else fresh.predict(shown)
    given = predictor(learnt)(rows)
    if given.shape != expected.shape or not np.allclose(given, expected, rtol=1e-6, atol=1e-9):
        raise _refused(estimator)
    return learnt


def _linear(fitted: Any, center: Floats, scale: Floats) -> Linear:
    if not hasattr(fitted, "coef_"):
        raise _refused(fitted)
    weights = np.atleast_2d(np.asarray(fitted.coef_, dtype=np.float64)) / scale
    intercepts = np.atleast_1d(np.asarray(fitted.intercept_, dtype=np.float64)) - weights @ center
    classes = np.asarray(getattr(fitted, "classes_", ()), dtype=np.float64)
    if len(classes) == 2:
        # Of two classes the one row is the log odds of the second.
        weights, intercepts = np.vstack([np.zeros_like(weights), weights]), np.concatenate([[0.0], intercepts])
    rows = tuple(tuple(row) for row in weights.tolist())
    return Linear(rows, tuple(intercepts.tolist()), tuple(classes.tolist()))


def _is_lightgbm(estimator: Any) -> bool:
    return type(estimator).__module__.partition(".")[0] == "lightgbm"


def _refused(estimator: Any) -> ConfigError:
    return ConfigError(
        "what it learns cannot be written down as weights or trees, and a pickle runs code when it is read",
        place=f"model {type(estimator).__name__}",
        mend="Give LightGBM's LGBMRegressor, or a linear model of scikit-learn such as Ridge or LogisticRegression.",
    )
