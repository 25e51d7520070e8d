"""A trained model as a document: what was learnt, from which bars, and from when on it may speak."""

from __future__ import annotations

import hashlib
from typing import Final

import msgspec

from tradebot.core.errors import StrategyError
from tradebot.core.instant import iso

FORMAT: Final = 1


class Linear(msgspec.Struct, frozen=True, tag="linear"):
    """Weighted sums of the features; of several, the expected class.

    Attributes
    ----------
    weights : one row of weights a class, or a single row; each as long as the list of features.
    intercepts : added to the sums, one a row.
    classes : value of each class; empty for a single row, whose sum is the prediction itself. Otherwise the prediction
        is Σ class p(class), with p the softmax of the sums.
    """

    weights: tuple[tuple[float, ...], ...]
    intercepts: tuple[float, ...]
    classes: tuple[float, ...] = ()


class Trees(msgspec.Struct, frozen=True, tag="lightgbm"):
    """Trees in LightGBM's own text format, which holds numbers alone."""

    text: str


class Fold(msgspec.Struct, frozen=True, kw_only=True):
    """What was learnt from one stretch of bars.

    Attributes
    ----------
    trained_from : open time of the first bar it learnt from, int64 ns UTC.
    trained_to : close time of the last bar whose prices it has seen, those of its labels included.
    usable_from : close time of the first bar it may judge.
    rows : bars it learnt from.
    score : correlation of its predictions with what came, over the bars it judged in training; ``None`` where there
        were too few.
    learnt : the fitted numbers.
    """

    trained_from: int
    trained_to: int
    usable_from: int
    rows: int
    score: float | None
    learnt: Linear | Trees


class TrainedModel(msgspec.Struct, frozen=True, kw_only=True):
    """Models of one kind, each of which judges the bars after those it learnt from.

    Attributes
    ----------
    symbol, interval, bars_digest : the bars it was trained on.
    features : names of its inputs, in order.
    target : what it predicts: ``return`` or ``barrier``.
    horizon : bars ahead.
    width : distance of the barriers in standard deviations, where they are the target.
    embargo : bars left out between what a fold has seen and what it judges.
    estimator : kind and settings of the model.
    seed : of what is random in the fitting.
    library, library_version : what fitted it.
    folds : in order of time; each is used until the next one may speak.
    digest : SHA-256 of all the rest.
    """

    symbol: str
    interval: str
    bars_digest: str
    features: tuple[str, ...]
    target: str
    horizon: int
    width: float
    embargo: int
    estimator: str
    seed: int
    library: str
    library_version: str
    folds: tuple[Fold, ...]
    digest: str = ""
    format: int = FORMAT

    def check_folds(self, place: str) -> None:
        """Refuse a model whose folds would judge what they have seen.

        Raises
        ------
        StrategyError : a fold may judge bars before the last it has seen, or the folds are not in order.
        """
        starts = [fold.usable_from for fold in self.folds]
        if not starts or starts != sorted(set(starts)):
            raise StrategyError("its folds are not in order of time", place=place, mend="Train it again.")
        for number, fold in enumerate(self.folds, 1):
            if fold.usable_from <= fold.trained_to:
                fact = f"fold {number} would judge bars from {iso(fold.usable_from)} on, and has seen bars up to "
                fact += iso(fold.trained_to)
                raise StrategyError(fact, place=place, mend="Train it again.")

    def sealed(self) -> TrainedModel:
        """The same with its digest."""
        return msgspec.structs.replace(self, digest=self.content_digest())

    def content_digest(self) -> str:
        """SHA-256 of everything but the digest."""
        return hashlib.sha256(msgspec.json.encode(msgspec.structs.replace(self, digest=""))).hexdigest()

    def to_json(self) -> bytes:
        """The document as it is written to a file."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1) + b"\n"
