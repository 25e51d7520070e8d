"""Model files: one document of numbers and text each. No code runs when one is read."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import msgspec

from tradebot import features
from tradebot.core.errors import IndicatorError, StrategyError
from tradebot.strategies.model.document import FORMAT, TrainedModel
from tradebot.strategies.model.predictor import width
from tradebot.strategies.model.strategy import ModelStrategy

_AGAIN: Final = "Train it again with `tradebot model train`."


class _Format(msgspec.Struct):
    format: int


def model_strategy(file: Path) -> type[ModelStrategy]:
    """The strategy that trades a model file, named after it.

    Raises
    ------
    StrategyError : as for :func:`read_model`.
    """
    model = read_model(file)
    members = {
        "__module__": ModelStrategy.__module__,
        "__doc__": ModelStrategy.__doc__,
        "name": file.stem,
        "version": f"{ModelStrategy.version}+{model.digest[:8]}",
        "model": model,
    }
    return type(ModelStrategy.__name__, (ModelStrategy,), members)


def read_model(file: Path) -> TrainedModel:
    """A model from its file, with all that could be wrong with it found out.

    Raises
    ------
    StrategyError : the file is absent, damaged or of a newer format; or its features or the library that fitted it
        are not those installed here; or a fold would judge what it has seen.
    """
    model = _decoded(file)
    if model.content_digest() != model.digest:
        raise StrategyError("it is damaged, or was changed by hand: its digest differs", place=str(file), mend=_AGAIN)
    _check_library(file, model)
    model.check_folds(str(file))
    try:
        for name in model.features:
            features.parse(name)
    except IndicatorError as error:
        raise StrategyError(
            f"one of its features is not known here: {error.fact}", place=str(file), mend=_AGAIN
        ) from error
    for fold in model.folds:
        if (expected := width(fold.learnt)) != len(model.features):
            fact = f"it lists {len(model.features)} features, and was fitted on {expected}"
            raise StrategyError(fact, place=str(file), mend=_AGAIN)
    return model


def _decoded(file: Path) -> TrainedModel:
    try:
        content = file.expanduser().read_bytes()
    except OSError as error:
        raise StrategyError(f"it cannot be read: {error.strerror}", place=str(file), mend="Check the path.") from error
    try:
        written = msgspec.json.decode(content, type=_Format).format
        if written > FORMAT:
            fact = f"it is of format {written}, and this tradebot reads up to {FORMAT}"
            raise StrategyError(fact, place=str(file), mend="Update tradebot.")
        return msgspec.json.decode(content, type=TrainedModel)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise StrategyError(f"it is no model, or damaged ({error})", place=str(file), mend=_AGAIN) from error


def _check_library(file: Path, model: TrainedModel) -> None:
    made_by = f"{model.library} {model.library_version}"
    try:
        installed = version(model.library)
    except PackageNotFoundError:
        mend = "Install it: pip install 'tradebot[ml]'."
        raise StrategyError(f"{made_by} made it and is not installed", place=str(file), mend=mend) from None
    if installed != model.library_version:
        mend = f"Train it again, or install {model.library}=={model.library_version}."
        raise StrategyError(f"{made_by} made it, and {installed} is installed", place=str(file), mend=mend)
