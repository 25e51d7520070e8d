"""A value beside its own recent past."""

from __future__ import annotations

from tradebot.core.errors import IndicatorError, did_you_mean
from tradebot.features.feature import formula
from tradebot.features.series import Series, lag, mean, rank_among, ratio, sqrt, variance

_COLUMNS = ("open", "high", "low", "close", "volume")


@formula
def zscore(bars: Series, window: int, column: str = "close") -> Series:
    """Distance of a column from its mean over the window, in standard deviations; not known without spread."""
    values = _column("zscore", bars, column)
    return ratio(values - mean(values, window), sqrt(variance(values, window)))


@formula
def rank(bars: Series, window: int, column: str = "close") -> Series:
    """Rank of a column's latest value in the window: 1 / window (lowest) to 1; the mean rank for equal values."""
    return rank_among(_column("rank", bars, column), window)


@formula
def relative_volume(bars: Series, window: int) -> Series:
    """Volume beside its mean over the ``window`` bars before; 1 is usual. Not known after bars without volume."""
    return ratio(bars.volume, lag(mean(bars.volume, window), 1))


def _column(name: str, bars: Series, column: str) -> Series:
    if column not in _COLUMNS:
        mend = did_you_mean(column, _COLUMNS) or f"Give one of {', '.join(_COLUMNS)}."
        raise IndicatorError(f'bars have no column "{column}"', place=f"{name}(column)", mend=mend)
    return getattr(bars, column)
