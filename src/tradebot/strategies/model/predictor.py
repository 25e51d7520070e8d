"""From rows of features to predictions. A row gives the same whether it comes alone or among others, to the bit."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from tradebot.indicators.operation import Floats
from tradebot.strategies.model.document import Linear, Trees
from tradebot.strategies.model.library import load

Predict = Callable[[Floats], Floats]


def predictor(learnt: Linear | Trees) -> Predict:
    """The function that takes rows, float64 of shape (rows, features), and gives float64 of shape (rows,)."""
    return _linear(learnt) if isinstance(learnt, Linear) else _trees(learnt.text)


def width(learnt: Linear | Trees) -> int:
    """Number of features that are expected."""
    return len(learnt.weights[0]) if isinstance(learnt, Linear) else int(_booster(learnt.text).num_feature())


def _linear(learnt: Linear) -> Predict:
    def predict(rows: Floats) -> Floats:
        sums = [_sum(rows, *each) for each in zip(learnt.weights, learnt.intercepts, strict=True)]
        if not learnt.classes:
            return sums[0]
        highest = np.maximum.reduce(sums)
        odds = [np.exp(each - highest) for each in sums]
        expected, total = np.zeros(len(rows)), np.zeros(len(rows))
        for value, chance in zip(learnt.classes, odds, strict=True):
            expected += value * chance
            total += chance
        return expected / total

    return predict


def _sum(rows: Floats, weights: tuple[float, ...], intercept: float) -> Floats:
    # Column by column: a matrix product adds in an order that depends on the number of rows.
    result = np.full(len(rows), intercept)
    for column, weight in enumerate(weights):
        result += rows[:, column] * weight
    return result


def _trees(text: str) -> Predict:
    booster = _booster(text)
    return lambda rows: np.asarray(booster.predict(rows, num_threads=1), dtype=np.float64)


@lru_cache(maxsize=64)
def _booster(text: str) -> Any:
    return load("lightgbm").Booster(model_str=text)
