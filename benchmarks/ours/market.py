"""The benchmarks' markets as our engine takes them."""

from __future__ import annotations

from typing import Any

import tradebot
from benchmarks import data
from benchmarks.measure import Answer
from tradebot import BarArray, FixedQuantity, Instrument
from tradebot.core.asset_class import AssetClass


def instrument(symbol: str = "X") -> Instrument:
    """A fine tick, so that no price is moved, and a fee of 0.1 %, as every peer has it."""
    return Instrument(
        symbol=symbol,
        venue="mock",
        asset_class=AssetClass.PERPETUAL,
        base=symbol,
        quote="USD",
        tick_size="0.0001",
        lot_size="1",
        maker_fee="0.001",
        taker_fee="0.001",
    )


def bars(columns: data.Columns, symbol: str = "X") -> BarArray:
    """One market."""
    return BarArray(instrument(symbol), "1m", *(columns[name] for name in data.FIELDS))


def backtest(strategy: Any, market: Any, *, form: str = "python", cash: float = 1e7) -> Answer:
    """One unit a trade through the public API; trades and final equity."""
    outcome = tradebot.backtest(strategy, market, cash=cash, sizer=FixedQuantity(1), form=form).outcome
    return {"trades": len(outcome.trades["pnl"]), "equity": outcome.final_equity}
