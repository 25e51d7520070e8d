"""vectorbt with its rust extra: one unit, next-open fills, 0.1 % fee, exits from the fill price."""

from __future__ import annotations

import sys
from importlib import metadata
from typing import Any

import pandas as pd
import vectorbt as vbt

from benchmarks import data
from benchmarks.measure import report

VERSION = f"{vbt.__version__}, rust {metadata.version('vectorbt-rust')}"
ACCOUNT = {"size": 1, "fees": 0.001, "init_cash": 1e7, "freq": "1min"}


def crosses(close: Any) -> tuple[Any, Any]:
    fast, slow = vbt.MA.run(close, 10, short_name="fast"), vbt.MA.run(close, 30, short_name="slow")
    return fast.ma_crossed_above(slow), fast.ma_crossed_below(slow)


def w1(frame: dict[str, Any]) -> Any:
    enter, leave = crosses(frame["close"])
    return vbt.Portfolio.from_signals(
        frame["close"], enter.vbt.signals.fshift(1), leave.vbt.signals.fshift(1), price=frame["open"], **ACCOUNT
    )


def w3(frame: dict[str, Any]) -> Any:
    enter, _ = crosses(frame["close"])
    return vbt.Portfolio.from_signals(
        frame["close"],
        enter.vbt.signals.fshift(1),
        False,
        price=frame["open"],
        open=frame["open"],
        high=frame["high"],
        low=frame["low"],
        sl_stop=0.01,
        tp_stop=0.02,
        stop_entry_price="fillprice",
        **ACCOUNT,
    )


def w4(frame: dict[str, Any]) -> Any:
    enter, leave = crosses(frame["close"])
    enter.columns = leave.columns = frame["close"].columns
    return vbt.Portfolio.from_signals(
        frame["close"], enter.vbt.signals.fshift(1), leave.vbt.signals.fshift(1), price=frame["open"], **ACCOUNT
    )


def frames(workload: str, count: int) -> tuple[dict[str, Any], int]:
    if workload == "w4":
        markets = data.many()
        index = pd.to_datetime(markets[0]["ts"])
        columns = ("open", "close")
        made = {name: pd.DataFrame({i: m[name] for i, m in enumerate(markets)}, index=index) for name in columns}
        return made, sum(len(market["ts"]) for market in markets)
    columns = data.one(count)
    frame = pd.DataFrame({name: columns[name] for name in data.FIELDS[1:]}, index=pd.to_datetime(columns["ts"]))
    return {name: frame[name] for name in frame}, count


def main(workload: str, count: int = 1_000_000, calls: int = 5) -> None:
    frame, units = frames(workload, count)
    run = {"w1": w1, "w3": w3, "w4": w4}[workload]

    def call() -> dict[str, Any]:
        portfolio = run(frame)
        trades, value = portfolio.trades.closed.count(), portfolio.final_value()
        if workload == "w4":
            return {"trades": int(trades.sum()), "equity": float((value - 1e7).sum())}
        return {"trades": int(trades), "equity": float(value)}

    report(call, units=units, calls=calls, version=VERSION)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
