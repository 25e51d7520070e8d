"""What the engine runs: a `Policy` for the whole account, most often a strategy joined with a sizer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tradebot.core.errors import StrategyError
from tradebot.core.protocols import DecisionContext, Policy, Sizer, Snapshot
from tradebot.sizing import FractionOfEquity
from tradebot.strategies.strategy import Strategy

__all__ = ["DEFAULT_SIZER", "DecisionContext", "Policy", "SignalPolicy", "Snapshot"]

# Not the whole of equity: the next open may lie above the close the quantity is computed from, and fees come on top.
DEFAULT_SIZER: Final = FractionOfEquity(0.95)


@dataclass(frozen=True, slots=True)
class SignalPolicy:
    """A strategy joined with a sizer: signals in, sized orders out.

    The engine binds one copy of the strategy to each instrument and turns its signals into orders: an entry is sized by
    the sizer and carries the signal's exits as a bracket, a signal for the other side closes first, and an
    :class:`Exit` becomes a reduce-only order.

    Parameters
    ----------
    strategy : an instance, which holds the parameters.
    sizer : turns a signal into a quantity.

    Raises
    ------
    StrategyError : a strategy class was given in place of an instance, or something else.
    """

    strategy: Strategy
    sizer: Sizer = DEFAULT_SIZER

    def __post_init__(self) -> None:
        _require_instance(self.strategy)


def _require_instance(given: object) -> None:
    if isinstance(given, Strategy):
        return
    if isinstance(given, type) and issubclass(given, Strategy):
        mend = f"Give an instance: {given.__name__}()."
        raise StrategyError(f"{given.__name__} is a class", place="strategy", mend=mend)
    raise StrategyError(f"{given!r} is not a strategy", place="strategy", mend="Derive it from tradebot.Strategy.")
