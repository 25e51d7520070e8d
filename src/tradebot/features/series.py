"""The words formulas are written in: each works on Polars expressions and on indicator nodes.

Both know ``+ - * /``, ``abs`` and comparisons by themselves. What is not known is null in an expression and nan in a
node, and a window that holds such a value is not known either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tradebot import indicators as ta
from tradebot.indicators.node import Node
from tradebot.indicators.talib_call import one

if TYPE_CHECKING:
    import polars as pl

# A Polars expression or a node: Python's types cannot say "the same kind as went in" of operators.
Series = Any


class Columns:
    """The columns of a frame of bars as Polars expressions, in the place of a strategy's bars."""

    @property
    def open(self) -> pl.Expr:
        """First prices."""
        return _column("open")

    @property
    def high(self) -> pl.Expr:
        """Highest prices."""
        return _column("high")

    @property
    def low(self) -> pl.Expr:
        """Lowest prices."""
        return _column("low")

    @property
    def close(self) -> pl.Expr:
        """Last prices."""
        return _column("close")

    @property
    def volume(self) -> pl.Expr:
        """Traded quantities."""
        return _column("volume")

    @property
    def ts(self) -> pl.Expr:
        """Open times as times without a zone, in UTC; the column holds int64 ns or times of any unit."""
        import polars as pl

        return pl.col("ts").cast(pl.Datetime("ns"))


COLUMNS = Columns()


def _column(name: str) -> pl.Expr:
    import polars as pl

    return pl.col(name)


def log(x: Series) -> Series:
    """Natural logarithm."""
    return one("LN", (x,)) if isinstance(x, Node) else x.log()


def sqrt(x: Series) -> Series:
    """Square root."""
    return one("SQRT", (x,)) if isinstance(x, Node) else x.sqrt()


def sin(x: Series) -> Series:
    """Sine."""
    return one("SIN", (x,)) if isinstance(x, Node) else x.sin()


def cos(x: Series) -> Series:
    """Cosine."""
    return one("COS", (x,)) if isinstance(x, Node) else x.cos()


def lag(x: Series, bars: int) -> Series:
    """The value of ``bars`` bars ago."""
    return ta.shift(x, bars) if isinstance(x, Node) else x.shift(bars)


def mean(x: Series, window: int) -> Series:
    """Mean of the last ``window`` values."""
    return ta.rolling_mean(x, window) if isinstance(x, Node) else x.rolling_mean(window)


def total(x: Series, window: int) -> Series:
    """Sum of the last ``window`` values."""
    return ta.rolling_sum(x, window) if isinstance(x, Node) else x.rolling_sum(window)


def variance(x: Series, window: int) -> Series:
    """Variance of the last ``window`` values, divided by ``window - 1``."""
    return ta.rolling_var(x, window) if isinstance(x, Node) else x.rolling_var(window)


def rank_among(x: Series, window: int) -> Series:
    """Rank of the latest among the last ``window`` values, 1 / window (lowest) to 1; the mean rank for equal ones."""
    return ta.rolling_rank(x, window) if isinstance(x, Node) else x.rolling_rank(window) / window


def at_least(x: Series, least: float) -> Series:
    """The value, or ``least`` where it is lower."""
    return ta.maximum(x, least) if isinstance(x, Node) else x.clip(lower_bound=least)


def ratio(x: Series, y: Series) -> Series:
    """``x / y`` where ``y`` is positive, not known elsewhere."""
    positive = y > 0
    if isinstance(x, Node):
        # 1 / 1 changes nothing, 0 / 0 is not known.
        return x / y * (positive / positive)
    import polars as pl

    return pl.when(positive).then(x / y)
