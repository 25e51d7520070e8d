"""What an order costs, an order a bar; ``python -m benchmarks.ours.orders round_trips|resting ORDERS [CALLS]``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import tradebot_native as native

import tradebot
from benchmarks import data
from benchmarks.measure import Answer, report
from benchmarks.ours import market
from tradebot import Strategy
from tradebot.core.order import OrderIntent


class Alternating(Strategy):
    """In on one bar and out on the next, by market orders."""

    def setup(self, bars: Any) -> None:
        self.holds = False

    def on_bar(self, bar: Any) -> Any:
        self.holds = not self.holds
        return self.long() if self.holds else self.exit()


class Resting:
    """A policy that adds a limit order far below the market on every bar, so that all of them rest to the end."""

    def __init__(self) -> None:
        self.given = 0

    def decide(self, portfolio: Any, snapshot: Any, context: Any) -> Sequence[OrderIntent]:
        self.given += 1
        return (OrderIntent(0, "buy", 1.0, type="limit", price=1.0 + 0.25 * (self.given % 4000)),)


def round_trips(bars: Any) -> Answer:
    return market.backtest(Alternating(), bars)


def resting(bars: Any) -> Answer:
    # Each resting order holds margin, so the account must be a large one.
    result = tradebot.backtest(Resting(), bars, cash=1e12)
    accepted = result.outcome.orders["state"] == native.ORDER_STATES.index("accepted")
    return {"trades": int(accepted.sum()), "equity": result.outcome.final_equity}


def main(kind: str, count: int, calls: int = 5) -> None:
    bars = market.bars(data.one(count))
    run = {"round_trips": round_trips, "resting": resting}[kind]
    report(lambda: run(bars), units=count, calls=calls, version=tradebot.__version__)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
