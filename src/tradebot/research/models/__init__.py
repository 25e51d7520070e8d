"""Models trained walk-forward on features of past bars, for ``tradebot.strategies.model`` to trade."""

from tradebot.research.models.labels import Labels, forward_return, triple_barrier
from tradebot.research.models.sample import check_out_of_sample
from tradebot.research.models.saving import save_model
from tradebot.research.models.splits import Split, walk_forward
from tradebot.research.models.training import train

__all__ = [
    "Labels",
    "Split",
    "check_out_of_sample",
    "forward_return",
    "save_model",
    "train",
    "triple_barrier",
    "walk_forward",
]
