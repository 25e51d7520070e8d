"""What is done with rows that break the rules of bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from tradebot.core.bar_checks import outside_range, rows_text
from tradebot.core.errors import DataError

if TYPE_CHECKING:
    import polars as pl

Violations = Literal["refuse", "widen", "drop"]


def settle_violations(columns: dict[str, NDArray[Any]], violations: Violations, place: str) -> dict[str, NDArray[Any]]:
    """Columns without rows whose open or close lies outside low..high.

    Parameters
    ----------
    violations : what becomes of such rows: ``"refuse"`` all, ``"widen"`` the range to hold them, or ``"drop"`` them.

    Raises
    ------
    DataError : there are such rows and they are refused; the message names them.
    """
    outside = outside_range(columns)
    if not bool(outside.any()):
        return columns
    if violations == "drop":
        return {name: column[~outside] for name, column in columns.items()}
    if violations == "widen":
        ends = (columns["open"], columns["close"])
        high = np.maximum.reduce([columns["high"], *ends])
        low = np.minimum.reduce([columns["low"], *ends])
        return columns | {"high": high, "low": low}
    row = int(np.argmax(outside))
    values = ", ".join(f"{name} {columns[name][row]:g}" for name in ("open", "high", "low", "close"))
    raise DataError(
        f"open or close lies outside low..high in {rows_text(np.flatnonzero(outside), columns['ts'])}; "
        f"row {row + 1} has {values}",
        place=place,
        mend="Correct the rows, or read them with violations (--violations) widen, which stretches the range, or drop.",
    )


def wrong_values(columns: dict[str, NDArray[Any]]) -> NDArray[np.bool_]:
    """Rows with a price that is missing, infinite or not above zero, or a volume or count below zero."""
    wrong = np.zeros(len(columns["ts"]), dtype=np.bool_)
    for name in ("open", "high", "low", "close"):
        wrong |= ~((columns[name] > 0) & (columns[name] < np.inf))
    for name in ("volume", "trades"):
        if name in columns:
            wrong |= ~((columns[name] >= 0) & (columns[name] < np.inf))
    if "vwap" in columns:
        vwap = columns["vwap"]
        wrong |= ~np.isnan(vwap) & ~((vwap > 0) & (vwap < np.inf))
    return wrong


def count_bad(frame: pl.DataFrame) -> int:
    """Rows of stored bars that break a rule."""
    columns = {name: frame.get_column(name).to_numpy() for name in ("ts", "open", "high", "low", "close", "volume")}
    return int(np.count_nonzero(wrong_values(columns) | outside_range(columns)))
