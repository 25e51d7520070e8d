"""Start: begun at another bar, a strategy must compute the same once it has settled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tradebot.core.bar import BarArray
from tradebot.core.errors import StrategyError
from tradebot.engine.backtest import Backtest
from tradebot.research.verify.frictions import at_costs
from tradebot.research.verify.look_ahead import own_orders
from tradebot.research.verify.seeing import Seen, see
from tradebot.research.verify.verdict import Check
from tradebot.strategies import PortfolioPolicy, Strategy

_STARTS: Final = (0.1, 0.25, 0.5)
# What an exponential average of n bars still owes to its first value after 10 n bars is below 1e-8.
_SETTLING: Final = 10
_FEWEST: Final = 500
_TOLERANCE: Final = 1e-6
# On coarse prices two averages are often equal but for rounding, which decides a condition one way or the other.
_TIES: Final = 0.01


def check_start(strategy: Strategy | PortfolioPolicy, markets: Sequence[BarArray], options: dict[str, Any]) -> Check:
    """Begin at several bars and compare every indicator and condition with those of the whole run.

    Where there are none, the orders are compared. That only informs: a grid, or a position held on, rightly depends on
    where it began.
    """
    whole = see(strategy, markets)
    if not any(seen.nodes for seen in whole):
        return _compare_orders(strategy, markets, options)
    compared, found = 0, list[_Drift]()
    for index, (bars, seen) in enumerate(zip(markets, whole, strict=True)):
        starts, drifts = _drifts(strategy, markets, index, seen)
        compared = max(compared, starts)
        prefix = f"{bars.symbol} " if len(markets) > 1 else ""
        found += [replace(drift, name=prefix + drift.name) for drift in drifts]
    if not compared:
        return Check("start", None, "there are too few bars for the strategy to settle on; give more data.")
    rows = tuple({"indicator": each.name, "at_warm_up": each.at_once, "settled": each.settled} for each in found)
    worst = max(found, key=lambda drift: drift.settled / drift.allowed)
    if worst.settled > worst.allowed:
        of = "of the bars" if worst.boolean else "of its size"
        fact = f"{worst.name} depends on where the data begins: it differs by {worst.settled:.2%} {of} once settled."
        return Check("start", False, fact, rows)
    return Check("start", True, f"{len(found)} indicators and conditions agree from {compared} other starts.", rows)


def _compare_orders(
    strategy: Strategy | PortfolioPolicy, markets: Sequence[BarArray], options: dict[str, Any]
) -> Check:
    """How many of the orders of the last quarter are the same from other starts."""
    begin, end = max(int(bars.ts[0]) for bars in markets), min(int(bars.close_ts[-1]) for bars in markets)
    since = end - (end - begin) // 4
    # Without fees, for an account that they have emptied orders nothing.
    markets = [at_costs(bars, 0) for bars in markets]
    wanted = _orders_since(since, strategy, markets, options)
    shares: list[float] = []
    for share in _STARTS:
        try:
            later = [bars[int(len(bars) * share) :] for bars in markets]
            given = _orders_since(since, strategy, later, options)
        except StrategyError:
            # Too few bars are left for its warm-up.
            continue
        shares.append(len(wanted & given) / (len(wanted | given) or 1))
    if not shares or not wanted:
        return Check("start", None, "it keeps no indicators, and there are too few orders to compare.")
    fact = (
        f"it keeps no indicators; of its orders in the last quarter {min(shares):.0%} are the same from other starts."
    )
    return Check("start", None, fact)


def _orders_since(
    since: int, strategy: Strategy | PortfolioPolicy, markets: Sequence[BarArray], options: dict[str, Any]
) -> set[tuple[int, int, int]]:
    """Time, market and side of every order a strategy gives from a time on."""
    run = Backtest(strategy, list(markets), **options)
    run.advance()
    orders = own_orders(run.decided())
    rows = zip(*(orders[name].tolist() for name in ("created_ts", "instrument", "side")), strict=True)
    return {row for row in rows if row[0] >= since}


@dataclass(frozen=True, slots=True)
class _Drift:
    """How far one indicator lies from that of the whole run, at its warm-up and once settled."""

    name: str
    boolean: bool
    at_once: float
    settled: float

    @property
    def allowed(self) -> float:
        """How far it may lie apart once settled."""
        return _TIES if self.boolean else _TOLERANCE


def _drifts(
    strategy: Strategy | PortfolioPolicy, markets: Sequence[BarArray], index: int, whole: Seen
) -> tuple[int, list[_Drift]]:
    """Starts that could be compared on one market, and the drift of each indicator there."""
    values = {name: node.on_base().batch() for name, node in whole.nodes.items()}
    at_once, settled = dict.fromkeys(values, 0.0), dict.fromkeys(values, 0.0)
    compared = 0
    for share in _STARTS:
        first = int(len(markets[index]) * share)
        later = see(strategy, [bars[int(len(bars) * share) :] for bars in markets])[index]
        given = {name: node.on_base().batch() for name, node in later.nodes.items()}
        if not given:
            continue
        warm = later.frame.warm_index(later.nodes.values())
        known = _known(given.values(), warm)
        settle = known + _SETTLING * warm + _FEWEST
        if settle >= len(markets[index]) - first:
            continue
        compared += 1
        for name, node in later.nodes.items():
            apart = _apart(values[name][first:], given[name], boolean=node.is_boolean)
            at_once[name] = max(at_once[name], float(apart[known]))
            # A condition may tip at a bar where rounding decides; one that tips at many does not settle.
            rest = apart[settle:]
            settled[name] = max(settled[name], float(rest.mean() if node.is_boolean else rest.max()))
    nodes = whole.nodes.items()
    return compared, [_Drift(name, node.is_boolean, at_once[name], settled[name]) for name, node in nodes]


def _known(series: Iterable[NDArray[np.float64]], warm: int) -> int:
    """The first bar from the warm-up on by which each has been known: a session's figures wait for the session.

    Not the first at which all are known at once: what comes and goes, such as an open gap, may never be. A series that
    is never known has nothing to wait for.
    """
    firsts = (np.flatnonzero(~np.isnan(values[warm:])) for values in series)
    return warm + max((int(known[0]) for known in firsts if len(known)), default=0)


def _apart(wanted: NDArray[Any], given: NDArray[Any], *, boolean: bool) -> NDArray[np.float64]:
    """Distance at each bar as a share of the series' own size; what only one of the two knows counts as 1."""
    known = wanted[np.isfinite(wanted)]
    size = 1.0 if boolean or not len(known) else float(np.sqrt(np.mean(known**2))) or 1.0
    distance = np.abs(wanted - given) / size
    neither = np.isnan(wanted) & np.isnan(given)
    return np.where(neither, 0.0, np.where(np.isnan(distance), 1.0, distance))
