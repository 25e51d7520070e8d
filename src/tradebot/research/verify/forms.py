"""Forms: as rules, in Python and on bars to come, a strategy is one and the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from tradebot.core.bar import BarArray
from tradebot.core.errors import TradebotError
from tradebot.core.instant import iso
from tradebot.engine.backtest import Backtest
from tradebot.indicators import Frame, Streaming
from tradebot.research.verify.seeing import Seen, see
from tradebot.research.verify.verdict import Check
from tradebot.strategies import PortfolioPolicy, Strategy

# Each streamed bar costs Python a step per node; what differs at all differs early.
_STREAMED: Final = 5_000


def check_forms(strategy: Strategy | PortfolioPolicy, markets: Sequence[BarArray], options: dict[str, Any]) -> Check:
    """Run every form and compare the fills to the bit."""
    forms = strategy.forms()
    if len(forms) < 2:
        return Check("forms", None, f"there is the {', '.join(forms)} form alone.")
    python, rules = (Backtest(strategy, markets, form=form, **options).run().fills for form in ("python", "rules"))
    shared = min(len(python["ts"]), len(rules["ts"]))
    for name in ("ts", "instrument", "side", "price", "quantity"):
        same = python[name][:shared] == rules[name][:shared]
        if not same.all():
            at = iso(int(python["ts"][int(np.argmin(same))]))
            return Check("forms", False, f"rules and Python differ in the {name} of the fill at {at}.")
    if len(python["ts"]) != len(rules["ts"]):
        return Check("forms", False, f"Python has {len(python['ts'])} fills and rules have {len(rules['ts'])}.")
    return Check("forms", True, f"rules and Python give the same {shared} fills.")


def check_streaming(strategy: Strategy | PortfolioPolicy, markets: Sequence[BarArray]) -> Check:
    """Compute every indicator and condition bar by bar, as live trading does, and compare to the bit."""
    # The last ones: a model judges no earlier bars than those after its training.
    past = [bars[-_STREAMED:] for bars in markets]
    try:
        live = see(strategy, past, [Frame.live(bars.interval) for bars in past])
    except TradebotError as error:
        return Check("streaming", False, f"it cannot be set up on bars that are still to come: {error}")
    batch = see(strategy, past)
    for bars, streamed, known in zip(past, live, batch, strict=True):
        if difference := _first_difference(bars, streamed, known):
            return Check("streaming", False, difference)
    count = sum(len(seen.nodes) for seen in live)
    if not count and isinstance(strategy, PortfolioPolicy):
        return Check("streaming", None, "the policy keeps no indicators to compare.")
    fact = f"{count} indicators and conditions agree on {max(map(len, past)):,} streamed bars."
    return Check("streaming", True, fact)


def _first_difference(bars: BarArray, live: Seen, batch: Seen) -> str:
    """The first value that differs between the two, as a sentence; empty where none does."""
    wanted = {name: node.on_base().batch() for name, node in batch.nodes.items()}
    nodes = {name: node.on_base() for name, node in live.nodes.items()}
    if not nodes:
        return ""
    streaming = Streaming(live.frame)
    for index in range(len(bars)):
        streaming.update(bars[index])
        for name, node in nodes.items():
            value, expected = float(node[-1]), float(wanted[name][index])
            if value != expected and not (np.isnan(value) and np.isnan(expected)):
                when = iso(int(bars.close_ts[index]))
                return f"{name} at {when} is {value:g} streamed and {expected:g} in a backtest."
    return ""
