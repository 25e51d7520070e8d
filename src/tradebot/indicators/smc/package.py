"""The columns of smartmoneyconcepts for a whole series: to compare with it and to draw what it draws.

They say at each bar what only later bars made known, so nothing that decides may read them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import tradebot_native as native
from numpy.typing import NDArray

from tradebot.indicators.bars import BarsLike, Columns
from tradebot.indicators.operation import Floats
from tradebot.indicators.smc.facts import KINDS, Kind, Settings, extend

if TYPE_CHECKING:
    import polars as pl


class PackageColumns(NamedTuple):
    """Tables with a row a bar, named and filled as the package's functions of the same names do; nan is nothing."""

    swing_highs_lows: pl.DataFrame
    bos_choch: pl.DataFrame
    ob: pl.DataFrame
    fvg: pl.DataFrame
    liquidity: pl.DataFrame
    retracements: pl.DataFrame


def package_columns(bars: BarsLike | Columns, settings: Settings | None = None) -> PackageColumns:
    """What smartmoneyconcepts 0.0.27 gives for some bars.

    Its habits are kept: the first and the last bar count as swings, bands of liquidity take their width from the
    range of all bars, prices of lines, blocks and levels have single precision, the index of a mitigated bullish
    block is the bar before, the index of a broken line stays where the line itself was dropped, and of two blocks of
    one bar the bearish one is shown, mitigated as the bullish one was.

    Parameters
    ----------
    bars : the bars.
    settings : what counts as a structure; ``range_bars`` is not used.
    """
    import polars as pl  # a strategy that reads nodes alone need not load it

    settings = settings or Settings()
    columns = bars if isinstance(bars, Columns) else Columns.of(bars)
    span = float(columns.high.max() - columns.low.min()) if len(columns) else 0.0
    engine = settings.engine(span * settings.range_percent)
    extend(engine, columns)
    engine.close()
    view = _View(engine.facts(), columns.low)
    swings = view.swings()
    marks = np.flatnonzero(~np.isnan(swings["HighLow"]))
    legs = native.retracement_columns(
        columns.high, columns.low, [(int(at), int(swings["HighLow"][at]), float(swings["Level"][at])) for at in marks]
    )
    retracements = dict(zip(("Direction", "CurrentRetracement%", "DeepestRetracement%"), legs, strict=True))
    tables = (swings, view.breaks(), view.order_blocks(), view.gaps(), view.liquidity(), retracements)
    return PackageColumns(*map(pl.DataFrame, tables))


class _View:
    """Facts that stand at the last bar, spread over the bars they are drawn from."""

    def __init__(self, facts: dict[str, NDArray[Any]], low: Floats) -> None:
        self._facts = facts
        self._low = low
        self._stands = facts["superseded_at"] < 0

    def swings(self) -> dict[str, Floats]:
        rows = self._rows("swing")
        return {"HighLow": self._spread(rows, "side"), "Level": self._spread(rows, "top")}

    def breaks(self) -> dict[str, Floats]:
        bos, choch = self._rows("bos"), self._rows("choch")
        ever = np.flatnonzero(np.isin(self._facts["kind"], (KINDS.index("bos"), KINDS.index("choch"))))
        return {
            "BOS": self._spread(bos, "side"),
            "CHOCH": self._spread(choch, "side"),
            "Level": _single(self._spread(np.concatenate((bos, choch)), "top")),
            "BrokenIndex": self._spread(ever, "end"),
        }

    def order_blocks(self) -> dict[str, Floats]:
        rows = self._rows("order_block")
        # The package writes the bearish blocks after, and over, the bullish ones.
        rows = rows[np.argsort(-self._facts["side"][rows], kind="stable")]
        bullish = self._facts["side"][rows] > 0
        mitigated, ended = self._facts["mitigated_at"][rows], self._facts["ended_at"][rows] >= 0
        index = np.maximum(mitigated - bullish, 0)
        below = dict(zip(self._facts["start"][rows[bullish]].tolist(), np.flatnonzero(bullish).tolist(), strict=True))
        for number in np.flatnonzero(~bullish):
            under = below.get(int(self._facts["start"][rows[number]]))
            if under is not None and mitigated[under] >= 0:
                # It takes the bearish block of a bar for mitigated where the bullish one of the same bar was.
                index[number] = 0 if ended[under] else index[under]
                later = self._low[self._facts["end"][rows[number]] + 1 :]
                ended[number] = bool((later < np.float32(self._facts["bottom"][rows[number]])).any())
        columns = {
            "OB": self._facts["side"][rows],
            "Top": _single(self._facts["top"][rows]),
            "Bottom": _single(self._facts["bottom"][rows]),
            "OBVolume": self._facts["volume"][rows],
            "MitigatedIndex": index,
            "Percentage": self._facts["strength"][rows],
        }
        return {name: self._put(rows, np.where(ended, np.nan, values)) for name, values in columns.items()}

    def gaps(self) -> dict[str, Floats]:
        rows = self._rows("gap")
        return {
            "FVG": self._spread(rows, "side"),
            "Top": self._spread(rows, "top"),
            "Bottom": self._spread(rows, "bottom"),
            "MitigatedIndex": self._put(rows, np.maximum(self._facts["mitigated_at"][rows], 0)),
        }

    def liquidity(self) -> dict[str, Floats]:
        rows = self._rows("liquidity")
        return {
            "Liquidity": self._spread(rows, "side"),
            "Level": _single(self._spread(rows, "top")),
            "End": self._spread(rows, "end"),
            "Swept": self._put(rows, np.maximum(self._facts["mitigated_at"][rows], 0)),
        }

    def _rows(self, kind: Kind) -> NDArray[np.int64]:
        return np.flatnonzero((self._facts["kind"] == KINDS.index(kind)) & self._stands)

    def _spread(self, rows: NDArray[np.int64], name: str) -> Floats:
        return self._put(rows, self._facts[name][rows])

    def _put(self, rows: NDArray[np.int64], values: NDArray[Any]) -> Floats:
        column = np.full(len(self._low), np.nan)
        column[self._facts["start"][rows]] = values
        return column


def _single(prices: Floats) -> Floats:
    return prices.astype(np.float32).astype(np.float64)
