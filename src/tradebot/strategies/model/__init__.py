"""Models that were trained elsewhere (``tradebot.research.models``), as strategies."""

from tradebot.strategies.model.document import Fold, Linear, TrainedModel, Trees
from tradebot.strategies.model.file import model_strategy, read_model
from tradebot.strategies.model.prediction import prediction
from tradebot.strategies.model.strategy import ModelStrategy

__all__ = [
    "Fold",
    "Linear",
    "ModelStrategy",
    "TrainedModel",
    "Trees",
    "model_strategy",
    "prediction",
    "read_model",
]
