"""Training: features and labels of past bars in, a model for each stretch of the time after out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from tradebot import features as catalogue
from tradebot.core.bar import BarArray
from tradebot.core.errors import ConfigError, DataError, did_you_mean
from tradebot.features import Feature
from tradebot.indicators import Frame
from tradebot.research.models.estimators import estimator_of, fit, library_of
from tradebot.research.models.labels import Floats, Labels, forward_return, triple_barrier
from tradebot.research.models.splits import Split, walk_forward
from tradebot.research.runs.fingerprint import columns_digest
from tradebot.strategies.model import Fold, TrainedModel
from tradebot.strategies.model.predictor import predictor

TARGETS: Final = ("return", "barrier")
FEATURES: Final = (
    "log_return:1",
    "log_return:6",
    "log_return:24",
    "parkinson:24",
    "zscore:48:close",
    "relative_volume:24",
    "hour_sin",
    "hour_cos",
)
_FEWEST: Final = 200


def train(
    bars: BarArray,
    features: Sequence[Feature | str] = FEATURES,
    *,
    model: Any = "lightgbm",
    target: str = "return",
    horizon: int = 1,
    width: float = 1.0,
    folds: int = 5,
    embargo: int | None = None,
    first: float = 0.4,
    seed: int = 1,
) -> TrainedModel:
    """Train a model walk-forward.

    The first share of the bars is learnt from only; the rest is cut into stretches, and for each a model is fitted on
    what had come before, purged of labels that reach into it and with an embargo between. The last one serves from
    there on, in live trading too.

    Parameters
    ----------
    bars : one market.
    features : the inputs, as features or their names.
    model : ``lightgbm``, ``ridge`` or ``logistic``; or an estimator: LightGBM's ``LGBMRegressor`` or a linear one of
        scikit-learn. A classifier learns the sign of the target.
    target : ``return``, the simple return over the horizon; or ``barrier``, which of the barriers of
        :func:`triple_barrier` is met first.
    horizon : bars ahead.
    width : distance of the barriers, in standard deviations of a return over the horizon.
    folds : models to fit.
    embargo : bars between what a model has seen and what it judges; ``horizon`` where ``None``.
    first : share of the bars before the first judged one, in 0..1.
    seed : for what is random in the fitting.

    Returns
    -------
    The same for the same arguments, to the bit.

    Raises
    ------
    ConfigError : a setting is out of bounds, or the extra ``ml`` is not installed.
    IndicatorError : a feature is unknown.
    DataError : there are too few bars to learn from.
    """
    embargo = horizon if embargo is None else embargo
    _check(target, horizon=horizon, width=width, folds=folds, embargo=embargo, first=first)
    estimator = estimator_of(model)
    # Read back by name, for that is all a model's file has of them.
    inputs = [catalogue.parse(str(each)) for each in features]
    if not inputs:
        raise ConfigError("there are none", place="features", mend="Give at least one, such as log_return:1.")
    rows = _rows(bars, inputs)
    close = bars.close
    labels = forward_return(close, horizon) if target == "return" else triple_barrier(close, horizon, width)
    usable = np.isfinite(rows).all(axis=1) & np.isfinite(labels.values)
    splits = walk_forward(labels.ends, folds=folds, embargo=embargo, first=first)
    library, library_version = library_of(estimator)
    return TrainedModel(
        symbol=bars.symbol,
        interval=str(bars.interval),
        bars_digest=columns_digest(bars.columns()),
        features=tuple(each.name for each in inputs),
        target=target,
        horizon=horizon,
        width=width,
        embargo=embargo,
        estimator=" ".join(str(estimator).split()),
        seed=seed,
        library=library,
        library_version=library_version,
        folds=tuple(_fold(estimator, split, bars, rows, labels, usable, seed) for split in splits),
    ).sealed()


def _rows(bars: BarArray, inputs: Sequence[Feature]) -> Floats:
    # The nodes, not the expressions: what is learnt from is to the bit what will be judged.
    frame = Frame.batch(bars)
    return np.column_stack([feature.on(frame).batch() for feature in inputs])


def _fold(
    estimator: Any,
    split: Split,
    bars: BarArray,
    rows: Floats,
    labels: Labels,
    usable: np.ndarray[Any, np.dtype[np.bool_]],
    seed: int,
) -> Fold:
    start, stop = split.test
    chosen = split.train[usable[split.train]]
    if len(chosen) < _FEWEST or start >= stop:
        raise DataError(
            f"{len(chosen)} bars are left to learn from for what is judged from bar {start:,} on",
            place=f"bars of {bars.symbol} {bars.interval}",
            mend=f"Give more bars or a larger first share, so that there are {_FEWEST}; or shorter features.",
        )
    learnt = fit(estimator, rows[chosen], labels.values[chosen], seed)
    judged = np.arange(start, stop)[usable[start:stop]]
    close_ts = bars.close_ts
    return Fold(
        trained_from=int(bars.ts[chosen[0]]),
        trained_to=int(close_ts[labels.ends[chosen].max()]),
        usable_from=int(close_ts[start]),
        rows=len(chosen),
        score=_correlation(predictor(learnt)(rows[judged]), labels.values[judged]),
        learnt=learnt,
    )


def _correlation(predicted: Floats, came: Floats) -> float | None:
    if len(came) < 3 or not predicted.std() or not came.std():
        return None
    return float(np.corrcoef(predicted, came)[0, 1])


def _check(target: str, *, horizon: int, width: float, folds: int, embargo: int, first: float) -> None:
    if target not in TARGETS:
        mend = did_you_mean(target, TARGETS) or f"There are {' and '.join(TARGETS)}."
        raise ConfigError(f'no target is called "{target}"', place="target", mend=mend)
    for name, value, least in (("horizon", horizon, 1), ("folds", folds, 1), ("embargo", embargo, 0)):
        if value < least:
            raise ConfigError(f"{value} is below {least}", place=name, mend=f"Give {least} or more.")
    if not width > 0:
        raise ConfigError(
            f"{width} is not above 0", place="width", mend="1 is the spread of a return over the horizon."
        )
    if not 0 < first < 1:
        raise ConfigError(f"{first} is not between 0 and 1", place="first", mend="0.4 leaves 60 % to judge.")
