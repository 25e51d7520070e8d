"""What a chart draws over bars: the indicators of a strategy, and price structures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from threading import Lock
from typing import Any, Final

import numpy as np
import polars as pl

from tradebot.api.schemas.overlays import Break, Line, Structures, Swing, Zone
from tradebot.core.bar import BarArray
from tradebot.indicators import Node, smc
from tradebot.indicators.source import Source
from tradebot.research.verify.seeing import see
from tradebot.strategies import PortfolioPolicy, Strategy

_PRICES: Final = ("open", "high", "low", "close", "vwap")
# Drawn as structures, not as lines.
_STRUCTURES: Final = frozenset({"swings", "structure", "order_blocks", "gaps", "liquidity", "retracement"})
_MOST_LINES: Final = 24


def lines_of(strategy: Strategy | PortfolioPolicy, markets: Sequence[BarArray], index: int, count: int) -> list[Line]:
    """The indicators a strategy computes on a market, those on the price first.

    An indicator belongs on the prices if it moves with them: it is computed a second time on bars that all lie higher
    by one distance, and is a price where it lies higher by the same. A mean does; an oscillator or a range does not.

    Parameters
    ----------
    strategy : what decides.
    markets : bars of every market it trades.
    index : number of the market.
    count : of how many bars, the newest, values are given.

    Raises
    ------
    StrategyError : the strategy cannot be set up on them.
    """
    distance = float(np.max(markets[index].high))
    seen = see(strategy, markets)[index]
    raised = see(strategy, [_raised(bars, distance) for bars in markets])[index]
    panes: dict[int, int] = {}
    lines: list[Line] = []
    for name, node in seen.nodes.items():
        if len(lines) == _MOST_LINES or name.startswith("rules.") or not _is_drawn(node):
            continue
        values = node.on_base().batch()
        moved = raised.nodes[name].on_base().batch() - values
        known = np.isfinite(values)
        if not known.any():
            continue
        is_price = np.allclose(moved[known], distance, rtol=1e-6, atol=0.0)
        pane = 0 if is_price else panes.setdefault(node.structure, len(panes) + 1)
        shown = [value if np.isfinite(value) else None for value in values[-count:].tolist()]
        lines.append(Line(name=name, pane=pane, values=shown))
    return sorted(lines, key=lambda line: line.pane)


class Lines:
    """The indicators of the markets a bot trades, computed once a bar for whoever asks."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: dict[int, tuple[tuple[int, ...], list[Line]]] = {}

    def latest(
        self, strategy: Strategy | PortfolioPolicy, markets: Sequence[BarArray], index: int, count: int
    ) -> list[Line]:
        """As :func:`lines_of`."""
        state = tuple(int(bars.ts[-1]) for bars in markets)
        with self._lock:
            known = self._known.get(index)
            if known is None or known[0] != state:
                known = state, lines_of(strategy, markets, index, len(markets[index]))
                self._known[index] = known
        return [line.model_copy(update={"values": line.values[-count:]}) for line in known[1]]


def _is_drawn(node: Node) -> bool:
    return not (
        node.is_boolean or isinstance(node.operation, Source) or getattr(node.operation, "name", "") in _STRUCTURES
    )


def _raised(bars: BarArray, distance: float) -> BarArray:
    columns = bars.columns()
    return replace(bars, **{name: columns[name] + distance for name in _PRICES if name in columns})


def structures_of(bars: BarArray, swing_length: int, count: int) -> Structures:
    """Structures that begin in the newest ``count`` bars, or reach into them."""
    found = smc.structures(bars, smc.Settings(swing_length=swing_length))
    first = pl.lit(int(bars.ts[-count:][0])).cast(pl.Datetime("ns", "UTC"))
    standing = pl.col("superseded_at").is_null()
    swings = found.swings.filter(standing & (pl.col("start") >= first))
    breaks = found.breaks.filter(standing & (pl.col("end") >= first))
    reaching = standing & (
        (pl.col("start") >= first) | pl.col("mitigated_at").is_null() | (pl.col("mitigated_at") >= first)
    )
    return Structures(
        symbol=bars.symbol,
        interval=str(bars.interval),
        swing_length=swing_length,
        swings=[Swing(time=row.pop("start"), **row) for row in _rows(swings, "side", "start", "level", "known_at")],
        breaks=[Break(**row) for row in _rows(breaks, "kind", "side", "start", "end", "level")],
        order_blocks=_zones(found.order_blocks.filter(reaching)),
        gaps=_zones(found.gaps.filter(reaching)),
    )


def _zones(table: pl.DataFrame) -> list[Zone]:
    return [Zone(**row) for row in _rows(table, "side", "start", "top", "bottom", "known_at", "mitigated_at")]


def _rows(table: pl.DataFrame, *columns: str) -> list[dict[str, Any]]:
    return table.select(columns).to_dicts()
