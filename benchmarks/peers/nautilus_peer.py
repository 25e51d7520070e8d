"""NautilusTrader: W1 on 100,000 bars, one unit, 0.1 % fee; and a handler of 1,000,000 trade ticks that does nothing.

It fills a market order at the close of the signal's bar. An order that travels for a nanosecond, and a trade printed at
each bar's open, make that the next open.
"""

from __future__ import annotations

import sys
from decimal import Decimal
from typing import Any

import nautilus_trader
import numpy as np
import pandas as pd
from nautilus_trader.backtest.config import BacktestEngineConfig
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.backtest.models import LatencyModel
from nautilus_trader.config import LoggingConfig, StrategyConfig
from nautilus_trader.indicators import SimpleMovingAverage
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.data import BarType
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
from nautilus_trader.model.identifiers import InstrumentId, Symbol, Venue
from nautilus_trader.model.instruments import Equity
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.persistence.wranglers import BarDataWrangler, TradeTickDataWrangler
from nautilus_trader.trading.strategy import Strategy

from benchmarks import data
from benchmarks.measure import Answer, report

VENUE = Venue("SIM")
BARS = BarType.from_str("X.SIM-1-MINUTE-LAST-EXTERNAL")
INSTRUMENT = Equity(
    InstrumentId(Symbol("X"), VENUE),
    Symbol("X"),
    USD,
    2,
    Price.from_str("0.25"),
    Quantity.from_int(1),
    0,
    0,
    maker_fee=Decimal("0.001"),
    taker_fee=Decimal("0.001"),
    margin_init=Decimal("0.01"),
    margin_maint=Decimal("0.01"),
)


class Cross(Strategy):
    def __init__(self) -> None:
        super().__init__(StrategyConfig())
        self.fast, self.slow = SimpleMovingAverage(10), SimpleMovingAverage(30)
        self.before: tuple[float, float] | None = None
        self.closed = 0

    def on_start(self) -> None:
        self.one = Quantity.from_int(1)
        self.register_indicator_for_bars(BARS, self.fast)
        self.register_indicator_for_bars(BARS, self.slow)
        self.subscribe_bars(BARS)

    def on_bar(self, bar: Any) -> None:
        if not self.slow.initialized:
            return
        now, before = (self.fast.value, self.slow.value), self.before
        self.before = now
        if before is None:
            return
        if now[0] > now[1] and before[0] <= before[1]:
            if self.portfolio.is_flat(INSTRUMENT.id):
                self.submit_order(self.order_factory.market(INSTRUMENT.id, OrderSide.BUY, self.one))
        elif now[0] < now[1] and before[0] >= before[1] and self.portfolio.is_net_long(INSTRUMENT.id):
            self.submit_order(self.order_factory.market(INSTRUMENT.id, OrderSide.SELL, self.one))

    def on_position_closed(self, event: Any) -> None:
        self.closed += 1


class Listener(Strategy):
    def __init__(self) -> None:
        super().__init__(StrategyConfig())
        self.closed = 0

    def on_start(self) -> None:
        self.subscribe_trade_ticks(INSTRUMENT.id)

    def on_trade_tick(self, tick: Any) -> None:
        pass


def prints(price: np.ndarray, index: Any) -> list[Any]:
    """Trades of one unit."""
    numbers = np.arange(len(price)).astype(str)
    frame = pd.DataFrame({"price": price, "quantity": 1.0, "trade_id": numbers, "buyer_maker": True}, index=index)
    return TradeTickDataWrangler(INSTRUMENT).process(frame)


def bars(columns: data.Columns, index: Any) -> list[Any]:
    """Bars that are known at their close."""
    names = data.FIELDS[1:]
    frame = pd.DataFrame({name: columns[name] for name in names}, index=index + pd.Timedelta("60s"))
    return BarDataWrangler(BARS, INSTRUMENT).process(frame)


def backtest(kind: type[Any], streams: list[list[Any]], last: float) -> Answer:
    engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True), run_analysis=False))
    engine.add_venue(
        VENUE,
        OmsType.NETTING,
        AccountType.MARGIN,
        [Money(10_000_000, USD)],
        base_currency=USD,
        default_leverage=Decimal(1),
        latency_model=LatencyModel(base_latency_nanos=1),
    )
    engine.add_instrument(INSTRUMENT)
    for stream in streams:
        engine.add_data(stream, sort=False)
    strategy = kind()
    engine.add_strategy(strategy)
    engine.sort_data()
    engine.run()
    cash = engine.cache.accounts()[0].balance_total(USD).as_double()
    still_open = sum(position.signed_qty * (last - position.avg_px_open) for position in engine.cache.positions_open())
    engine.dispose()
    return {"trades": strategy.closed, "equity": cash + still_open}


def main(workload: str, count: int = 0, calls: int = 0) -> None:
    columns = data.one(count or {"w1": 100_000, "ticks": data.MILLION}[workload])
    index = pd.to_datetime(columns["ts"], utc=True)
    if workload == "w1":
        kind: type[Any] = Cross
        streams = [bars(columns, index), prints(columns["open"], index + pd.Timedelta("1us"))]
    else:
        kind, streams = Listener, [prints(columns["close"], index)]
    call = lambda: backtest(kind, streams, float(columns["close"][-1]))  # noqa: E731
    report(call, units=len(index), calls=calls, version=nautilus_trader.__version__)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
