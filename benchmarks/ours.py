"""Our side of the workloads: ``python -m benchmarks.ours WORKLOAD [BARS] [CALLS]``."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

import tradebot
from benchmarks import data
from benchmarks.measure import report
from tradebot import BarArray, FixedQuantity, Instrument, Rules, Strategy, param, ta
from tradebot.core.asset_class import AssetClass
from tradebot.strategies.library.sma_cross import SmaCross


class Bracketed(Strategy):
    """W3: W1's entry with a stop 1 % below and a target 2 % above the fill."""

    fast: int = param(10, ge=2)
    slow: int = param(30, ge=2)

    def setup(self, bars: Any) -> None:
        self.fast_ma = ta.sma(bars.close, self.fast)
        self.slow_ma = ta.sma(bars.close, self.slow)

    def on_bar(self, bar: Any) -> Any:
        if ta.crossed_above(self.fast_ma, self.slow_ma):
            return self.long(stop_loss_pct=0.01, take_profit_pct=0.02)
        return None

    def rules(self, bars: Any) -> Rules:
        return Rules(enter_long=ta.cross_above(self.fast_ma, self.slow_ma), stop_loss_pct=0.01, take_profit_pct=0.02)


class Alternate(Strategy):
    """Enters and leaves in turn, so that every bar brings an order."""

    def setup(self, bars: Any) -> None:
        self.holds = False

    def on_bar(self, bar: Any) -> Any:
        self.holds = not self.holds
        return self.long() if self.holds else self.exit()


def bars_of(columns: dict[str, np.ndarray], symbol: str = "X") -> BarArray:
    """Bars of an instrument with a fine tick and a fee of 0.1 %, as all engines have it."""
    instrument = Instrument(
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
    return BarArray(instrument, "1m", *(columns[name] for name in data.FIELDS))


def backtest(strategy: Strategy, bars: Any, form: str, cash: float = 1e7) -> dict[str, Any]:
    """Trades and final equity of one run through the public API."""
    result = tradebot.backtest(strategy, bars, cash=cash, sizer=FixedQuantity(1), form=form)
    return {"trades": len(result.outcome.trades["pnl"]), "equity": result.outcome.final_equity}


def bar_runs(workload: str, count: int, calls: int) -> None:
    """W1 and W3 in both forms, W4, and the cost of orders."""
    name, _, form = workload.partition("-")
    if name == "w4":
        many = [bars_of(columns, f"S{i}") for i, columns in enumerate(data.many())]
        units, cash = sum(map(len, many)), 1e9

        def call() -> dict[str, Any]:
            answer = backtest(SmaCross(fast=10, slow=30), many, form, cash)
            return {"trades": answer["trades"], "equity": answer["equity"] - cash}
    else:
        one = bars_of(data.one(count))
        strategy = {"w1": SmaCross(fast=10, slow=30), "w3": Bracketed(), "orders": Alternate()}[name]
        units = count

        def call() -> dict[str, Any]:
            return backtest(strategy, one, form or "python")

    report(call, units=units, calls=calls, version=tradebot.__version__)


def ticks(calls: int) -> None:
    """W5: a handler in Python called on each of 1,000,000 trade ticks."""
    import tradebot_native as native

    columns = data.one()
    price, size = columns["close"], columns["volume"]
    spec = bars_of(data.one(1000)).instrument.native()

    def handler(tick: native.Tick) -> None:
        return None

    def call() -> dict[str, Any]:
        exchange = native.SimExchange([spec], cash=1e7)
        trader = native.Trader(1, native.Sizing.fixed(1.0))
        runner = native.TickRunner.ticks(exchange, trader, columns["ts"], price, size)
        runner.run(handler)
        return {"trades": runner.step, "equity": exchange.portfolio.equity}

    report(call, units=len(price), calls=calls, version=tradebot.__version__)


def book(calls: int) -> None:
    """W5: an order book kept through 5,000,000 level updates around a moving price."""
    import tradebot_native as native

    count = 5_000_000
    rng = np.random.default_rng(7)
    mid = 100_000 + np.cumsum(rng.integers(-1, 2, count))
    side = rng.choice(np.array([-1, 1], dtype=np.int8), count)
    distance = np.minimum(rng.geometric(0.08, count), 400)
    price = (mid - side * distance) * 0.1
    size = rng.integers(0, 50, count) * 0.001

    def call() -> dict[str, Any]:
        kept = native.OrderBook(0.1, 0.001)
        applied = kept.apply_deltas(side, np.round(price, 1), np.round(size, 3))
        return {"trades": applied, "equity": 0.0}

    report(call, units=count, calls=calls, version=tradebot.__version__)


def main(workload: str, count: int = 1_000_000, calls: int = 5) -> None:
    """Measure one workload."""
    if workload == "w5-ticks":
        ticks(calls)
    elif workload == "w5-book":
        book(calls)
    else:
        bar_runs(workload, count, calls)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
