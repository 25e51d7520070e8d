"""In the sample or out of it: what a run may say of a model."""

from __future__ import annotations

from collections.abc import Sequence

from tradebot.core.bar import BarArray
from tradebot.core.errors import StrategyError
from tradebot.core.instant import iso
from tradebot.strategies import SignalPolicy
from tradebot.strategies.model import ModelStrategy


def check_out_of_sample(strategy: object, markets: Sequence[BarArray]) -> list[str]:
    """Refuse bars that a model has learnt from; for other strategies nothing is to be said.

    Returns
    -------
    Sentences for the report: what the model is, and from when on it was traded.

    Raises
    ------
    StrategyError : no bar comes after what the model's first fold has seen.
    """
    if isinstance(strategy, SignalPolicy):
        strategy = strategy.strategy
    if not isinstance(strategy, ModelStrategy):
        return []
    model = strategy.model
    first, last = model.folds[0], model.folds[-1]
    ends = max((int(bars.close_ts[-1]) for bars in markets if len(bars)), default=first.usable_from)
    if ends < first.usable_from:
        raise StrategyError(
            f"the bars end at {iso(ends)}, and it has learnt from bars up to {iso(first.trained_to)}",
            place=f"model {strategy.name}",
            mend=f"Give bars that close at {iso(first.usable_from)} or later, or train it on earlier ones.",
        )
    learnt = (
        f"The model {strategy.name} ({model.estimator}) has {len(model.features)} features of {model.interval} bars of "
        f"{model.symbol} and predicts the {model.target} {model.horizon} bars ahead."
    )
    judged = (
        f"It has learnt from {iso(first.trained_from)} on, and judges bars from {iso(first.usable_from)} on alone; its "
        f"last of {len(model.folds)} fits, used from {iso(last.usable_from)} on, has seen bars up to "
        f"{iso(last.trained_to)}."
    )
    return [learnt, judged]
