"""All checks of a strategy, one after another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tradebot.core.bar import BarArray
from tradebot.core.errors import DataError
from tradebot.research.models.sample import check_out_of_sample
from tradebot.research.verify.forms import check_forms, check_streaming
from tradebot.research.verify.frictions import measure_costs, measure_delay
from tradebot.research.verify.look_ahead import check_look_ahead
from tradebot.research.verify.starting import check_start
from tradebot.research.verify.verdict import Verdict
from tradebot.strategies import PortfolioPolicy, Strategy

_FEWEST = 200


def verify(strategy: Strategy | PortfolioPolicy, bars: BarArray | Sequence[BarArray], **options: Any) -> Verdict:
    """Hold a strategy or policy against everything that makes a backtest lie.

    Parameters
    ----------
    strategy : an instance, with the parameters to verify.
    bars : one market, or several on one account; some tens of thousands of bars say more than a few hundred.
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
    checks = (
        check_look_ahead(strategy, markets, options),
        check_start(strategy, markets, options),
        check_forms(strategy, markets, options),
        check_streaming(strategy, markets),
        measure_costs(strategy, markets, options),
        measure_delay(strategy, markets, options),
    )
    symbols = ", ".join(market.symbol for market in markets)
    return Verdict(strategy.name, symbols, str(markets[0].interval), max(map(len, markets)), checks)
