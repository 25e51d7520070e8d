"""Features of a whole market as one frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tradebot.features.feature import Feature

if TYPE_CHECKING:
    import polars as pl

    from tradebot.core.bar import BarArray


def table(bars: BarArray, features: Sequence[Feature]) -> pl.DataFrame:
    """Features of every bar.

    Parameters
    ----------
    bars : one market.
    features : the columns wanted.

    Returns
    -------
    Column ``ts`` (open times, int64 ns UTC) and one column a feature, by its name; null where it is not known.
    """
    import polars as pl

    return pl.DataFrame(bars.columns()).select("ts", *(feature.expr for feature in features))
