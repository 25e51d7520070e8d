"""The prediction of a trained model as an indicator node, with a batch and a streaming form."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isfinite, nan
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tradebot import features
from tradebot.core.interval import Interval
from tradebot.indicators.operation import Floats, Outputs, Step, last_warmup
from tradebot.strategies.model.document import TrainedModel
from tradebot.strategies.model.predictor import Predict, predictor

if TYPE_CHECKING:
    from tradebot.indicators import Node, PriceBars
    from tradebot.indicators.bars import BarLike


def prediction(model: TrainedModel, bars: PriceBars) -> Node:
    """What the model expects at each bar; nan where no fold may judge the bar, or a feature is not known.

    A fold judges bars from its ``usable_from`` on, until the next fold does. So no bar is judged by what has learnt
    from it, or from later ones.
    """
    frame = bars.close.frame
    inputs = tuple(features.parse(name).on(bars) for name in model.features)
    fold = frame.node(_FoldInForce(frame.interval, tuple(each.usable_from for each in model.folds)))
    return frame.node(_Prediction(model), (fold, *inputs))


@dataclass(frozen=True)
class _FoldInForce:
    """Number of the fold that judges a bar; nan before the first one may."""

    interval: Interval
    usable_from: tuple[int, ...]

    name = "fold"
    outputs = 1

    @property
    def key(self) -> Hashable:
        return ("fold", str(self.interval), self.usable_from)

    def is_boolean(self, inputs: Sequence[Node]) -> bool:
        return False

    def warmup(self, inputs: Sequence[Node]) -> int:
        return 0

    def batch(self, node: Node) -> tuple[Floats, ...]:
        return (self._numbers(node.frame.columns.close_ts),)

    def step(self) -> Step:
        def number(bar: BarLike) -> Outputs:
            return (float(self._numbers(np.array([self.interval.close_of(bar.ts)]))[0]),)

        return number

    def _numbers(self, close_ts: NDArray[np.int64]) -> Floats:
        fold = np.searchsorted(self.usable_from, close_ts, side="right") - 1
        return np.where(fold >= 0, fold, nan)


@dataclass(frozen=True, eq=False)
class _Prediction:
    """Predictions from the number of the fold in force and the features."""

    model: TrainedModel

    name = "prediction"
    outputs = 1

    @property
    def key(self) -> Hashable:
        return ("prediction", self.model.digest)

    def is_boolean(self, inputs: Sequence[Node]) -> bool:
        return False

    def warmup(self, inputs: Sequence[Node]) -> int:
        return last_warmup(inputs)

    def batch(self, node: Node) -> tuple[Floats, ...]:
        fold, *columns = (source.batch() for source in node.inputs)
        rows = np.column_stack(columns)
        known = np.isfinite(rows).all(axis=1)
        given = np.full(len(fold), nan)
        for number, predict in enumerate(self._predictors):
            judged = known & (fold == number)
            if judged.any():
                given[judged] = predict(rows[judged])
        return (given,)

    def step(self) -> Step:
        predictors = self._predictors

        def predict(fold: float, *values: float) -> Outputs:
            if not isfinite(fold) or not all(map(isfinite, values)):
                return (nan,)
            return (float(predictors[int(fold)](np.array([values]))[0]),)

        return predict

    @cached_property
    def _predictors(self) -> tuple[Predict, ...]:
        return tuple(predictor(fold.learnt) for fold in self.model.folds)
