"""W10: from a closed bar to the orders that leave for it; ``python -m benchmarks.ours.latency PERCENTILE [alone]``."""

from __future__ import annotations

import shutil
import sys
import time
from contextlib import ExitStack
from typing import Any

import numpy as np
from tradebot_native import Bar, Slippage

import tradebot
from benchmarks import data
from benchmarks.measure import report_time
from benchmarks.ours import market
from tradebot.brokers.paper import PaperBroker
from tradebot.core.event import BarClosed, Cancel, Event, Replace, Submit
from tradebot.core.interval import Interval
from tradebot.core.journal import RunStarted
from tradebot.engine.account import Simulation
from tradebot.engine.plan import Plan
from tradebot.engine.trader import Trader
from tradebot.sizing import FixedQuantity
from tradebot.store.journal import SqliteJournal
from tradebot.strategies import Strategy

BARS = 4_000
# The first ones find everything cold.
UNTIMED = 200
STARTED = RunStarted(ts=1, run_id="R1", mode="paper", configuration="{}", configuration_hash="", code_version="0")


class Turns(Strategy):
    """Buys with a stop and a target, and closes on the next bar: an order on every bar."""

    def setup(self, bars: Any) -> None:
        self.mean = tradebot.ta.sma(bars.close, 10)

    def on_bar(self, bar: Any) -> Any:
        return self.exit() if self.position else self.long(stop_loss_pct=0.05, take_profit_pct=0.05)


class Market:
    """A trader and the paper broker that answers it."""

    def __init__(self, journal: SqliteJournal | None) -> None:
        instrument = market.instrument()
        simulation = Simulation(slippage=Slippage.none(), leverage=1.0)
        self._broker = PaperBroker([instrument], simulation.exchange([instrument.native()], 1e7, "R1"))
        self._trader = Trader(
            Plan(
                run_id="R1",
                instruments=[instrument],
                interval="1m",
                strategy=Turns(),
                cash=1e7,
                sizer=FixedQuantity(1.0),
                abilities=PaperBroker.abilities,
            )
        )
        self._journal = journal
        self._settle(self._broker.account())

    def close_of(self, event: BarClosed) -> tuple[float, int]:
        """Give a bar; returns the seconds from the bar to its orders, on record, and how many orders those are."""
        for update in self._broker.on_market(event):
            self._settle(update)
        begun = time.perf_counter()
        outputs = self._trader.handle(event)
        orders = [each for each in outputs if isinstance(each, Submit)]
        self._record([event, *outputs], durable=bool(orders))
        taken = time.perf_counter() - begun
        self._carry(outputs)
        return taken, len(orders)

    def _settle(self, event: Event) -> None:
        outputs = self._trader.handle(event)
        self._record([event, *outputs], durable=True)
        self._carry(outputs)

    def _carry(self, outputs: list[Any]) -> None:
        for output in outputs:
            if isinstance(output, Submit | Cancel | Replace):
                for update in self._broker.apply(output):
                    self._settle(update)

    def _record(self, messages: list[Any], *, durable: bool) -> None:
        if self._journal is not None:
            self._journal.append(messages, durable=durable)


def measured(*, alone: bool) -> tuple[list[float], int]:
    """Seconds of every bar that led to an order, and the number of orders."""
    columns = {name: values[:BARS].tolist() for name, values in data.one().items()}
    with ExitStack() as opened:
        journal = None
        if not alone:
            folder = data.CACHE / "latency"
            shutil.rmtree(folder, ignore_errors=True)
            journal = opened.enter_context(SqliteJournal(folder))
            journal.append([STARTED], durable=True)
        run, symbol, minute = Market(journal), market.instrument().symbol, Interval(1, "m")
        times: list[float] = []
        orders = 0
        for n in range(BARS):
            bar = Bar(*(columns[name][n] for name in ("ts", "open", "high", "low", "close", "volume")))
            taken, count = run.close_of(BarClosed(symbol, minute, bar))
            orders += count
            if count and n >= UNTIMED:
                times.append(taken)
        return times, orders


def main(percentile: str, what: str = "") -> None:
    times, orders = measured(alone=what == "alone")
    figure = float(np.percentile(times, float(percentile)))
    report_time(figure, {"trades": orders, "equity": 0.0}, version=tradebot.__version__)


if __name__ == "__main__":
    main(*sys.argv[1:])
