"""A strategy set up on bars outside a run, for a look at what it computes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import tradebot_native as native

from tradebot.core.bar import BarArray
from tradebot.engine.account import Simulation
from tradebot.engine.market import exchange_of, markets_of
from tradebot.indicators import Frame, Node
from tradebot.strategies import Rules, Strategy
from tradebot.strategies.failure import setup_failures


@dataclass(frozen=True, slots=True)
class Seen:
    """The frame a strategy was set up on, and what it computes there, by the names it gave it."""

    frame: Frame
    nodes: dict[str, Node]


def see(strategy: Strategy, bars: BarArray, frame: Frame | None = None) -> Seen:
    """Set a strategy up on bars, or on a frame of bars to come."""
    markets = markets_of(bars)
    simulation = Simulation("next_open", "pessimistic", True, None, native.Slippage.none(), 1.0)
    exchange = exchange_of(markets, {}, simulation, 10_000.0, "verify")
    frame = frame or markets[0].frame
    with setup_failures(strategy):
        bound = strategy.bind(0, bars.instrument, exchange.portfolio, frame)
        named = _named(vars(bound))
        if strategy.implements("rules"):
            rules: Rules = bound.rules(bound.bars())
            named |= {f"rules.{name}": node for name, node in rules.nodes().items()}
    return Seen(frame, named)


def _named(members: Mapping[str, Any]) -> dict[str, Node]:
    """Nodes among the members, and those inside a named tuple or a mapping."""
    found: dict[str, Node] = {}
    for name, member in members.items():
        inside: Any = member._asdict() if hasattr(member, "_asdict") else member
        if isinstance(inside, Node):
            found[name] = inside
        elif isinstance(inside, Mapping):
            found |= _named({f"{name}.{key}": node for key, node in cast("Mapping[str, Any]", inside).items()})
    return found
