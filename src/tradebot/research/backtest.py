"""``tradebot.backtest``: one call from a strategy and bars to a result."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tradebot.core.tick_array import QuoteArray, TickArray
from tradebot.research.result import BacktestResult, Rerun

if TYPE_CHECKING:
    from tradebot_native import Slippage

    from tradebot.core.bar import BarArray
    from tradebot.core.protocols import Policy, Sizer
    from tradebot.engine.market import FundingRates
    from tradebot.engine.outcome import RunOutcome
    from tradebot.risk import Protection, RiskLimits
    from tradebot.strategies import SignalPolicy, Strategy

Progress = Callable[[int, int], None]


def backtest(
    strategy: Strategy | SignalPolicy | Policy | str,
    bars: BarArray | Sequence[BarArray] | TickArray | QuoteArray,
    *,
    cash: float = 10_000.0,
    sizer: Sizer | None = None,
    risk: RiskLimits | None = None,
    protection: Protection | None = None,
    fill: str = "next_open",
    path: str = "pessimistic",
    magnify: BarArray | Sequence[BarArray] | None = None,
    touch: bool = True,
    participation: float | None = None,
    slippage: Slippage | None = None,
    leverage: float = 1.0,
    funding: Mapping[str, FundingRates] | None = None,
    form: str = "auto",
    tf_roles: Mapping[str, str] | None = None,
    notes: Sequence[str] = (),
    progress: Progress | None = None,
) -> BacktestResult:
    """Run a strategy over bars in the simulated exchange.

    Parameters
    ----------
    strategy : a Strategy or Policy, or the name of one in the registry, which then has its default parameters.
    bars : one market, or several that share the account; or ticks or quotes of one, for a strategy with ``on_tick``
        or ``on_quote``. Then ``fill``, ``path``, ``magnify``, ``funding``, ``form`` and
        ``tf_roles`` have no meaning.
    cash : equity before the first bar, in the account's currency.
    sizer : turns a signal into a quantity; 95 % of equity, shared by the markets, where ``None``.
    risk : limits every opening order must pass; none where ``None``.
    protection : stop, target and trailing stop of entries that bring none; none where ``None``.
    fill : ``next_open``, or ``this_close``, which the report warns of.
    path : ``pessimistic``, ``optimistic`` or ``adaptive``: the order of the extremes inside a bar.
    magnify : finer bars of the markets, such as minutes inside hours. Where they make up a bar they tell its path, and
        ``path`` says how the finer bars are resolved.
    touch : whether a limit order fills when the price only touches it.
    participation : largest share of a bar's volume one fill may take, in 0..1; unlimited where ``None``.
    slippage : model of the price given up by market and stop orders; none where ``None``.
    leverage : notional a unit of equity may carry (perpetuals).
    funding : funding rates of perpetuals, by symbol.
    form : ``auto``, ``python`` or ``rules``: the form of the strategy to run.
    tf_roles : role by interval, such as ``{"1d": "HTF"}``, in the place of the intervals the strategy declares.
    notes : sentences on the data, such as whether prices are raw or adjusted; printed with the assumptions.
    progress : called now and then with the steps done and the steps in all.

    Returns
    -------
    The result; nothing of it is computed before it is asked for.

    Raises
    ------
    TradebotError : a parameter, the data or the strategy is not as it must be; the message names it and the mend.
    """
    from tradebot.engine.backtest import Backtest

    if isinstance(strategy, str):
        from tradebot.strategies.registry import find

        strategy = find(strategy)()

    if isinstance(bars, TickArray | QuoteArray):
        from tradebot.core.errors import StrategyError
        from tradebot.engine.ticks import TickBacktest
        from tradebot.strategies import Strategy

        if not isinstance(strategy, Strategy):
            kind = type(strategy).__name__
            raise StrategyError(f"a {kind} cannot be driven by ticks", place="strategy", mend="Give a Strategy.")
        driven = TickBacktest(
            strategy,
            bars,
            cash=cash,
            sizer=sizer,
            risk=risk,
            protection=protection,
            touch=touch,
            participation=participation,
            slippage=slippage,
            leverage=leverage,
        )
        return BacktestResult(_noted(driven.run(progress=progress), notes))

    from tradebot.research.models.sample import check_out_of_sample

    notes = (*notes, *check_out_of_sample(strategy, bars if isinstance(bars, Sequence) else [bars]))

    def run(decider: Strategy | SignalPolicy | Policy, path: str, progress: Progress | None = None) -> RunOutcome:
        engine = Backtest(
            decider,
            bars,
            cash=cash,
            sizer=sizer,
            risk=risk,
            protection=protection,
            fill=fill,
            path=path,
            magnify=magnify,
            touch=touch,
            participation=participation,
            slippage=slippage,
            leverage=leverage,
            funding=funding,
            form=form,
            tf_roles=tf_roles,
        )
        return _noted(engine.run(progress=progress), notes)

    # Taken before the run: what decides may remember, and a repeated run must begin as the first one did.
    unused = _copy_of(strategy)
    outcome = run(strategy, path, progress)
    rerun: Rerun | None = None if unused is None else lambda other: run(copy.deepcopy(unused), other)
    return BacktestResult(outcome, rerun=rerun)


def _noted(outcome: RunOutcome, notes: Sequence[str]) -> RunOutcome:
    """The outcome whose assumptions end with these notes."""
    if not notes:
        return outcome
    told = replace(outcome.assumptions, notes=(*outcome.assumptions.notes, *notes))
    return replace(outcome, assumptions=told)


def _copy_of(strategy: Strategy | SignalPolicy | Policy) -> Strategy | SignalPolicy | Policy | None:
    """A copy to run again; ``None`` where it holds something that cannot be copied (a file, a connection)."""
    try:
        return copy.deepcopy(strategy)
    except (TypeError, AttributeError, RecursionError):
        return None
