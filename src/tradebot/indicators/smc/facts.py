"""Structures as facts: each with the bar from which it was knowable, and what became of it and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import numpy as np
import tradebot_native as native
from numpy.typing import NDArray

from tradebot.core.errors import IndicatorError
from tradebot.indicators.bars import BarLike, BarsLike, Columns
from tradebot.indicators.parameters import real, whole

if TYPE_CHECKING:
    import polars as pl

Kind = Literal["swing", "bos", "choch", "order_block", "gap", "liquidity"]
Event = Literal["known", "mitigated", "ended", "superseded"]

KINDS: Final[tuple[Kind, ...]] = ("swing", "bos", "choch", "order_block", "gap", "liquidity")
# Of these bars a table gives the open time, which is where a chart draws them.
_DRAWN: Final = ("start", "end")
# Of these the close time, which is when a trader could know.
_KNOWN: Final = ("known_at", "mitigated_at", "ended_at", "superseded_at")
_SIDES: Final = {"swings": ("low", "high")}
_USUAL_SIDES: Final = ("bearish", "bullish")


@dataclass(frozen=True, slots=True)
class Settings:
    """What counts as a structure; the defaults are the package's.

    Attributes
    ----------
    swing_length : bars on either side of a swing.
    close_break : a close must pass a line to break it; with False a high or low does.
    close_mitigation : a bar's body must pass an order block to mitigate it; with False its low or high does.
    join_consecutive : gaps of one side on bars in a row are one.
    range_percent : how far a band of liquidity reaches around its first swing, as a fraction of a range.
    range_bars : bars of that range. The package takes that of the whole data, which is not known beforehand.

    Raises
    ------
    IndicatorError : a value is out of its bounds.
    """

    swing_length: int = 50
    close_break: bool = True
    close_mitigation: bool = False
    join_consecutive: bool = False
    range_percent: float = 0.01
    range_bars: int = 500

    def __post_init__(self) -> None:
        whole("smc", "swing_length", self.swing_length)
        whole("smc", "range_bars", self.range_bars)
        real("smc", "range_percent", self.range_percent, within=(0.0, 1.0))

    def engine(self, distance: float | None = None) -> native.SmartMoney:
        """The native core's form; bands reach ``distance`` in price where it is given."""
        reach, bars = (self.range_percent, self.range_bars) if distance is None else (distance, 0)
        return native.SmartMoney(
            self.swing_length, self.close_break, self.close_mitigation, self.join_consecutive, reach, bars
        )


class Fact(NamedTuple):
    """One structure as it is known now; bars are counted from 0.

    Attributes
    ----------
    kind : of structure.
    side : 1 for swing highs, bullish structures and liquidity above; -1 for the mirror.
    start : bar a chart draws it from.
    end : bar that completed it: the one that passed a line or a swing, the third of a gap, the last swing of a band.
    top, bottom : its prices; equal where it is a level.
    volume, strength : of an order block: of the bar that formed it and two before; balance of the two sides, percent.
    known_at : bar at whose close it was knowable.
    mitigated_at : bar that came back to a gap or block, or swept a level. Where it lies before ``known_at`` it was
        knowable then.
    ended_at : bar that passed a mitigated order block the other way.
    superseded_at : bar from which on another fact stands in its place.
    """

    kind: Kind
    side: int
    start: int
    end: int
    top: float
    bottom: float
    volume: float
    strength: float
    known_at: int
    mitigated_at: int | None
    ended_at: int | None
    superseded_at: int | None


class News(NamedTuple):
    """What became known at a bar: a fact, or what became of one."""

    event: Event
    fact: Fact


class Stream:
    """Structures bar by bar: each update tells what became known with that bar.

    Parameters
    ----------
    settings : what counts as a structure.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self._engine = (settings or Settings()).engine()

    def update(self, bar: BarLike) -> list[News]:
        """Take a closed bar."""
        news = self._engine.update(bar.open, bar.high, bar.low, bar.close, bar.volume)
        return [News(event, Fact(KINDS[kind], *rest)) for event, (kind, *rest) in news]


class Structures(NamedTuple):
    """Tables of facts, one row a fact, in the order in which they became known.

    All have ``side``, ``start``, ``known_at`` and ``superseded_at``; besides:

    ======================  ==========================================================================
    ``swings``              ``level``; sides are high and low
    ``breaks``              ``kind`` (bos or choch), ``level``, ``end`` (the bar that passed the line)
    ``order_blocks``        ``top``, ``bottom``, ``volume``, ``strength``, ``end`` (the bar that passed the swing),
                            ``mitigated_at``, ``ended_at``
    ``gaps``                ``top``, ``bottom``, ``mitigated_at``
    ``liquidity``           ``level``, ``end`` (the last swing), ``swept_at``
    ======================  ==========================================================================
    """

    swings: pl.DataFrame
    breaks: pl.DataFrame
    order_blocks: pl.DataFrame
    gaps: pl.DataFrame
    liquidity: pl.DataFrame


_TABLES: Final[dict[str, tuple[tuple[Kind, ...], tuple[str, ...]]]] = {
    "swings": (("swing",), ("level",)),
    "breaks": (("bos", "choch"), ("kind", "level", "end")),
    "order_blocks": (("order_block",), ("top", "bottom", "volume", "strength", "end", "mitigated_at", "ended_at")),
    "gaps": (("gap",), ("top", "bottom", "mitigated_at")),
    "liquidity": (("liquidity",), ("level", "end", "swept_at")),
}


def structures(bars: BarsLike | Columns, settings: Settings | None = None, *, by: str = "time") -> Structures:
    """All structures of some bars, with the moments at which they were knowable.

    Parameters
    ----------
    bars : the bars.
    settings : what counts as a structure.
    by : ``time``: ``start`` and ``end`` are open times of bars, all other moments close times, UTC; ``bar``: numbers
        of bars.

    Raises
    ------
    IndicatorError : ``by`` is neither.
    """
    import polars as pl  # a strategy that reads nodes alone need not load it

    if by not in ("time", "bar"):
        raise IndicatorError(f"{by!r} is neither time nor bar", place="structures(by)")
    columns = bars if isinstance(bars, Columns) else Columns.of(bars)
    engine = (settings or Settings()).engine()
    extend(engine, columns)
    facts = engine.facts()
    opens, closes = columns.ts, columns.close_ts
    tables: list[pl.DataFrame] = []
    for name, (kinds, own) in _TABLES.items():
        rows = np.flatnonzero(np.isin(facts["kind"], [KINDS.index(kind) for kind in kinds]))
        table: dict[str, Any] = {"side": _words(_SIDES.get(name, _USUAL_SIDES), (facts["side"][rows] + 1) // 2)}
        for column in ("start", *own, "known_at", "superseded_at"):
            source = {"level": "top", "swept_at": "mitigated_at"}.get(column, column)
            values = facts[source][rows]
            if column == "kind":
                table[column] = _words(KINDS, values)
            elif source in (*_DRAWN, *_KNOWN):
                times = None if by == "bar" else opens if source in _DRAWN else closes
                table[column] = _moments(values, times)
            else:
                table[column] = values
        tables.append(pl.DataFrame(table))
    return Structures(*tables)


def extend(engine: native.SmartMoney, columns: Columns) -> None:
    """Give an engine whole columns of bars."""
    engine.extend(columns.open, columns.high, columns.low, columns.close, columns.volume)


def _words(words: tuple[str, ...], numbers: NDArray[np.int64]) -> list[str]:
    return [words[number] for number in numbers.tolist()]


def _moments(bars: NDArray[np.int64], times: NDArray[np.int64] | None) -> pl.Series:
    """Numbers of bars, or their times; null for -1."""
    import polars as pl

    values = pl.Series(bars if times is None else times[bars] if len(times) else bars)
    moments = values.set(pl.Series(bars < 0), None)
    return moments if times is None else moments.cast(pl.Datetime("ns", "UTC"))
