"""What decides in a backtest, seated at the native run loop: bound to its market, with its warm-up checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import tradebot_native as native

from tradebot.engine.rules import rule_hook, rule_set, rules_of
from tradebot.engine.warmup import check_warmup
from tradebot.strategies import Bars
from tradebot.strategies.failure import setup_failures

if TYPE_CHECKING:
    from tradebot_native import Signal

    from tradebot.engine.market import Market
    from tradebot.strategies import PortfolioPolicy, Strategy


def compiled_rules(bound: Strategy, market: Market) -> native.RuleSet:
    """The rules of a strategy on one market, as the native loop reads them.

    Raises
    ------
    TradebotError : the strategy's setup or rules fail, or there are too few bars for its warm-up.
    """
    with setup_failures(bound):
        rules, warmup = rules_of(bound, market)
        check_warmup(bound, market, warmup)
        compiled = rule_set(rules, market, warmup)
        market.frame.context.forget()
        return compiled


def seat_of(
    bound: Strategy, market: Market, *, form: str, size: Callable[[Signal, float], float] | None
) -> native.Seat:
    """The place from which a strategy is asked bar by bar.

    Parameters
    ----------
    bound : the strategy, bound to the market.
    market : its bars and indicators.
    form : ``python`` or ``rules``.
    size : units for a signal at a price; ``None`` where the native trader sizes.

    Raises
    ------
    TradebotError : the strategy's setup or rules fail, or there are too few bars for its warm-up.
    """
    if form == "rules":
        with setup_failures(bound):
            rules, warmup = rules_of(bound, market)
            on_bar = rule_hook(rules, market, bound)
    else:
        market.frame.seal()
        warmup = market.frame.warm_index()
        on_bar = bound.on_bar
    check_warmup(bound, market, warmup)
    return native.Seat(
        on_bar,
        on_fill=bound.on_fill if bound.implements("on_fill") else None,
        size=size,
        warmup=warmup,
        timelines=[frame.timeline for frame in market.frame.frames],
    )


def bound_policy(policy: PortfolioPolicy, markets: Sequence[Market]) -> PortfolioPolicy:
    """A copy of a policy with its indicators on the markets: the one that was given can start another run.

    Raises
    ------
    TradebotError : the policy's setup fails, or there are too few bars for its warm-up.
    """
    with setup_failures(policy):
        bound = policy.bind({each.bars.symbol: Bars(each.bars.instrument, each.frame) for each in markets})
    for market in markets:
        market.frame.seal()
        check_warmup(bound, market, max(bound.warmup, market.frame.warm_index()))
    return bound
