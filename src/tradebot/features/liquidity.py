"""What trading costs, told from bars alone."""

from __future__ import annotations

from tradebot.features.feature import formula
from tradebot.features.series import Series, at_least, lag, mean, ratio, sqrt


@formula
def amihud(bars: Series, window: int) -> Series:
    """Illiquidity: how far the price moves for a million of the quote currency that is traded.

    mean(|close / close[-1] - 1| / (close volume)) 10⁶. Amihud (2002), Illiquidity and stock returns, Journal of
    Financial Markets 5. Not known while a bar of the window has no volume.
    """
    moved = abs(bars.close / lag(bars.close, 1) - 1.0)
    return mean(ratio(moved, bars.close * bars.volume), window) * 1e6


@formula
def roll_spread(bars: Series, window: int) -> Series:
    """Effective spread as a fraction of the price, from the bounce of closes between bid and ask.

    2 sqrt(-cov(r, r[-1])) of simple returns r; 0 where the covariance is positive and the model says nothing.
    Roll (1984), A simple implicit measure of the effective bid-ask spread in an efficient market, Journal of Finance
    39. The covariance is that of the sample, divided by ``window - 1``.
    """
    now = bars.close / lag(bars.close, 1) - 1.0
    before = lag(now, 1)
    together = mean(now * before, window) - mean(now, window) * mean(before, window)
    return sqrt(at_least(together * (-window / (window - 1)), 0.0)) * 2.0
