"""Features: the usual inputs for research and models: ``from tradebot import features``.

Each is one formula with two faces. ``features.parkinson(20).expr`` is a Polars expression over the columns ``open``,
``high``, ``low``, ``close``, ``volume`` and ``ts`` of a frame of bars; ``features.parkinson(20).on(bars)`` is the
indicator node a strategy declares in ``setup``, with its batch and its streaming form. Its name, ``parkinson:20``, is
what models list and what :func:`parse` reads.

At a bar a feature knows that bar and earlier ones. Volatilities are those of one bar, as fractions of the price,
unless said otherwise: times the square root of the bars in a year they are annual.
"""

from tradebot.features.calendar import (
    hour_cos,
    hour_sin,
    month_cos,
    month_sin,
    session_cos,
    session_sin,
    weekday_cos,
    weekday_sin,
)
from tradebot.features.catalogue import formulas, parse
from tradebot.features.feature import Feature, Formula, formula
from tradebot.features.liquidity import amihud, roll_spread
from tradebot.features.relative import rank, relative_volume, zscore
from tradebot.features.returns import log_return, simple_return
from tradebot.features.table import table
from tradebot.features.volatility import (
    garman_klass,
    parkinson,
    realized_volatility,
    rogers_satchell,
    yang_zhang,
)
from tradebot.features.vpin import Vpin, vpin

__all__ = [
    "Feature", "Formula", "Vpin", "amihud", "formula", "formulas", "garman_klass", "hour_cos", "hour_sin",
    "log_return", "month_cos", "month_sin", "parkinson", "parse", "rank", "realized_volatility", "relative_volume",
    "rogers_satchell", "roll_spread", "session_cos", "session_sin", "simple_return", "table", "vpin", "weekday_cos",
    "weekday_sin", "yang_zhang", "zscore",
]  # fmt: skip
