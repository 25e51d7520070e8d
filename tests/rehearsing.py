"""What tests of rehearsals share: a local exchange whose market lives in our time, and a configuration for it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from local_exchange import INSTRUMENT, SPOT, Running, running
from tradebot.app.rehearsal import Cleared, Patience, Plan
from tradebot.config import Loaded, load
from tradebot.core.bar import Bar
from tradebot.core.event import BarClosed
from tradebot.core.interval import MINUTE, Interval
from tradebot.store.rehearsals import Step

MARKETS = ("spot", "usdm")
STEPS = (
    "account and key",
    "entry at the market",
    "refusals",
    "stop and target",
    "moved stop",
    "sale of a part",
    "new connection",
    "limit far below",
    "close",
    "reckoning",
)
BRISK = Patience(answer_s=3.0, step_s=15.0, look_s=0.5, settle_s=0.3, clear_s=20.0)


@contextmanager
def exchange_of(market: str, **settings: Any) -> Iterator[Running]:
    """A local exchange of one market at 100, at which trades are stamped with the time of this machine, to minutes."""
    start = (time.time_ns() // MINUTE - 2) * MINUTE
    still = BarClosed("BTCUSDT", Interval(1, "m"), Bar(start, 100.0, 100.0, 100.0, 100.0, 100.0, 10, 100.0))
    with running([still], start=start, instruments=(SPOT if market == "spot" else INSTRUMENT,), **settings) as exchange:
        yield exchange


def environment_of(exchange: Running) -> dict[str, str]:
    """Address and keys of a local exchange."""
    return {
        "TRADEBOT_BINANCE_URL": exchange.url,
        "BINANCE_LOCAL_API_KEY": exchange.key,
        "BINANCE_LOCAL_API_SECRET": exchange.secret,
    }


def document(market: str, *, symbol: str = "BTCUSDT", **broker: Any) -> str:
    """A configuration that trades on the local exchange, as text."""
    return json.dumps(
        {
            "broker": {"type": "binance", "market": market, "host": "local"} | broker,
            "trading": {"symbol": symbol, "position_size": 0.1},
            "data": {"data_source": "binance", "interval": "1m"},
            "strategy": {"type": "sma_cross"},
        }
    )


def loaded(folder: Path, market: str, **broker: Any) -> Loaded:
    """The same, read."""
    file = folder / "bot.json"
    file.write_text(document(market, **broker))
    return load(file, {}, mode="live")


def resting(exchange: Running) -> list[str]:
    """Client ids of the orders that work at the exchange, conditional ones among them."""
    ledger = exchange.ledger()
    working = ("NEW", "PARTIALLY_FILLED")
    orders = [row["clientOrderId"] for row in ledger["orders"] if row["status"] in working]
    return orders + [row["clientAlgoId"] for row in ledger.get("algoOrders", []) if row["algoStatus"] in working]


def held(exchange: Running) -> Decimal:
    """Units of the market that the account holds; on spot beyond what is less than a lot."""
    ledger = exchange.ledger()
    if "balances" in ledger:
        return SPOT.snap_quantity(Decimal(ledger["balances"].get("BTC", "0")))
    return Decimal(ledger["positions"]["BTCUSDT"])


class Watching:
    """An audience that remembers, and does something after a step."""

    def __init__(self, after: str = "", do: Callable[[], Any] | None = None) -> None:
        self.plan: Plan | None = None
        self.steps: list[Step] = []
        self.outcome: Cleared | None = None
        self._after = after
        self._do = do or (lambda: None)

    def begins(self, plan: Plan) -> None:
        self.plan = plan
        self._did("")

    def played(self, step: Step) -> None:
        self.steps.append(step)
        self._did(step.name)

    def clears(self) -> None:
        pass

    def cleared(self, cleared: Cleared) -> None:
        self.outcome = cleared

    def _did(self, name: str) -> None:
        if name == self._after:
            self._do()
