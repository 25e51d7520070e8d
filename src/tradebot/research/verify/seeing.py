"""A strategy set up on bars outside a run, for a look at what it computes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import tradebot_native as native

from tradebot.core.bar import BarArray
from tradebot.engine.account import Simulation
from tradebot.engine.market import exchange_of, markets_of
from tradebot.indicators import Frame, Node
from tradebot.strategies import Bars, PortfolioPolicy, Rules, Strategy
from tradebot.strategies.failure import setup_failures


@dataclass(frozen=True, slots=True)
class Seen:
    """The frame of one market, and what is computed on it, by the names the strategy gave it."""

    frame: Frame
    nodes: dict[str, Node]


def see(
    strategy: Strategy | PortfolioPolicy, markets: Sequence[BarArray], frames: Sequence[Frame] | None = None
) -> list[Seen]:
    """Set a strategy up on bars, or on frames of bars to come; what it computes, by market."""
    frames = frames or [market.frame for market in markets_of(markets)]
    with setup_failures(strategy):
        if isinstance(strategy, PortfolioPolicy):
            given = {bars.symbol: Bars(bars.instrument, frame) for bars, frame in zip(markets, frames, strict=True)}
            named = _named(vars(strategy.bind(given)))
            return [
                Seen(frame, {name: node for name, node in named.items() if node.frame.base is frame})
                for frame in frames
            ]
        return [_bound(strategy, index, markets, frame) for index, frame in enumerate(frames)]


def _bound(strategy: Strategy, index: int, markets: Sequence[BarArray], frame: Frame) -> Seen:
    simulation = Simulation("next_open", "pessimistic", True, None, native.Slippage.none(), 1.0)
    exchange = exchange_of(markets_of(markets), {}, simulation, 10_000.0, "verify")
    bound = strategy.bind(index, markets[index].instrument, exchange.portfolio, frame)
    named = _named(vars(bound))
    if strategy.implements("rules"):
        rules: Rules = bound.rules(bound.bars())
        named |= {f"rules.{name}": node for name, node in rules.nodes().items()}
    return Seen(frame, named)


def _named(members: Mapping[str, Any]) -> dict[str, Node]:
    """Nodes among the members, and those inside a mapping, a list or a tuple."""
    found: dict[str, Node] = {}
    for name, member in members.items():
        inside = _by_key(member)
        if isinstance(inside, Node):
            found[name] = inside
        elif isinstance(inside, Mapping):
            found |= _named({f"{name}.{key}": node for key, node in cast("Mapping[str, Any]", inside).items()})
    return found


def _by_key(member: Any) -> Any:
    """What a member holds by name or by number, as a mapping; the member itself where it holds nothing."""
    if hasattr(member, "_asdict"):
        return member._asdict()
    if isinstance(member, (list, tuple)):
        return dict(enumerate(cast("Sequence[Any]", member)))
    return member
