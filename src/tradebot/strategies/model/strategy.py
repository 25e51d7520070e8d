"""Trades what a trained model predicts."""

from __future__ import annotations

from typing import ClassVar

from tradebot_native import Bar, Exit, Signal

from tradebot.core.asset_class import AssetClass
from tradebot.core.errors import StrategyError
from tradebot.strategies.bars import Bars
from tradebot.strategies.model.document import TrainedModel
from tradebot.strategies.model.prediction import prediction
from tradebot.strategies.param import param
from tradebot.strategies.rules import Rules
from tradebot.strategies.strategy import Strategy


class ModelStrategy(Strategy):
    """Long while a model expects more than a threshold, short while it expects less than its negative.

    Bars that the model has learnt from are not traded: each of its fits judges later bars alone. López de Prado (2018),
    Advances in Financial Machine Learning, chapters 7 and 12. A market that cannot be sold short is traded long.

    The file of a model is such a strategy by its path. A subclass names its model:
    ``model = read_model(Path("btc.model"))``.
    """

    # What it trades by.
    model: ClassVar[TrainedModel]

    version = "1.0"
    enter: float = param(0.0, ge=0, doc="Prediction beyond which it enters, in the unit of the model's target.")
    leave: float = param(0.0, doc="Prediction back below which it leaves; at most enter.")
    direction: str = param("both", choices=("both", "long", "short"), doc="Sides it trades.")

    def validate(self) -> None:
        if not hasattr(self, "model"):
            mend = "Give the file of a model in its place, or a class with model = read_model(Path(...))."
            raise StrategyError("there is no model", place=self.name, mend=mend)
        self.model.check_folds(self.name)
        if self.leave > self.enter:
            raise self.refuse("leave", f"{self.leave} exceeds enter, which is {self.enter}", "Give a smaller leave.")

    def setup(self, bars: Bars) -> None:
        if str(bars.interval) != self.model.interval:
            fact = f"it was trained on {self.model.interval} bars, and these are of {bars.interval}"
            raise StrategyError(fact, place=self.name, mend=f"Run it on {self.model.interval} bars, or train it anew.")
        self.prediction = prediction(self.model, bars)
        self.buys = self.direction != "short"
        self.sells = self.direction != "long" and bars.instrument.asset_class is not AssetClass.SPOT

    def on_bar(self, bar: Bar) -> Signal | Exit | None:
        expected = self.prediction[-1]
        if self.buys and expected > self.enter:
            return self.long()
        if self.sells and expected < -self.enter:
            return self.short()
        held = self.position
        if (held > 0 and expected < self.leave) or (held < 0 and expected > -self.leave):
            return self.exit()
        return None

    def rules(self, bars: Bars) -> Rules:
        return Rules(
            enter_long=self.prediction > self.enter if self.buys else None,
            exit_long=self.prediction < self.leave if self.buys else None,
            enter_short=self.prediction < -self.enter if self.sells else None,
            exit_short=self.prediction > -self.leave if self.sells else None,
        )

    @classmethod
    def documents(cls) -> dict[str, str]:
        """The model's own text, by file name: it is kept with every run, and runs from there."""
        return {f"{cls.name}.model": cls.model.to_json().decode()}
