"""Returns over one or more bars."""

from __future__ import annotations

from tradebot.features.feature import formula
from tradebot.features.series import Series, lag, log


@formula
def simple_return(bars: Series, horizon: int = 1) -> Series:
    """Change of the close over ``horizon`` bars as a fraction: close / close[horizon ago] - 1."""
    return bars.close / lag(bars.close, horizon) - 1.0


@formula
def log_return(bars: Series, horizon: int = 1) -> Series:
    """Logarithmic change of the close over ``horizon`` bars: ln(close / close[horizon ago])."""
    return log(bars.close / lag(bars.close, horizon))
