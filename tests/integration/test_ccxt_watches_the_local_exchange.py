"""ccxt's own websockets on the local exchange, step by step: what triggers, fills and closes is watched."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import ccxt.pro
import pytest

from ccxt_orders import WatchedOrders
from local_exchange import Running, bar, binance_client, running

SYMBOL = "BTC/USDT:USDT"
LONGEST = 15
FLAT = [bar(n, 100, 100, 100, 100) for n in range(2)]
# Where the market goes from 100, with one unit held: price, parameters, and what the order must fill at.
CONDITIONAL = {
    "stop_market": (bar(2, 100, 100, 94, 94), None, {"stopLossPrice": 95}, 95.0),
    "stop": (bar(2, 100, 100, 94, 96), 94, {"stopLossPrice": 95}, 95.0),
    "take_profit_market": (bar(2, 100, 106, 100, 106), None, {"takeProfitPrice": 105}, 105.0),
    "take_profit": (bar(2, 100, 106, 100, 106), 105, {"takeProfitPrice": 105}, 105.0),
    "trailing_stop_market": (bar(2, 102, 102, 94, 94), None, {"trailingPercent": 2}, 99.9),
    "close_position": (bar(2, 100, 100, 94, 94), None, {"stopLossPrice": 95, "closePosition": True}, 95.0),
}


@asynccontextmanager
async def stepped(events: list[Any]) -> AsyncIterator[tuple[Running, Any]]:
    with running(events, stepped=True) as exchange:
        client = binance_client(exchange, ccxt.pro.binanceusdm)
        client.options["watchPositions"] = {"fetchPositionsSnapshot": False}
        await asyncio.to_thread(exchange.step_bar)
        await client.load_markets()
        try:
            async with asyncio.timeout(LONGEST):
                yield exchange, client
        finally:
            await client.close()


async def listening(exchange: Running, route: str, streams: int = 0) -> None:
    """Wait until the exchange has the client's sockets."""
    hub = exchange.exchange.venue.hub
    while not any(each.route == route and len(each.streams) >= streams for each in hub.connections):
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("kind", CONDITIONAL)
async def test_every_conditional_order_triggers_and_its_fill_is_watched(kind: str) -> None:
    moved, price, params, expected = CONDITIONAL[kind]
    async with stepped([*FLAT, moved]) as (exchange, client):
        orders = WatchedOrders(client, SYMBOL)
        await listening(exchange, "private")
        entry = await client.create_order(SYMBOL, "market", "buy", 1)
        await asyncio.to_thread(exchange.step)
        await orders.until(lambda row: (row["id"], row["status"]) == (entry["id"], "closed"))
        closes = {} if "closePosition" in params else {"reduceOnly": True}
        await client.create_order(SYMBOL, "limit" if price else "market", "sell", 1, price, params | closes)
        assert len(await client.fetch_open_orders(SYMBOL, params={"trigger": True})) == 1
        await asyncio.to_thread(exchange.step)
        await asyncio.to_thread(exchange.step_bar)
        # The conditional order itself is told to be closed as well, without a price.
        told = await orders.until(lambda row: row["side"] == "sell" and row["average"])
        assert told["status"] == "closed"
        assert (told["filled"], told["average"]) == (1.0, expected)
        assert await client.fetch_positions([SYMBOL]) == []
        assert await client.fetch_open_orders(SYMBOL, params={"trigger": True}) == []
        trade = (await client.fetch_my_trades(SYMBOL))[-1]
        assert (trade["order"], trade["price"], trade["side"]) == (told["id"], expected, "sell")


async def test_positions_and_balance_are_watched_as_they_are_asked_for() -> None:
    async with stepped([*FLAT, bar(2, 110, 110, 110, 110)]) as (exchange, client):
        watches = [asyncio.create_task(client.watch_positions([SYMBOL])), asyncio.create_task(client.watch_balance())]
        await listening(exchange, "private")
        await client.create_order(SYMBOL, "market", "sell", 2)
        await asyncio.to_thread(exchange.step)
        (position,), balance = await asyncio.gather(*watches)
        (asked,) = await client.fetch_positions([SYMBOL])
        assert (position["side"], position["contracts"], position["entryPrice"]) == ("short", 2.0, 100.0)
        assert (asked["side"], asked["contracts"], asked["entryPrice"]) == ("short", 2.0, 100.0)
        assert balance["USDT"]["total"] == (await client.fetch_balance())["USDT"]["total"] == 9_999.9


async def test_candles_are_watched_as_they_are_asked_for() -> None:
    async with stepped([bar(n, 100 + n, 103 + n, 99 + n, 101 + n) for n in range(6)]) as (exchange, client):
        watch = asyncio.create_task(client.watch_ohlcv(SYMBOL, "1m"))
        await listening(exchange, "market", 1)
        seen: dict[int, list[float]] = {}
        for _ in range(4):
            await asyncio.to_thread(exchange.step_bar)
            seen |= {candle[0]: candle for candle in await watch}
            watch = asyncio.create_task(client.watch_ohlcv(SYMBOL, "1m"))
        watch.cancel()
        while len(closed := client.ohlcvs[SYMBOL]["1m"]) < 4:
            await asyncio.sleep(0.01)
        asked = {candle[0]: candle for candle in await client.fetch_ohlcv(SYMBOL, "1m")}
        final = [list(candle) for candle in closed][:3]
        assert final == [asked[candle[0]] for candle in final]


async def test_an_edited_and_a_canceled_order_are_watched() -> None:
    async with stepped(FLAT) as (exchange, client):
        orders = WatchedOrders(client, SYMBOL)
        await listening(exchange, "private")
        placed = await client.create_order(SYMBOL, "limit", "buy", 1, 95)
        await client.edit_order(placed["id"], SYMBOL, "limit", "buy", 2, 96)
        edited = await orders.until(lambda row: row["price"] == 96.0)
        assert (edited["id"], edited["amount"], edited["status"]) == (placed["id"], 2.0, "open")
        await client.cancel_order(placed["id"], SYMBOL)
        ended = await orders.until(lambda row: row["status"] == "canceled")
        assert ended["id"] == placed["id"]
