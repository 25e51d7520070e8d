"""Carry a trading idea from research to real money without rewriting it.

Names are imported when they are first used, so that ``import tradebot`` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from tradebot import features
    from tradebot import indicators as ta
    from tradebot.core.bar import Bar, BarArray
    from tradebot.core.errors import TradebotError
    from tradebot.core.instrument import Instrument
    from tradebot.core.order import OrderIntent, Slippage
    from tradebot.core.signal import Exit, Signal
    from tradebot.research.backtest import backtest
    from tradebot.research.result import BacktestResult
    from tradebot.risk import Protection, RiskLimits
    from tradebot.sizing import FixedQuantity, FractionOfEquity, RiskPerTrade
    from tradebot.store.files import read_bars
    from tradebot.strategies import (
        AllocationPolicy,
        Bars,
        Policy,
        PortfolioPolicy,
        Rules,
        SignalPolicy,
        Strategy,
        param,
    )

__version__ = "0.1.0"

__all__ = [
    "AllocationPolicy",
    "BacktestResult",
    "Bar",
    "BarArray",
    "Bars",
    "Exit",
    "FixedQuantity",
    "FractionOfEquity",
    "Instrument",
    "OrderIntent",
    "Policy",
    "PortfolioPolicy",
    "Protection",
    "RiskLimits",
    "RiskPerTrade",
    "Rules",
    "Signal",
    "SignalPolicy",
    "Slippage",
    "Strategy",
    "TradebotError",
    "__version__",
    "backtest",
    "features",
    "param",
    "read_bars",
    "ta",
]

_MODULES: Final = {"features": "tradebot.features", "ta": "tradebot.indicators"}
_HOMES: Final = {
    "AllocationPolicy": "tradebot.strategies",
    "BacktestResult": "tradebot.research.result",
    "Bar": "tradebot.core.bar",
    "BarArray": "tradebot.core.bar",
    "Bars": "tradebot.strategies",
    "Exit": "tradebot.core.signal",
    "FixedQuantity": "tradebot.sizing",
    "FractionOfEquity": "tradebot.sizing",
    "Instrument": "tradebot.core.instrument",
    "OrderIntent": "tradebot.core.order",
    "Policy": "tradebot.strategies",
    "PortfolioPolicy": "tradebot.strategies",
    "Protection": "tradebot.risk",
    "RiskLimits": "tradebot.risk",
    "RiskPerTrade": "tradebot.sizing",
    "Rules": "tradebot.strategies",
    "Signal": "tradebot.core.signal",
    "Slippage": "tradebot.core.order",
    "SignalPolicy": "tradebot.strategies",
    "Strategy": "tradebot.strategies",
    "TradebotError": "tradebot.core.errors",
    "backtest": "tradebot.research.backtest",
    "param": "tradebot.strategies",
    "read_bars": "tradebot.store.files",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        value: Any = importlib.import_module(_MODULES[name])
    elif name in _HOMES:
        value = getattr(importlib.import_module(_HOMES[name]), name)
    else:
        raise AttributeError(f"module 'tradebot' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
