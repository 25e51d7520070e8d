"""Rules as the native loop takes them, and as a hook for the loop that calls Python."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import tradebot_native as native

from tradebot.core.errors import StrategyError
from tradebot.indicators import Node

if TYPE_CHECKING:
    from tradebot_native import Bar, Exit, Signal

    from tradebot.core.protocols import Policy
    from tradebot.engine.market import Market
    from tradebot.strategies import Rules, Strategy

CONDITIONS = ("enter_long", "exit_long", "enter_short", "exit_short")
LEVELS = (
    "stop_loss",
    "take_profit",
    "stop_loss_pct",
    "take_profit_pct",
    "trailing_stop",
    "trailing_stop_pct",
    "trailing_activation_pct",
)


def rules_of(strategy: Strategy, market: Market) -> tuple[Rules, int]:
    """A bound strategy's rules as the base timeframe sees them, and the first bar on which all their nodes are warm."""
    given = strategy.rules(strategy.bars())
    rules = replace(given, **{name: node.on_base() for name, node in given.nodes().items()})
    warmup = market.frame.warm_index(rules.nodes().values())
    market.frame.seal()
    return rules, warmup


def rule_set(rules: Rules, market: Market, warmup: int) -> native.RuleSet:
    """The rules computed over all bars: one byte a bar, and the exits."""
    masks = {name: node.mask() for name in CONDITIONS if (node := getattr(rules, name)) is not None}
    levels = {name: _level(getattr(rules, name)) for name in LEVELS}
    return native.RuleSet(len(market.bars), warmup=warmup, **masks, **levels)


def rule_hook(rules: Rules, market: Market, strategy: Strategy) -> Callable[[Bar], Signal | Exit | None]:
    """The rules as an ``on_bar``, for a sizer that is written in Python and needs a signal to look at."""
    off = np.zeros(len(market.bars), dtype=np.uint8)
    nodes = (getattr(rules, name) for name in CONDITIONS)
    enter_long, exit_long, enter_short, exit_short = (off if node is None else node.mask() for node in nodes)
    levels = {name: level for name in (*LEVELS, "confidence") if (level := _level(getattr(rules, name))) is not None}
    timeline = market.frame.timeline

    def on_bar(bar: Bar) -> Signal | Exit | None:
        i = timeline.cursor
        long, short = enter_long[i] and not exit_long[i], enter_short[i] and not exit_short[i]
        if long != short:
            fields: Any = {
                name: (level if isinstance(level, float) else float(level[i])) for name, level in levels.items()
            }
            return strategy.long(**fields) if long else strategy.short(**fields)
        held = strategy.position
        if (held > 0 and exit_long[i]) or (held < 0 and exit_short[i]):
            return strategy.exit()
        return None

    return on_bar


def _level(value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, Node):
        return value.batch()
    return float(value)


def check_form(strategy: Strategy, form: str) -> str:
    """The form to run: ``rules`` or ``python``; ``auto`` takes rules where the strategy has them.

    Raises
    ------
    StrategyError : the strategy does not carry the form asked for.
    """
    forms = strategy.forms()
    if form == "auto":
        hears = strategy.implements("on_fill")
        return "rules" if "rules" in forms and not ("python" in forms and hears) else "python"
    if form not in ("python", "rules", "policy"):
        raise StrategyError(f"{form!r} is no form", place="form", mend="Use auto, python or rules.")
    if form not in forms:
        raise StrategyError(
            f"it has no {form} form", place=strategy.name, mend=f"It carries {' and '.join(forms)}; use that or auto."
        )
    return form


def check_policy_form(policy: Policy, form: str) -> str:
    """The form of a policy, which has one alone.

    Raises
    ------
    StrategyError : another form is asked for.
    """
    if form not in ("auto", "policy"):
        name = str(getattr(policy, "name", type(policy).__name__))
        raise StrategyError(f"it has no {form} form", place=name, mend="A policy is a form of its own; use auto.")
    return "policy"
