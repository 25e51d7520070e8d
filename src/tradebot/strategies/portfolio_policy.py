"""`PortfolioPolicy`: what a person writes to trade an idea over the whole account."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Self, dataclass_transform

from tradebot.strategies.idea import Idea
from tradebot.strategies.param import param

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tradebot_native import ExecutionEvent, OrderIntent

    from tradebot.core.portfolio import Portfolio
    from tradebot.core.protocols import DecisionContext, Snapshot
    from tradebot.strategies.bars import Bars


@dataclass_transform(kw_only_default=True, field_specifiers=(param,))
class PortfolioPolicy(Idea):
    """An idea that looks at all markets of the account together and says which orders to give.

    Subclass it, declare parameters with :func:`~tradebot.strategies.param.param`, and give orders in :meth:`decide`.
    One instance holds the parameters; the engine makes a bound copy of it for a run. It is a
    :class:`~tradebot.core.protocols.Policy` with a name, parameters and indicators, and sizes its own orders, which
    pass the same limits as any other.

    What it keeps between decisions are plain values in its attributes, so that a run can be saved and resumed.
    """

    _wanting = "decide(self, portfolio, snapshot, context)"

    def setup(self, markets: Mapping[str, Bars]) -> None:
        """Declare indicators and initial state, and refuse markets it cannot trade; called once before the first bar.

        Parameters
        ----------
        markets : the bars of every market as indicator nodes, by symbol, in the order of the run. A node's ``[-1]`` is
            its value at the market's last closed bar; NaN while it warms up.

        Raises
        ------
        StrategyError : the markets do not fit the idea.
        """

    def decide(self, portfolio: Portfolio, snapshot: Snapshot, context: DecisionContext) -> Sequence[OrderIntent]:
        """Orders to give now, in order of importance; empty for none. Called whenever bars have closed."""
        raise NotImplementedError

    def on_fill(self, fill: ExecutionEvent) -> None:
        """Learn of a fill in any market, before the next decision."""

    def on_history(self, snapshot: Snapshot) -> None:
        """Remember a moment that passed without a decision: before a live run began, or while it had no data.

        Called in the order of time before the next decision, with the bars as they were then. What :meth:`decide`
        gathers from bars is gathered here too, so that a live run knows what a backtest over the same bars knows. The
        last 65,536 bars of each market are kept for it. Indicators take these bars by themselves, and already show the
        latest one.
        """

    @property
    def warmup(self) -> int:
        """Bars of each market it needs to have seen before it can first decide, beside what its indicators need."""
        return 0

    @classmethod
    def forms(cls) -> tuple[str, ...]:
        """``policy``: a policy has no other form."""
        return ("policy",) * cls.implements("decide")

    def bind(self, markets: Mapping[str, Bars]) -> Self:
        """Copy with the same parameters, set up on the markets of a run and ready for its first bar."""
        bound = copy.deepcopy(self)
        bound.setup(markets)
        return bound
