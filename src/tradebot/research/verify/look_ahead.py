"""Look-ahead: no decision up to a bar may change when what comes after it does."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from tradebot.core.bar import BarArray
from tradebot.core.errors import TradebotError
from tradebot.core.instant import iso
from tradebot.engine.backtest import Backtest
from tradebot.engine.outcome import Columns, RunOutcome
from tradebot.research.verify.futures import futures
from tradebot.research.verify.verdict import Check
from tradebot.strategies import Strategy

_CUTS: Final = 8
_SEED: Final = 7
_DECIDED: Final = ("created_ts", "instrument", "side", "type", "quantity", "price", "trigger")


def check_look_ahead(strategy: Strategy, bars: BarArray, options: dict[str, Any]) -> Check:
    """Replace the future after many bars, in every form, and compare what was decided before."""
    tried = 0
    for form in strategy.forms():
        whole = Backtest(strategy, bars, form=form, **options).run()
        for last in cuts(whole, bars):
            known = int(bars.close_ts[last])
            wanted = decisions(whole, known)
            for kind, other in futures(bars, last, _SEED + last):
                tried += 1
                try:
                    run = Backtest(strategy, other, form=form, **options)
                    # Only so far: what it decides in a future that never was says nothing.
                    run.advance(last + 1)
                    given = decisions(run.outcome(), known)
                except TradebotError as error:
                    fact = f"with the future after {iso(known)} {kind} the {form} form fails: {error}"
                    return Check("look-ahead", False, fact)
                at = first_difference(wanted, given)
                if at is not None:
                    fact = (
                        f"the {form} form decides otherwise at {iso(at)} when the future after {iso(known)} is {kind}"
                    )
                    return Check("look-ahead", False, f"{fact}; it looks ahead.")
    return Check("look-ahead", True, f"no decision changes under {tried} other futures.")


def cuts(outcome: RunOutcome, bars: BarArray) -> list[int]:
    """Bars after which the future is replaced: spread over the run, each with a decision at it or just before it."""
    orders = outcome.orders
    decided = np.unique(np.searchsorted(bars.close_ts, orders["created_ts"][orders["parent"] < 0]))
    spread = np.linspace(len(bars) // 10, len(bars) - 2, _CUTS).astype(np.int64)
    if not len(decided):
        return sorted({int(each) for each in spread})
    # A centred window shows at the bars just before the cut, so half of the cuts are made at decisions.
    at_decisions = decided[np.linspace(0, len(decided) - 1, _CUTS).astype(np.int64)]
    chosen = {int(each) for each in (*spread, *at_decisions)}
    return sorted(each for each in chosen if 1 <= each < len(bars) - 1)


def decisions(outcome: RunOutcome, until: int) -> Columns:
    """What the strategy itself ordered up to a time: exits that follow from a fill are the engine's."""
    orders = outcome.orders
    own = (orders["parent"] < 0) & (orders["created_ts"] <= until)
    return {name: orders[name][own] for name in _DECIDED}


def first_difference(wanted: Columns, given: Columns) -> int | None:
    """Time of the first decision that differs; ``None`` where all agree."""
    counts = len(wanted["created_ts"]), len(given["created_ts"])
    shared = min(counts)
    same = np.ones(shared, dtype=bool)
    for name in _DECIDED:
        left, right = wanted[name][:shared], given[name][:shared]
        same &= (left == right) | (np.isnan(left) & np.isnan(right))
    if not same.all():
        at = int(np.argmin(same))
        return int(min(wanted["created_ts"][at], given["created_ts"][at]))
    if counts[0] == counts[1]:
        return None
    longer = wanted if counts[0] > counts[1] else given
    return int(longer["created_ts"][shared])
