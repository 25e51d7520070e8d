"""W5: a handler in Python called on each of 1,000,000 trade ticks; ``python -m benchmarks.ours.ticks [CALLS]``."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

import tradebot
from benchmarks import data
from benchmarks.measure import Answer, report
from benchmarks.ours import market
from tradebot import FixedQuantity, Strategy
from tradebot.core.tick_array import TickArray

TICK_NS = 50_000_000
heard: list[int] = []


class Listener(Strategy):
    """Reads each price and never trades."""

    def setup(self, bars: Any) -> None:
        self.count = 0
        self.highest = 0.0

    def on_tick(self, tick: Any) -> None:
        self.count += 1
        if tick.price > self.highest:
            self.highest = tick.price
            heard[:] = [self.count]


def main(calls: int = 5) -> None:
    columns = data.one()
    count = len(columns["ts"])
    ts = data.START_NS + TICK_NS * np.arange(count, dtype=np.int64)
    ticks = TickArray(market.instrument(), ts, columns["close"], columns["volume"], np.zeros(count, np.int8))
    strategy = Listener()

    def call() -> Answer:
        outcome = tradebot.backtest(strategy, ticks, cash=1e7, sizer=FixedQuantity(1)).outcome
        # The highest price came at this tick, so the handler has heard at least all up to it, in order.
        if heard != [int(np.argmax(columns["close"])) + 1]:
            raise AssertionError(f"the handler heard its highest price at tick {heard}")
        return {"trades": len(outcome.trades["pnl"]), "equity": outcome.final_equity}

    report(call, units=count, calls=calls, version=tradebot.__version__)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
