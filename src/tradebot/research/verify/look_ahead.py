"""Look-ahead: no decision up to a moment may change when what comes after it does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tradebot.core.bar import BarArray
from tradebot.core.errors import TradebotError
from tradebot.core.instant import iso
from tradebot.engine.backtest import Backtest
from tradebot.engine.outcome import Columns
from tradebot.research.verify.futures import futures
from tradebot.research.verify.verdict import Check
from tradebot.strategies import PortfolioPolicy, Strategy

_CUTS: Final = 8
_SEED: Final = 7
# What an order is, and the exits that it brings.
_DECIDED: Final = (
    *("created_ts", "instrument", "side", "type", "quantity", "price", "trigger"),
    *("stop_loss", "take_profit", "stop_loss_pct", "take_profit_pct"),
    *("trailing_stop", "trailing_stop_pct", "trailing_activation_pct"),
)


def check_look_ahead(
    strategy: Strategy | PortfolioPolicy, markets: Sequence[BarArray], options: dict[str, Any]
) -> Check:
    """Replace the future of all markets after many moments, in every form, and compare what was decided before."""
    tried = 0
    for form in strategy.forms():
        whole = Backtest(strategy, markets, form=form, **options)
        times = whole.run().ts
        ordered = own_orders(whole.decided())
        for step in cuts(ordered["created_ts"], times, markets):
            known = int(times[step])
            wanted = decisions(ordered, known)
            for kind, others in _futures(markets, known, step):
                tried += 1
                try:
                    run = Backtest(strategy, others, form=form, **options)
                    # Only so far: what it decides in a future that never was says nothing.
                    run.advance(step + 1)
                    given = decisions(own_orders(run.decided()), known)
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


def cuts(ordered: NDArray[np.int64], times: NDArray[np.int64], markets: Sequence[BarArray]) -> list[int]:
    """Steps after which the future is replaced: spread over the run, each with a decision at it or just before it.

    Parameters
    ----------
    ordered : times of the strategy's orders.
    times : close time of every step.
    """
    # Before every market has a bar there is one without a past to keep.
    first = int(np.searchsorted(times, max(int(bars.close_ts[0]) for bars in markets)))
    spread = np.linspace(max(len(times) // 10, first), len(times) - 2, _CUTS).astype(np.int64)
    decided = np.unique(np.searchsorted(times, ordered))
    if len(decided):
        # A centred window shows at the bars just before the cut, so half of the cuts are made at decisions.
        at_decisions = decided[np.linspace(0, len(decided) - 1, _CUTS).astype(np.int64)]
        spread = np.concatenate([spread, at_decisions])
    return [int(step) for step in np.unique(spread) if max(1, first) <= step < len(times) - 1]


def _futures(markets: Sequence[BarArray], known: int, seed: int) -> Iterator[tuple[str, list[BarArray]]]:
    """All markets with another future after a moment, each with the name of what was done to it."""
    lasts = [int(np.searchsorted(bars.close_ts, known, side="right")) - 1 for bars in markets]
    for versions in zip(
        *(futures(bars, last, _SEED + seed) for bars, last in zip(markets, lasts, strict=True)), strict=True
    ):
        yield versions[0][0], [bars for _, bars in versions]


def own_orders(orders: Columns) -> Columns:
    """What the strategy itself ordered: exits that follow from a fill are the engine's."""
    own = orders["parent"] < 0
    return {name: orders[name][own] for name in _DECIDED}


def decisions(ordered: Columns, until: int) -> Columns:
    """What was ordered up to a time."""
    early = ordered["created_ts"] <= until
    return {name: values[early] for name, values in ordered.items()}


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
