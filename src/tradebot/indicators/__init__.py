"""Indicators and rule expressions: ``from tradebot import ta``.

Each function declares a node on the bars it is given (``ta.sma(bars.close, 10)``); in ``on_bar`` its values are read
(``node[-1]``, ``ta.crossed_above(a, b)``), in ``rules`` nodes are combined (``ta.cross_above(a, b) & (rsi < 30)``).
Every node has a batch and a streaming form that agree to the bit.

All of TA-Lib's functions are here under their lower-case names. Those written out below have short parameter names
and types; any other is called with bars (or one node an input) and its parameters: ``ta.cdlengulfing(bars)``,
``ta.linearreg(bars.close, 14)``.
"""

from __future__ import annotations

from typing import Any, Protocol

from tradebot_native import crossed_above, crossed_below

from tradebot.indicators.averages import (
    Bands,
    Macd,
    bbands,
    dema,
    ema,
    hma,
    kama,
    ma,
    macd,
    rma,
    sma,
    t3,
    tema,
    trima,
    vwma,
    wma,
)
from tradebot.indicators.bars import Columns
from tradebot.indicators.context import BatchContext
from tradebot.indicators.directional import adx, adxr, dx, minus_di, plus_di
from tradebot.indicators.events import bars_since, cross_above, cross_below, maximum, minimum, value_when
from tradebot.indicators.frame import Frame, PriceBars
from tradebot.indicators.momentum import (
    Aroon,
    Stochastic,
    aroon,
    cci,
    mfi,
    mom,
    ppo,
    roc,
    rsi,
    stoch,
    stochf,
    stochrsi,
    trix,
    ultosc,
    willr,
)
from tradebot.indicators.node import Node
from tradebot.indicators.rolling import (
    bars_since_highest,
    bars_since_lowest,
    correlation,
    highest,
    lowest,
    rolling_mean,
    rolling_median,
    rolling_quantile,
    rolling_rank,
    rolling_skew,
    rolling_slope,
    rolling_std,
    rolling_sum,
    rolling_var,
    zscore,
)
from tradebot.indicators.session import vwap
from tradebot.indicators.shifts import change, pct_change, shift
from tradebot.indicators.streaming import Streaming
from tradebot.indicators.volatility import (
    Ichimoku,
    SuperTrend,
    ad,
    adosc,
    atr,
    donchian,
    ichimoku,
    keltner,
    natr,
    obv,
    sar,
    supertrend,
    trange,
)

__all__ = [
    "Aroon", "Bands", "BatchContext", "Columns", "Frame", "Ichimoku", "Macd", "Node", "PriceBars", "Stochastic",
    "Streaming", "SuperTrend", "ad", "adosc", "adx", "adxr", "aroon", "atr", "bars_since", "bars_since_highest",
    "bars_since_lowest", "bbands", "cci", "change", "correlation", "cross_above", "cross_below", "crossed_above",
    "crossed_below", "dema", "donchian", "dx", "ema", "highest", "hma", "ichimoku", "kama", "keltner", "lowest", "ma",
    "macd", "maximum", "mfi", "minimum", "minus_di", "mom", "natr", "obv", "pct_change", "plus_di", "ppo", "rma",
    "roc", "rolling_mean", "rolling_median", "rolling_quantile", "rolling_rank", "rolling_skew", "rolling_slope",
    "rolling_std", "rolling_sum", "rolling_var", "rsi", "sar", "shift", "sma", "stoch", "stochf", "stochrsi",
    "supertrend", "t3", "tema", "trange", "trima", "trix", "ultosc", "value_when", "vwap", "vwma", "willr", "wma",
    "zscore",
]  # fmt: skip


class TalibFunction(Protocol):
    """A TA-Lib function: bars or one node an input, then its parameters by position or name."""

    def __call__(self, *arguments: Any, **parameters: Any) -> Any: ...


def __getattr__(name: str) -> TalibFunction:
    # Names that Python itself looks for must not load TA-Lib.
    if name.startswith("_") or not name.islower():
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from tradebot.indicators.talib_functions import find

    return find(name, __all__)


def __dir__() -> list[str]:
    from tradebot.indicators.talib_library import names

    return sorted({*__all__, *names()})
