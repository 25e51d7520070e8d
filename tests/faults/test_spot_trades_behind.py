"""Binance's list of trades is behind its matching engine: halts and starts beside another hand's coins wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from protected_street import BOTH, Ask, between, living, resting

from local_exchange import SPOT, running
from spot_in_process import START, Street, Wire
from tradebot.app import coins
from tradebot.app.coins import OwnCoins, holdings_of, record_of
from tradebot.app.halting import Swept, Venue, _swept, sweep
from tradebot.brokers.binance import BinanceSpotBroker
from tradebot.brokers.binance.rest import Endpoint
from tradebot.brokers.binance.settings import BinanceSettings
from tradebot.brokers.binance.spot import account
from tradebot.core.event import Resumed
from tradebot.core.interval import SECOND
from tradebot.core.journal import RunStarted
from tradebot.engine.live.brokerage import Brokerage
from tradebot.store.journal import SqliteJournal
from tradebot.venues.binance import BinanceHost

HOST = BinanceHost.of("local", url="http://127.0.0.1:1", market="spot")
VENUE = Venue(broker="binance", host="local", market="spot", symbols=("BTCUSDT",), run_id="run")
STARTED = RunStarted(ts=START, run_id="run", mode="live", configuration="{}", configuration_hash="", code_version="")


class Behind(Wire):
    """A wire by which trades are told a while after they were made.

    Parameters
    ----------
    street : what lies behind it.
    lag_s : that while.
    """

    def __init__(self, street: Street, lag_s: float) -> None:
        super().__init__(street)
        self._lag_ms = int(lag_s * 1_000)
        self.sent: list[str] = []

    async def ask(self, endpoint: Endpoint, params: Any = None) -> Any:
        told = await super().ask(endpoint, params)
        if endpoint.call == "privatePostOrder":
            self.sent.append(params["newClientOrderId"])
        if endpoint.call == "privateGetMyTrades":
            known_until = self.now() // 1_000_000 - self._lag_ms
            return [row for row in told if row["time"] <= known_until]
        return told


@asynccontextmanager
async def dead(folder: Path) -> AsyncIterator[Street]:
    """A bot that is killed at a hundred seconds, its coin protected; what it did is on record."""
    street = Street(("long",), {}, silences=((100.0, 1e9),))
    with SqliteJournal(folder) as journal:
        journal.append([STARTED], durable=True)
        async with street.trading() as trader:
            handle = trader.handle

            def recorded(event: Any) -> Any:
                outputs = handle(event)
                journal.append([event, *outputs], durable=True)
                return outputs

            trader.handle = recorded
            await asyncio.sleep(100.0 - asyncio.get_running_loop().time())
            assert resting(street) == BOTH
            between(street, _never)
            street.give = lambda event: None
            await asyncio.sleep(30.0)
            street.price(100.0)
            yield street


async def _never(ask: Ask, endpoint: Endpoint, params: Any) -> Any:
    await asyncio.Event().wait()


async def connected(street: Street, folder: Path, wire: Any) -> BinanceSpotBroker:
    recorded = record_of(folder, VENUE.symbols)
    rules = await account.market_rules(wire, VENUE.symbols)
    own, settings = holdings_of(folder, recorded.runs), BinanceSettings()
    since = STARTED.ts + 50 * SECOND
    return BinanceSpotBroker(wire, HOST, rules, settings, recorded.prefixes, since, own, recorded.working)


async def halted(street: Street, folder: Path, wire: Any, *, flatten: bool = True) -> Swept:
    broker = await connected(street, folder, wire)
    own = OwnCoins(folder, broker)
    swept = await _swept(broker, own.look, VENUE, flatten=flatten, note=own.note_sale)
    await broker.close()
    return swept


@pytest.mark.parametrize("lag_s", [0.5, 1.5])
def test_a_halt_does_not_sell_what_a_stop_has_just_sold(tmp_path: Path, lag_s: float) -> None:
    async def life() -> None:
        async with dead(tmp_path) as street:
            street.price(89.5)
            wire = Behind(street, lag_s)
            swept = await halted(street, tmp_path, wire)
            assert (wire.sent, swept.open, street.working(), street.broken) == ([], (), [], [])

    living(life())


def test_a_second_halt_does_not_sell_what_the_first_has_just_sold(tmp_path: Path) -> None:
    async def life() -> None:
        async with dead(tmp_path) as street:
            first, second = Behind(street, 1.5), Behind(street, 1.5)
            # The first ends amid its look at what it has done.
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(halted(street, tmp_path, first), 0.5)
            await halted(street, tmp_path, second)
            assert (len(first.sent), second.sent, street.working(), street.broken) == (1, [], [], [])

    living(life())


@pytest.mark.parametrize("lag_s", [0.5, 1.5])
def test_a_start_does_not_sell_what_a_stop_has_just_sold(tmp_path: Path, lag_s: float) -> None:
    async def life() -> None:
        async with dead(tmp_path) as street:
            street.price(89.5)
            await asyncio.sleep(0.1)
            wire = Behind(street, lag_s)
            brokerage = street._brokerage = Brokerage(await connected(street, tmp_path, wire), street._brokerage.rhythm)
            del street.give
            street.give(Resumed(street.now()))
            while (snapshot := await brokerage.snapshot()) is None:
                await asyncio.sleep(1.0)
            street.give(snapshot)
            hearing = asyncio.create_task(street._hear())
            await asyncio.sleep(30.0)
            hearing.cancel()
            assert (wire.sent, street.trader.portfolio.quantity("BTCUSDT"), street.broken) == ([], 0, [])
            await brokerage.close()

    living(life())


def test_a_halt_says_that_no_stop_is_left_beside_a_target_that_has_filled_in_part(tmp_path: Path) -> None:
    async def life() -> None:
        async with dead(tmp_path) as street:
            street.price(110.5, 0.3)
            assert resting(street).keys() == {"LIMIT_MAKER"}
            swept = await halted(street, tmp_path, Behind(street, 0.5), flatten=False)
            assert (swept.kept, swept.bare) == (("run-0-tp",), ("BTCUSDT",))

    living(life())


async def test_a_halt_takes_entries_back_though_trades_are_not_told_at_all(tmp_path: Path, monkeypatch: Any) -> None:
    with running(instruments=(SPOT,), balances={"BTC": Decimal(5)}) as exchange:
        with SqliteJournal(tmp_path) as journal:
            journal.append([STARTED], durable=True)
        bid = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": 1, "price": 90}
        assert exchange.rest("POST", "/api/v3/order", newClientOrderId="run-0", **bid).status == 200
        refusal = {"action": "error", "on": "GET /api/v3/myTrades", "code": -1000, "times": None}
        exchange.control("faults", refusal)
        monkeypatch.setattr(coins, "_PATIENCE_S", 0.5)
        keys = {"BINANCE_LOCAL_API_KEY": exchange.key, "BINANCE_LOCAL_API_SECRET": exchange.secret}
        swept = await sweep(tmp_path, VENUE, {"TRADEBOT_BINANCE_URL": exchange.url, **keys}, flatten=True)
        assert (swept.canceled, swept.left, swept.closing) == (("run-0",), (), ())
        assert swept.unread
        assert not [row for row in exchange.ledger()["orders"] if row["status"] == "NEW"]
