"""All checks of a strategy, one after another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tradebot.core.bar import BarArray
from tradebot.core.errors import DataError
from tradebot.research.backtest import Progress
from tradebot.research.models.sample import check_out_of_sample
from tradebot.research.verify.forms import check_forms, check_streaming
from tradebot.research.verify.frictions import measure_costs, measure_delay
from tradebot.research.verify.look_ahead import check_look_ahead
from tradebot.research.verify.starting import check_start
from tradebot.research.verify.verdict import Check, Verdict
from tradebot.strategies import PortfolioPolicy, Strategy

_FEWEST = 200


def verify(
    strategy: Strategy | PortfolioPolicy,
    bars: BarArray | Sequence[BarArray],
    *,
    progress: Progress | None = None,
    **options: Any,
) -> Verdict:
    """Hold a strategy or policy against everything that makes a backtest lie.

    Parameters
    ----------
    strategy : an instance, with the parameters to verify.
    bars : one market, or several on one account; some tens of thousands of bars say more than a few hundred.
    progress : called after each check with the checks done and the checks in all.
    **options : as for :class:`~tradebot.engine.backtest.Backtest`.

    Raises
    ------
    DataError : there are too few bars to say anything.
    StrategyError : the strategy fails on the bars as they are, or is a model that has learnt from all of them.
    """
    markets = list(bars) if isinstance(bars, Sequence) else [bars]
    for market in markets:
        if len(market) < _FEWEST:
            fact, mend = f"{len(market)} bars are too few", f"Give {_FEWEST} or more."
            raise DataError(fact, place=f"bars of {market.symbol}", mend=mend)
    check_out_of_sample(strategy, markets)
    steps: tuple[Callable[[], Check], ...] = (
        lambda: check_look_ahead(strategy, markets, options),
        lambda: check_start(strategy, markets, options),
        lambda: check_forms(strategy, markets, options),
        lambda: check_streaming(strategy, markets),
        lambda: measure_costs(strategy, markets, options),
        lambda: measure_delay(strategy, markets, options),
    )
    checks: list[Check] = []
    for step in steps:
        checks.append(step())
        if progress is not None:
            progress(len(checks), len(steps))
    symbols = ", ".join(market.symbol for market in markets)
    return Verdict(strategy.name, symbols, str(markets[0].interval), max(map(len, markets)), tuple(checks))
