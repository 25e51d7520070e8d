"""ccxt's own client, REST and websockets, trades on the local exchange: nothing of ours is between them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import ccxt.async_support
import ccxt.pro
import pytest
from ccxt.base.errors import ExchangeError, OrderNotFound

from local_exchange import Running, bar, binance_client, running

SYMBOL = "BTC/USDT:USDT"
LONGEST = 10


@pytest.fixture
async def client(exchange: Running) -> AsyncIterator[Any]:
    opened = binance_client(exchange, ccxt.async_support.binanceusdm)
    await opened.load_markets()
    yield opened
    await opened.close()


async def test_markets_have_the_filters_of_the_instrument(client: Any) -> None:
    market = client.market(SYMBOL)
    assert (market["precision"]["amount"], market["precision"]["price"]) == (0.001, 0.1)
    assert market["limits"]["cost"]["min"] == 5.0
    assert market["linear"]
    assert market["swap"]


async def test_balance_leverage_and_margin_mode(client: Any) -> None:
    assert (await client.fetch_balance())["USDT"] == {"free": 10_000.0, "used": 0.0, "total": 10_000.0}
    await client.set_leverage(10, SYMBOL)
    await client.set_margin_mode("isolated", SYMBOL)
    assert (await client.fetch_leverage(SYMBOL))["longLeverage"] == 10
    assert (await client.fetch_margin_mode(SYMBOL))["marginMode"] == "isolated"
    assert not (await client.fetch_position_mode(SYMBOL))["hedged"]
    with pytest.raises(ExchangeError, match="-4028"):
        await client.fapiPrivatePostLeverage({"symbol": "BTCUSDT", "leverage": 126})


async def test_a_market_order_fills_and_makes_a_position(client: Any) -> None:
    order = await client.create_order(SYMBOL, "market", "buy", 2)
    assert (order["status"], order["filled"]) == ("closed", 2.0)
    position = (await client.fetch_positions([SYMBOL]))[0]
    assert (position["contracts"], position["side"], position["entryPrice"]) == (2.0, "long", 100.0)
    trade = (await client.fetch_my_trades(SYMBOL))[0]
    assert (trade["order"], trade["amount"], trade["price"]) == (order["id"], 2.0, 100.0)
    assert trade["fee"] == {"cost": 0.1, "currency": "USDT"}


@pytest.mark.parametrize(
    ("kind", "side", "price", "params", "told"),
    [
        ("market", "sell", None, {"stopLossPrice": 90, "reduceOnly": True}, "stop_market"),
        ("limit", "sell", 89, {"stopLossPrice": 90, "reduceOnly": True}, "stop"),
        ("market", "sell", None, {"takeProfitPrice": 110, "reduceOnly": True}, "take_profit_market"),
        ("limit", "sell", 109, {"takeProfitPrice": 110, "reduceOnly": True}, "take_profit"),
        ("market", "sell", None, {"trailingPercent": 1, "reduceOnly": True}, "trailing_stop_market"),
        ("market", "sell", None, {"stopLossPrice": 90, "closePosition": True}, "stop_market"),
    ],
)
async def test_every_conditional_order_is_taken_shown_and_cancelled(
    client: Any, kind: str, side: str, price: float | None, params: dict[str, Any], told: str
) -> None:
    await client.create_order(SYMBOL, "market", "buy", 1)
    placed = await client.create_order(SYMBOL, kind, side, 1, price, params)
    shown = await client.fetch_open_orders(SYMBOL, params={"trigger": True})
    assert [(order["id"], order["info"]["orderType"].lower()) for order in shown] == [(placed["id"], told)]
    await client.cancel_order(placed["id"], SYMBOL, {"trigger": True})
    assert await client.fetch_open_orders(SYMBOL, params={"trigger": True}) == []


async def test_a_limit_order_rests_is_edited_and_cancelled(client: Any) -> None:
    placed = await client.create_order(SYMBOL, "limit", "buy", 1, 99, {"clientOrderId": "mine-1"})
    assert placed["status"] == "open"
    await client.edit_order(placed["id"], SYMBOL, "limit", "buy", 2, 98)
    (shown,) = await client.fetch_open_orders(SYMBOL)
    assert (shown["amount"], shown["price"], shown["clientOrderId"]) == (2.0, 98.0, "mine-1")
    await client.cancel_order(placed["id"], SYMBOL)
    assert (await client.fetch_order(placed["id"], SYMBOL))["status"] == "canceled"
    with pytest.raises(OrderNotFound):
        await client.cancel_order(placed["id"], SYMBOL)


async def test_times_in_force(client: Any) -> None:
    ioc = await client.create_order(SYMBOL, "limit", "buy", 1, 98, {"timeInForce": "IOC"})
    assert (await client.fetch_order(ioc["id"], SYMBOL))["status"] == "expired"
    fok = await client.create_order(SYMBOL, "limit", "buy", 1, 101, {"timeInForce": "FOK"})
    assert fok["status"] == "closed"
    with pytest.raises(ExchangeError, match="-5021"):
        await client.create_order(SYMBOL, "limit", "buy", 1, 98, {"timeInForce": "FOK"})
    resting = await client.create_order(SYMBOL, "limit", "buy", 1, 98, {"postOnly": True})
    assert (resting["status"], resting["postOnly"]) == ("open", True)
    with pytest.raises(ExchangeError, match="-5022"):
        await client.create_order(SYMBOL, "limit", "buy", 1, 101, {"postOnly": True})


async def test_reduce_only_needs_something_to_reduce(client: Any) -> None:
    with pytest.raises(ExchangeError, match="-2022"):
        await client.create_order(SYMBOL, "market", "sell", 1, None, {"reduceOnly": True})
    await client.create_order(SYMBOL, "market", "buy", 1)
    await client.create_order(SYMBOL, "market", "sell", 1, None, {"reduceOnly": True})
    assert await client.fetch_positions([SYMBOL]) == []


async def test_cancel_all_leaves_conditional_orders(client: Any) -> None:
    await client.create_order(SYMBOL, "market", "buy", 1)
    await client.create_order(SYMBOL, "market", "sell", 1, None, {"stopLossPrice": 90, "reduceOnly": True})
    for price in (97, 98):
        await client.create_order(SYMBOL, "limit", "buy", 1, price)
    await client.cancel_all_orders(SYMBOL)
    assert await client.fetch_open_orders(SYMBOL) == []
    assert len(await client.fetch_open_orders(SYMBOL, params={"trigger": True})) == 1
    await client.cancel_all_orders(SYMBOL, {"trigger": True})
    assert await client.fetch_open_orders(SYMBOL, params={"trigger": True}) == []
    assert [order["status"] for order in await client.fetch_orders(SYMBOL)] == ["closed", "canceled", "canceled"]


async def test_orders_in_a_batch_stand_for_themselves(client: Any) -> None:
    rows = [{"symbol": SYMBOL, "type": "limit", "side": "buy", "amount": 1, "price": 95 + n} for n in range(3)]
    placed = await client.create_orders(rows)
    assert [order["status"] for order in placed] == ["open"] * 3
    await client.cancel_orders([order["id"] for order in placed], SYMBOL)
    assert await client.fetch_open_orders(SYMBOL) == []


async def test_market_data_by_rest(client: Any) -> None:
    assert await client.fetch_ohlcv(SYMBOL, "1m") == [[1704067200000, 100.0, 100.0, 100.0, 100.0, 100.0]]
    assert (await client.fetch_ticker(SYMBOL))["last"] == 100.0
    book = await client.fetch_order_book(SYMBOL)
    assert book["bids"][0][0] < book["asks"][0][0]
    assert (await client.fetch_trades(SYMBOL))[-1]["price"] == 100.0
    assert (await client.fetch_funding_rate(SYMBOL))["markPrice"] == 100.0


async def test_money_that_moved_is_on_record(client: Any) -> None:
    await client.create_order(SYMBOL, "market", "buy", 1)
    kinds = [row["info"]["incomeType"] for row in await client.fetch_ledger("USDT")]
    assert kinds == ["TRANSFER", "COMMISSION"]


@pytest.fixture
async def watching() -> AsyncIterator[Any]:
    events = [bar(n, 100 + n, 101 + n, 99 + n, 100.5 + n) for n in range(5000)]
    with running(events, speed=120) as exchange:
        opened = binance_client(exchange, ccxt.pro.binanceusdm)
        opened.options["watchPositions"] = {"fetchPositionsSnapshot": False}
        await opened.load_markets()
        yield opened
        await opened.close()


async def test_market_data_is_watched(watching: Any) -> None:
    async with asyncio.timeout(LONGEST):
        candles, trades, book, ticker, mark = await asyncio.gather(
            watching.watch_ohlcv(SYMBOL),
            watching.watch_trades(SYMBOL),
            watching.watch_order_book(SYMBOL),
            watching.watch_ticker(SYMBOL),
            watching.watch_mark_price(SYMBOL),
        )
        assert candles[-1][2] >= candles[-1][3] > 0
        assert trades[-1]["price"] > 0
        assert ticker["last"] > 0
        assert float(mark["info"]["p"]) > 0
        for _ in range(5):
            book = await watching.watch_order_book(SYMBOL)
        assert book["bids"][0][0] < book["asks"][0][0]


async def test_the_account_is_watched(watching: Any) -> None:
    async with asyncio.timeout(LONGEST):
        watched = [
            asyncio.create_task(watch)
            for watch in (
                watching.watch_orders(SYMBOL),
                watching.watch_balance(),
                watching.watch_positions([SYMBOL]),
                watching.watch_my_trades(SYMBOL),
            )
        ]
        await asyncio.sleep(0.5)
        order = await watching.create_order(SYMBOL, "market", "buy", 1)
        orders, balance, positions, trades = await asyncio.gather(*watched)
        while orders[-1]["status"] != "closed":
            orders = await watching.watch_orders(SYMBOL)
    assert orders[-1]["id"] == order["id"]
    assert balance["USDT"]["total"] < 10_000
    assert positions[0]["contracts"] == 1.0
    assert (trades[0]["order"], trades[0]["amount"]) == (order["id"], 1.0)
