"""Statistics of the last values. A value that is not finite starts the window anew."""

from __future__ import annotations

from tradebot.core.errors import IndicatorError
from tradebot.indicators.frame import PriceBars
from tradebot.indicators.node import Node, aligned
from tradebot.indicators.operation import KernelOperation
from tradebot.indicators.parameters import real, series, whole


def rolling_sum(source: Node | PriceBars, period: int) -> Node:
    """Sum of the last ``period`` values, with compensated additions."""
    return _rolling("rolling_sum", "sum", source, period)


def rolling_mean(source: Node | PriceBars, period: int) -> Node:
    """Mean of the last ``period`` values, with compensated additions (``sma`` is TA-Lib's)."""
    return _rolling("rolling_mean", "mean", source, period)


def rolling_var(source: Node | PriceBars, period: int, *, ddof: int = 1) -> Node:
    """Variance of the last ``period`` values, divided by ``period - ddof``."""
    return _spread("rolling_var", "var", source, period, ddof)


def rolling_std(source: Node | PriceBars, period: int, *, ddof: int = 1) -> Node:
    """Standard deviation of the last ``period`` values, divided by ``period - ddof``."""
    return _spread("rolling_std", "std", source, period, ddof)


def zscore(source: Node | PriceBars, period: int, *, ddof: int = 1) -> Node:
    """Distance of the latest value from the mean of the last ``period``, in standard deviations; nan without spread."""
    return _spread("zscore", "zscore", source, period, ddof)


def rolling_skew(source: Node | PriceBars, period: int) -> Node:
    """Skewness of the last ``period`` values, corrected for bias. Joanes and Gill (1998), G1."""
    return _rolling("rolling_skew", "skew", source, period, at_least=3)


def rolling_median(source: Node | PriceBars, period: int) -> Node:
    """Median of the last ``period`` values."""
    return _rolling("rolling_median", "quantile", source, period, 0.5)


def rolling_quantile(source: Node | PriceBars, period: int, q: float) -> Node:
    """Quantile ``q`` in 0..1 of the last ``period`` values, linear between neighbours. Hyndman-Fan (1996), type 7."""
    return _rolling("rolling_quantile", "quantile", source, period, real("rolling_quantile", "q", q, within=(0, 1)))


def rolling_rank(source: Node | PriceBars, period: int) -> Node:
    """Rank of the latest value among the last ``period``, 1/period (lowest) to 1; the mean rank for equal values."""
    return _rolling("rolling_rank", "rank", source, period)


def rolling_slope(source: Node | PriceBars, period: int) -> Node:
    """Slope a bar of the least-squares line through the last ``period`` values."""
    return _rolling("rolling_slope", "slope", source, period, at_least=2)


def correlation(first: Node | PriceBars, second: Node | PriceBars, period: int) -> Node:
    """Pearson correlation of the last ``period`` pairs, -1..1; nan where one of them does not move."""
    operation = KernelOperation("correlation", (whole("correlation", "period", period, at_least=2),))
    inputs = aligned((series("correlation", "first", first), series("correlation", "second", second)))
    return inputs[0].frame.node(operation, inputs)


def highest(source: Node | PriceBars, period: int) -> Node:
    """Highest of the last ``period`` values."""
    return _rolling("highest", "max", source, period)


def lowest(source: Node | PriceBars, period: int) -> Node:
    """Lowest of the last ``period`` values."""
    return _rolling("lowest", "min", source, period)


def bars_since_highest(source: Node | PriceBars, period: int) -> Node:
    """Bars since the highest of the last ``period`` values: 0 when it is the latest."""
    return _rolling("bars_since_highest", "max_age", source, period)


def bars_since_lowest(source: Node | PriceBars, period: int) -> Node:
    """Bars since the lowest of the last ``period`` values: 0 when it is the latest."""
    return _rolling("bars_since_lowest", "min_age", source, period)


def _rolling(
    indicator: str, kernel: str, source: Node | PriceBars, period: int, *params: float, at_least: int = 1
) -> Node:
    node = series(indicator, "source", source)
    length = whole(indicator, "period", period, at_least=at_least)
    return node.frame.node(KernelOperation(kernel, (length, *params)), (node,))


def _spread(indicator: str, kernel: str, source: Node | PriceBars, period: int, ddof: int) -> Node:
    ddof = whole(indicator, "ddof", ddof, at_least=0)
    length = whole(indicator, "period", period)
    if length <= ddof:
        raise IndicatorError(
            f"{period} values leave nothing to divide by with ddof {ddof}",
            place=f"{indicator}(period)",
            mend=f"Give at least {ddof + 1}.",
        )
    return _rolling(indicator, kernel, source, length, ddof)
