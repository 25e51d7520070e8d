"""All checks of a strategy, one after another."""

from __future__ import annotations

from typing import Any

from tradebot.core.bar import BarArray
from tradebot.core.errors import DataError
from tradebot.research.models.sample import check_out_of_sample
from tradebot.research.verify.forms import check_forms, check_streaming
from tradebot.research.verify.frictions import measure_costs, measure_delay
from tradebot.research.verify.look_ahead import check_look_ahead
from tradebot.research.verify.starting import check_start
from tradebot.research.verify.verdict import Verdict
from tradebot.strategies import Strategy

_FEWEST = 200


def verify(strategy: Strategy, bars: BarArray, **options: Any) -> Verdict:
    """Hold a strategy against everything that makes a backtest lie.

    Parameters
    ----------
    strategy : an instance, with the parameters to verify.
    bars : one market; some tens of thousands of bars say more than a few hundred.
    **options : as for :class:`~tradebot.engine.backtest.Backtest`.

    Raises
    ------
    DataError : there are too few bars to say anything.
    StrategyError : the strategy fails on the bars as they are, or is a model that has learnt from all of them.
    """
    if len(bars) < _FEWEST:
        raise DataError(
            f"{len(bars)} bars are too few", place=f"bars of {bars.symbol}", mend=f"Give {_FEWEST} or more."
        )
    check_out_of_sample(strategy, [bars])
    checks = (
        check_look_ahead(strategy, bars, options),
        check_start(strategy, bars),
        check_forms(strategy, bars, options),
        check_streaming(strategy, bars),
        measure_costs(strategy, bars, options),
        measure_delay(strategy, bars, options),
    )
    return Verdict(strategy.name, bars.symbol, str(bars.interval), len(bars), checks)
