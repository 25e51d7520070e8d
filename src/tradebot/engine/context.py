"""What decides in a run, and what it is told of the run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from tradebot.core.errors import StrategyError
from tradebot.sizing import FractionOfEquity
from tradebot.strategies import Strategy
from tradebot.strategies.policy import DEFAULT_SIZER, SignalPolicy
from tradebot.strategies.roles import BASE

if TYPE_CHECKING:
    from tradebot.core.instrument import Instrument
    from tradebot.core.interval import Interval
    from tradebot.core.protocols import Policy, Sizer

Decider = TypeVar("Decider", bound="Strategy | Policy")


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
    return with_roles(decider, tf_roles or {}), fitting


def with_roles(decider: Decider, tf_roles: Mapping[str, str]) -> Decider:
    """What decides, with the intervals a run gives its roles.

    Raises
    ------
    StrategyError : it has no such roles.
    """
    if not tf_roles:
        return decider
    if not isinstance(decider, Strategy):
        raise StrategyError("a policy has no roles", place="tf_roles", mend="Leave them out, or give a Strategy.")
    return decider.with_roles(tf_roles)


def role_notes(decider: Strategy | Policy, base: Interval) -> tuple[str, ...]:
    """What a report says of the timeframes a strategy reads by their roles; nothing where it has none."""
    roles = decider.role_intervals if isinstance(decider, Strategy) else {}
    told = [f"{role} {base if role == BASE else interval}" for role, interval in roles.items()]
    return (f"Timeframes: {', '.join(told)}",) if told else ()


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
