"""backtesting.py: one unit, next-open fills, 0.1 % fee; W3's exits from the signal's close, which is what it offers."""

from __future__ import annotations

import sys
import warnings
from typing import Any

import backtesting
import numpy as np
import pandas as pd
from backtesting import Backtest, Strategy

from benchmarks import data
from benchmarks.measure import report

warnings.filterwarnings("ignore")
backtesting.backtesting._tqdm = lambda rows, **_: rows


def mean(values: Any, period: int) -> Any:
    return pd.Series(values).rolling(period).mean()


class Cross(Strategy):
    def init(self) -> None:
        self.fast = self.I(mean, self.data.Close, 10)
        self.slow = self.I(mean, self.data.Close, 30)

    def next(self) -> None:
        fast, slow = self.fast, self.slow
        if not self.position:
            if fast[-1] > slow[-1] and fast[-2] <= slow[-2]:
                self.buy(size=1)
        elif fast[-1] < slow[-1] and fast[-2] >= slow[-2]:
            self.position.close()


class Bracketed(Cross):
    def next(self) -> None:
        fast, slow = self.fast, self.slow
        if not self.position and fast[-1] > slow[-1] and fast[-2] <= slow[-2]:
            close = self.data.Close[-1]
            self.buy(size=1, sl=int(close * 0.99 * 4 + 0.5) / 4, tp=int(close * 1.02 * 4 + 0.5) / 4)


def main(workload: str, count: int = 1_000_000, calls: int = 3) -> None:
    columns = data.one(count)
    names = ("Open", "High", "Low", "Close", "Volume")
    index = pd.to_datetime(columns["ts"])
    frame = pd.DataFrame(dict(zip(names, (columns[name] for name in data.FIELDS[1:]), strict=True)), index=index)
    engine = Backtest(frame, {"w1": Cross, "w3": Bracketed}[workload], cash=1e7, commission=0.001)

    def call() -> dict[str, Any]:
        statistics = engine.run()
        return {"trades": int(statistics["# Trades"]), "equity": float(np.float64(statistics["Equity Final [$]"]))}

    report(call, units=count, calls=calls, version=backtesting.__version__)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
