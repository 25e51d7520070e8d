"""basana: one unit, next-open fills, 0.1 % fee, fills without price impact; 100,000 bars of Python decimals."""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib import metadata
from typing import Any

import basana as bs
from basana.backtesting import exchange, fees, liquidity

from benchmarks import data
from benchmarks.measure import Answer, report

PAIR = bs.Pair("X", "USD")
MINUTE = timedelta(minutes=1)


class Cross:
    """Compares three times the sum of ten closes with the sum of thirty, which is exact in decimals."""

    def __init__(self, venue: Any) -> None:
        self.venue = venue
        self.fast: deque[Decimal] = deque([Decimal(0)] * 10, 10)
        self.slow: deque[Decimal] = deque([Decimal(0)] * 30, 30)
        self.sums = (Decimal(0), Decimal(0))
        self.seen = self.closed = 0
        self.holds = False

    async def on_bar(self, event: Any) -> None:
        close, before = event.bar.close, self.sums
        now = (before[0] + close - self.fast[0], before[1] + close - self.slow[0])
        self.fast.append(close)
        self.slow.append(close)
        self.sums = now
        self.seen += 1
        if self.seen <= 30:
            return
        above, was_above = now[0] * 3 - now[1], before[0] * 3 - before[1]
        if not self.holds and above > 0 >= was_above:
            await self.venue.create_market_order(bs.OrderOperation.BUY, PAIR, Decimal(1))
            self.holds = True
        elif self.holds and above < 0 <= was_above:
            await self.venue.create_market_order(bs.OrderOperation.SELL, PAIR, Decimal(1))
            self.holds = False
            self.closed += 1


async def backtest(events: list[Any], last: float) -> Answer:
    dispatcher = bs.backtesting_dispatcher()
    venue = exchange.Exchange(
        dispatcher,
        initial_balances={"USD": Decimal(10_000_000)},
        fee_strategy=fees.Percentage(Decimal("0.1")),
        liquidity_strategy_factory=liquidity.InfiniteLiquidity,
    )
    venue.set_pair_info(PAIR, bs.PairInfo(8, 8))
    strategy = Cross(venue)
    venue.add_bar_source(bs.FifoQueueEventSource(events=list(events)))
    venue.subscribe_to_bar_events(PAIR, strategy.on_bar)
    await dispatcher.run()
    cash, units = await venue.get_balance("USD"), await venue.get_balance("X")
    return {"trades": strategy.closed, "equity": float(cash.available) + float(units.available) * last}


def bar_events(columns: data.Columns) -> list[Any]:
    prices = zip(*(map(Decimal, columns[name].tolist()) for name in data.FIELDS[1:]), strict=True)
    begin = datetime.fromtimestamp(data.START_NS / 1e9, UTC)
    opens = (begin + i * MINUTE for i in range(len(columns["ts"])))
    return [bs.BarEvent(at + MINUTE, bs.Bar(at, PAIR, *row, MINUTE)) for at, row in zip(opens, prices, strict=True)]


def main(workload: str, count: int = 100_000, calls: int = 1) -> None:
    columns = data.one(count)
    events, last = bar_events(columns), float(columns["close"][-1])
    run = {"w1": backtest}[workload]
    report(lambda: asyncio.run(run(events, last)), units=count, calls=calls, version=metadata.version("basana"))


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
