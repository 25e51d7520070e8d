"""What decides in a run, and what it is told of the run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tradebot.core.errors import StrategyError
from tradebot.sizing import FractionOfEquity
from tradebot.strategies import Strategy
from tradebot.strategies.policy import DEFAULT_SIZER, SignalPolicy

if TYPE_CHECKING:
    from tradebot.core.instrument import Instrument
    from tradebot.core.protocols import Policy, Sizer


@dataclass(frozen=True, slots=True)
class Context:
    """What stays the same over a run, for a policy."""

    run_id: str
    instruments: Mapping[str, Instrument]


def decider_of(
    strategy: Strategy | SignalPolicy | Policy,
    sizer: Sizer | None,
    markets: int,
    tf_roles: Mapping[str, str] | None = None,
) -> tuple[Strategy | Policy, Sizer]:
    """What decides, and its sizer: unless given, 95 % of equity shared by the markets.

    Raises
    ------
    StrategyError : it decides nothing, or has no such roles.
    """
    decider, fitting = _joined(strategy, sizer, markets)
    return (_with_roles(decider, tf_roles) if tf_roles else decider), fitting


def _with_roles(decider: Strategy | Policy, tf_roles: Mapping[str, str]) -> Strategy:
    if not isinstance(decider, Strategy):
        raise StrategyError("a policy has no roles", place="tf_roles", mend="Leave them out, or give a Strategy.")
    return decider.with_roles(tf_roles)


def _joined(
    strategy: Strategy | SignalPolicy | Policy, sizer: Sizer | None, markets: int
) -> tuple[Strategy | Policy, Sizer]:
    if isinstance(strategy, SignalPolicy):
        return strategy.strategy, sizer or strategy.sizer
    if isinstance(strategy, Strategy):
        return strategy, sizer or FractionOfEquity(DEFAULT_SIZER.fraction / markets)
    if isinstance(strategy, type):
        raise StrategyError(
            f"{strategy.__name__} is a class", place="strategy", mend=f"Give an instance: {strategy.__name__}()."
        )
    if not callable(getattr(strategy, "decide", None)):
        kind = type(strategy).__name__
        raise StrategyError(
            f"a {kind} decides nothing", place="strategy", mend="Give a Strategy, or an object with decide(...)."
        )
    return strategy, sizer or DEFAULT_SIZER
