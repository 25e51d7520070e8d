"""From what was asked for to a result: the way of `tradebot backtest` and of a repeated run alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tradebot.cli.checks import check_any_fill, check_hears_bars, check_no_sizer, check_sizer
from tradebot.cli.markets import load_finer, load_funding, load_markets
from tradebot.cli.progress import progress_bar
from tradebot.cli.values import (
    read_limits,
    read_params,
    read_protection,
    read_share,
    read_sizer,
    read_slippage,
    read_tf_roles,
)
from tradebot.research.backtest import backtest
from tradebot.research.runs.inputs import Inputs
from tradebot.strategies import registry

if TYPE_CHECKING:
    from tradebot.cli.request import BacktestRequest
    from tradebot.core.bar import BarArray
    from tradebot.research.result import BacktestResult
    from tradebot.research.runs.record import MarketPrint


@dataclass(frozen=True, slots=True)
class Ran:
    """A run that was made: its result, and what it was made of."""

    result: BacktestResult
    inputs: Inputs


def run(request: BacktestRequest, *, recorded: Sequence[MarketPrint] = ()) -> Ran:
    """Run what was asked for.

    Parameters
    ----------
    recorded : markets of a run that is repeated; bars that have come since are left out.

    Raises
    ------
    TradebotError : an option, the data or the strategy is not as it must be, or not one order could be filled.
    """
    sizer = None if request.sizer is None else read_sizer(request.sizer)
    slippage, risk = read_slippage(request.slippage), read_limits(request.limits)
    participation = read_share("--participation", request.participation)
    kind = registry.find(request.strategy)
    check_hears_bars(kind)
    check_no_sizer(kind, sizer)
    strategy = kind(**read_params(kind, request.params))
    markets, notes = load_spans(request, recorded)
    funding, finer = load_funding(request, markets), load_finer(request, markets)
    check_sizer(sizer, markets)
    title = f"{strategy.name} on {', '.join(market.symbol for market in markets)}"
    with progress_bar(title, max(map(len, markets)), shown=not request.as_json) as advance:
        result = backtest(
            strategy,
            markets,
            cash=request.cash,
            sizer=sizer,
            risk=risk,
            protection=read_protection(request.protections),
            fill=request.fill,
            path=request.path,
            magnify=finer,
            touch=request.touch,
            participation=participation,
            slippage=slippage,
            leverage=request.leverage,
            funding=funding,
            form=request.form,
            tf_roles=read_tf_roles(request.tf_roles),
            notes=notes,
            progress=advance,
        )
    check_any_fill(result.outcome)
    return Ran(result, Inputs(kind, funding, finer))


def load_spans(request: BacktestRequest, recorded: Sequence[MarketPrint]) -> tuple[list[BarArray], list[str]]:
    """The markets asked for, each within the bars that were recorded of it, and what a report says of them."""
    spans = {each.symbol: (each.first, each.last + 1) for each in recorded}
    markets, notes = load_markets(request)
    return [market.between(*spans.get(market.symbol, (None, None))) for market in markets], notes
