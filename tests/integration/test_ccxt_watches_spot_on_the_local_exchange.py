"""ccxt's own websockets on a local exchange of spot, step by step: what triggers, fills and closes is watched."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import ccxt.pro
import pytest

from ccxt_orders import WatchedOrders
from local_exchange import SPOT, Running, bar, binance_client, running

SYMBOL = "BTC/USDT"
LONGEST = 15
FLAT = [bar(n, 100, 100, 100, 100) for n in range(2)]
# Where the market goes from 100, with a coin held: type, price, parameters, and what the order must fill at.
WAITING = {
    "stop_loss": (bar(2, 100, 100, 94, 94), "market", None, {"stopLossPrice": 95}, 95.0),
    "stop_loss_limit": (bar(2, 100, 100, 94, 96), "limit", 94, {"stopLossPrice": 95}, 95.0),
    "take_profit": (bar(2, 100, 106, 100, 106), "market", None, {"takeProfitPrice": 105}, 105.0),
    "take_profit_limit": (bar(2, 100, 106, 100, 106), "limit", 105, {"takeProfitPrice": 105}, 105.0),
    "trailing": (bar(2, 102, 102, 94, 94), "STOP_LOSS", None, {"trailingPercent": 2}, 99.96),
}
PAIR = {
    "symbol": "BTCUSDT",
    "side": "SELL",
    "quantity": 1,
    "aboveType": "LIMIT_MAKER",
    "abovePrice": 105,
    "belowType": "STOP_LOSS",
    "belowStopPrice": 95,
}


@asynccontextmanager
async def stepped(events: list[Any], **settings: Any) -> AsyncIterator[tuple[Running, Any]]:
    with running(events, instruments=(SPOT,), stepped=True, balances={"BTC": Decimal(1)}, **settings) as exchange:
        client = binance_client(exchange, ccxt.pro.binance)
        client.options |= {"defaultType": "spot", "fetchMarkets": {"types": ["spot"]}}
        await asyncio.to_thread(exchange.step_bar)
        await client.load_markets()
        try:
            async with asyncio.timeout(LONGEST):
                yield exchange, client
        finally:
            await client.close()


async def listening(exchange: Running) -> None:
    """Wait until the exchange has the client's subscription."""
    while not any(each.keys for each in exchange.exchange.venue.hub.connections):
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("kind", WAITING)
async def test_every_order_that_waits_triggers_and_its_fill_is_watched(kind: str) -> None:
    moved, type_, price, params, expected = WAITING[kind]
    async with stepped([*FLAT, moved]) as (exchange, client):
        orders = WatchedOrders(client, SYMBOL)
        await listening(exchange)
        placed = await client.create_order(SYMBOL, type_, "sell", 1, price, params)
        await asyncio.to_thread(exchange.step_bar, 2)
        told = await orders.until(lambda row: row["status"] == "closed")
        assert (told["id"], told["filled"], told["average"]) == (placed["id"], 1.0, expected)
        trade = (await client.fetch_my_trades(SYMBOL))[-1]
        assert (trade["order"], trade["price"], trade["side"]) == (placed["id"], expected, "sell")
        assert (await client.fetch_balance())["BTC"]["total"] == 0.0


@pytest.mark.parametrize(
    ("moved", "closed", "gone", "price"),
    [
        (bar(2, 100, 106, 100, 106), 0, 1, 105.0),
        (bar(2, 100, 100, 94, 94), 1, 0, 95.0),
    ],
)
async def test_one_of_a_pair_fills_and_the_other_goes(moved: Any, closed: int, gone: int, price: float) -> None:
    async with stepped([*FLAT, moved]) as (exchange, client):
        orders = WatchedOrders(client, SYMBOL)
        await listening(exchange)
        pair = await client.privatePostOrderListOco(PAIR)
        ids = [str(order["orderId"]) for order in pair["orders"]]
        await asyncio.to_thread(exchange.step_bar, 2)
        filled = await orders.until(lambda row: row["status"] == "closed")
        ended = await orders.until(lambda row: row["status"] == "expired")
        assert (filled["id"], filled["average"], ended["id"]) == (ids[closed], price, ids[gone])
        assert (await client.fetch_balance())["BTC"] == {"free": 0.0, "used": 0.0, "total": 0.0}
        assert (await client.privateGetOrderList({"orderListId": pair["orderListId"]}))["listOrderStatus"] == "ALL_DONE"


async def test_the_balance_is_watched_as_it_is_asked_for() -> None:
    async with stepped(FLAT, commission="bnb") as (exchange, client):
        watch = asyncio.create_task(client.watch_balance())
        await listening(exchange)
        await client.create_order(SYMBOL, "market", "buy", 2)
        await asyncio.to_thread(exchange.step)
        balance = await watch
        while balance["BTC"]["total"] != 3.0:
            balance = await client.watch_balance()
        asked = await client.fetch_balance()
        assert balance["BTC"] == asked["BTC"]
        assert balance["USDT"] == asked["USDT"] == {"free": 9_800.0, "used": 0.0, "total": 9_800.0}
        assert asked["BNB"]["total"] == pytest.approx(-0.2 / 600, abs=1e-8)


async def test_candles_are_watched_as_they_are_asked_for() -> None:
    async with stepped([bar(n, 100 + n, 103 + n, 99 + n, 101 + n) for n in range(6)]) as (exchange, client):
        watch = asyncio.create_task(client.watch_ohlcv(SYMBOL, "1m"))
        while not any(each.streams for each in exchange.exchange.venue.hub.connections):
            await asyncio.sleep(0.01)
        for _ in range(4):
            await asyncio.to_thread(exchange.step_bar)
        await watch
        while len(closed := client.ohlcvs[SYMBOL]["1m"]) < 4:
            await asyncio.sleep(0.01)
        asked = {candle[0]: candle for candle in await client.fetch_ohlcv(SYMBOL, "1m")}
        final = [list(candle) for candle in closed][:3]
        assert final == [asked[candle[0]] for candle in final]
