"""A bot is killed between the record of an order and its sending: the next start waits while it may still arrive."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from protected_street import living
from tradebot_native import OrderIntent

from spot_in_process import START, Street, Wire
from tradebot.app.coins import record_of
from tradebot.app.sold import note_sale
from tradebot.brokers.binance import BinanceSpotBroker
from tradebot.brokers.binance.refusals import Unanswered
from tradebot.brokers.binance.settings import BinanceSettings
from tradebot.brokers.binance.spot import account
from tradebot.core.event import Submit
from tradebot.core.interval import SECOND
from tradebot.core.journal import RunStarted
from tradebot.store.journal import SqliteJournal
from tradebot.store.ledger.queries import Ledger
from tradebot.venues.binance import BinanceHost

NAME = "run-0-sl"
HOST = BinanceHost.of("local", url="http://127.0.0.1:1", market="spot")
STARTED = RunStarted(ts=START, run_id="run", mode="live", configuration="{}", configuration_hash="", code_version="")


class Skewed(Wire):
    """A wire to a venue whose clock is ahead of this machine's by an hour."""

    def __init__(self, street: Street) -> None:
        super().__init__(street)
        self.skew = 3_600 * SECOND


async def waited(wire: Wire, recorded: int) -> float:
    """How long a start waits for an order on record, which is never found, in seconds."""
    rules = await account.market_rules(wire, ("BTCUSDT",))
    orders = {"BTCUSDT": {NAME: recorded}}
    rest: Any = wire
    broker = BinanceSpotBroker(rest, HOST, rules, BinanceSettings(), ("run-",), STARTED.ts, None, orders)
    now, told = asyncio.get_running_loop().time, ""
    began = now()
    while True:
        try:
            await broker.snapshot()
        except Unanswered as error:
            told = error.fact
            await asyncio.sleep(0.1)
        else:
            await broker.close()
            assert (NAME in told) == (now() - began > 1.0)
            return now() - began


@pytest.mark.parametrize("kind", [Wire, Skewed])
@pytest.mark.parametrize(
    ("ago_s", "least_s", "most_s"),
    [
        pytest.param(3_600, 0.0, 0.2, id="long ago"),
        pytest.param(186, 0.0, 0.2, id="left the line and cannot arrive any more"),
        pytest.param(183, 1.7, 2.3, id="may have been the last to leave the line"),
        pytest.param(70, 4.7, 5.3, id="may have left a moment ago, after a pause of the budget"),
        pytest.param(2, 4.7, 5.3, id="may have left a moment ago"),
        pytest.param(-3_600, 4.7, 5.3, id="the machine's clock was set back since"),
    ],
)
def test_a_start_waits_for_an_order_as_long_as_it_may_have_left_a_moment_ago(
    kind: type[Wire], ago_s: int, least_s: float, most_s: float
) -> None:
    async def life() -> None:
        wire = kind(Street((), {}))
        took = await waited(wire, wire.now() - wire.skew - ago_s * SECOND)
        assert least_s <= took <= most_s

    living(life())


def test_the_record_tells_when_it_heard_of_each_order_that_has_not_ended_last(tmp_path: Path) -> None:
    with SqliteJournal(tmp_path) as journal:
        stop = OrderIntent("BTCUSDT", "sell", 1.0, type="stop", trigger=90.0)
        journal.append([STARTED, Submit(NAME, stop)], durable=True)
    note_sale(tmp_path, "BTCUSDT", "halt-1")
    recorded = record_of(tmp_path, ("BTCUSDT",))
    with Ledger(tmp_path) as ledger:
        (row,) = ledger.orders(is_open=True)
    assert recorded.of_run("run", "BTCUSDT") == {NAME: row.updated}
    assert row.updated <= recorded.working["BTCUSDT"]["halt-1"]
