"""backtrader: one unit, next-open fills, 0.1 % fee (100,000 bars, for they take seconds)."""

from __future__ import annotations

import sys
from typing import Any

import backtrader as bt
import pandas as pd

from benchmarks import data
from benchmarks.measure import report


class Cross(bt.Strategy):
    def __init__(self) -> None:
        fast, slow = (bt.indicators.SimpleMovingAverage(self.data.close, period=period) for period in (10, 30))
        self.cross = bt.indicators.CrossOver(fast, slow)
        self.closed = 0

    def next(self) -> None:
        if not self.position:
            if self.cross[0] > 0:
                self.buy(size=1)
        elif self.cross[0] < 0:
            self.close()

    def notify_trade(self, trade: Any) -> None:
        self.closed += trade.isclosed


def main(workload: str, count: int = 100_000, calls: int = 1) -> None:
    columns = data.one(count)
    frame = pd.DataFrame({name: columns[name] for name in data.FIELDS[1:]}, index=pd.to_datetime(columns["ts"]))

    def call() -> dict[str, Any]:
        cerebro = bt.Cerebro(stdstats=False)
        cerebro.broker.setcash(1e7)
        cerebro.broker.setcommission(commission=0.001)
        cerebro.adddata(bt.feeds.PandasData(dataname=frame))
        cerebro.addstrategy(Cross)
        ran = cerebro.run()[0]
        return {"trades": ran.closed, "equity": cerebro.broker.getvalue()}

    report(call, units=count, calls=calls, version=bt.__version__)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
