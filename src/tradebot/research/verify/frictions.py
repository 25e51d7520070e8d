"""Costs and delay: what is left of a result when trading costs more, or comes later."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, Final

import msgspec
from tradebot_native import Bar, Exit, OrderIntent, Signal

from tradebot import indicators as ta
from tradebot.core.bar import BarArray
from tradebot.engine.backtest import Backtest
from tradebot.engine.outcome import RunOutcome
from tradebot.indicators import Node
from tradebot.research.verify.verdict import Check
from tradebot.strategies import Bars, PortfolioPolicy, Rules, Strategy

_COSTS: Final = (0, 1, 2, 5)
_DELAYS: Final = (0, 1, 2)


def measure_costs(strategy: Strategy | PortfolioPolicy, markets: Sequence[BarArray], options: dict[str, Any]) -> Check:
    """The result at multiples of the fees."""
    results = [
        _result(Backtest(strategy, [at_costs(bars, times) for bars in markets], **options).run()) for times in _COSTS
    ]
    returns = [result["return"] for result in results]
    rows = tuple({"costs": f"{times} x", **result} for times, result in zip(_COSTS, results, strict=True))
    if returns[0] <= 0:
        fact = "it earns nothing on these bars even without costs."
    elif returns[1] <= 0:
        fact = "what it earns on these bars is less than its costs."
    else:
        borne = max(times for times, gained in zip(_COSTS, returns, strict=True) if gained > 0)
        fact = f"it earns on these bars up to {borne} times the costs."
    return Check("costs", None, fact, rows)


def measure_delay(strategy: Strategy | PortfolioPolicy, markets: Sequence[BarArray], options: dict[str, Any]) -> Check:
    """The result where every decision is acted on some bars later."""
    rows = tuple(
        {"delay": f"{late} bars", **_result(Backtest(delayed(strategy, late), markets, **options).run())}
        for late in _DELAYS
    )
    at_once, last = rows[0]["return"], rows[-1]["return"]
    return Check("delay", None, f"{at_once:+.2%} at once becomes {last:+.2%} two bars later.", rows)


def delayed(strategy: Strategy | PortfolioPolicy, late: int) -> Strategy | PortfolioPolicy:
    """The strategy with every decision said ``late`` bars after it was made."""
    if late == 0:
        return strategy
    kind: Any = type(strategy)
    late_form = _late_decisions if isinstance(strategy, PortfolioPolicy) else _late_hook
    members = _late_rules(kind, late) if kind.implements("rules") else late_form(kind, late)
    return type(kind.__name__, (kind,), {"name": kind.name, **members})(**strategy.params)


def _late_rules(kind: Any, late: int) -> dict[str, Any]:
    def rules(self: Any, bars: Bars) -> Rules:
        given = kind.rules(self, bars)
        members = {field.name: getattr(given, field.name) for field in fields(given)}
        return Rules(**{name: _late(member, late) for name, member in members.items()})

    return {"rules": rules}


def _late(member: Any, late: int) -> Any:
    if not isinstance(member, Node):
        return member
    shifted = ta.shift(member.on_base(), late)
    # A shifted condition is a number, 1 or 0.
    return shifted > 0.5 if member.is_boolean else shifted


def _late_hook(kind: Any, late: int) -> dict[str, Any]:
    def setup(self: Any, bars: Bars) -> None:
        kind.setup(self, bars)
        self.said = deque([None] * late)

    def on_bar(self: Any, bar: Bar) -> Signal | Exit | None:
        self.said.append(kind.on_bar(self, bar))
        return self.said.popleft()

    return {"setup": setup, "on_bar": on_bar}


def _late_decisions(kind: Any, late: int) -> dict[str, Any]:
    def setup(self: Any, markets: Mapping[str, Bars]) -> None:
        kind.setup(self, markets)
        self.said = deque([()] * late)

    def decide(self: Any, *seen: Any) -> Sequence[OrderIntent]:
        self.said.append(kind.decide(self, *seen))
        return self.said.popleft()

    return {"setup": setup, "decide": decide}


def at_costs(bars: BarArray, times: int) -> BarArray:
    """The bars of an instrument whose fees are taken so many times."""
    known = bars.instrument
    names = ("maker_fee", "taker_fee", "fee_per_share", "min_fee")
    fees = {name: getattr(known, name) * times for name in names}
    return replace(bars, instrument=msgspec.structs.replace(known, **fees))


def _result(outcome: RunOutcome) -> dict[str, Any]:
    gained = outcome.final_equity / outcome.initial_cash - 1
    return {"return": gained, "trades": len(outcome.trades["pnl"])}
