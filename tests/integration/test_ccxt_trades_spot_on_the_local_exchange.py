"""ccxt's own client, REST and websockets, trades spot on the local exchange: nothing of ours is between them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from typing import Any

import ccxt.async_support
import ccxt.pro
import pytest
from ccxt.base.errors import ExchangeError, InsufficientFunds, OrderNotFound

from local_exchange import SPOT, Running, bar, binance_client, running

SYMBOL = "BTC/USDT"
LONGEST = 10


@pytest.fixture
def exchange() -> Iterator[Running]:
    with running(instruments=(SPOT,), balances={"BTC": Decimal(2)}) as started:
        yield started


@pytest.fixture
async def client(exchange: Running) -> AsyncIterator[Any]:
    opened = binance_client(exchange, ccxt.async_support.binance)
    opened.options |= {"defaultType": "spot", "fetchMarkets": {"types": ["spot"]}}
    await opened.load_markets()
    yield opened
    await opened.close()


async def test_markets_have_the_filters_of_the_instrument(client: Any) -> None:
    market = client.market(SYMBOL)
    assert (market["precision"]["amount"], market["precision"]["price"]) == (0.00001, 0.01)
    assert market["limits"]["cost"]["min"] == 5.0
    assert market["spot"]
    assert market["active"]


async def test_a_market_order_brings_coins_less_the_fee(client: Any) -> None:
    order = await client.create_order(SYMBOL, "market", "buy", 1)
    assert (order["status"], order["filled"], order["average"]) == ("closed", 1.0, 100.0)
    balance = await client.fetch_balance()
    assert balance["BTC"] == {"free": 2.999, "used": 0.0, "total": 2.999}
    assert balance["USDT"] == {"free": 9_900.0, "used": 0.0, "total": 9_900.0}
    (trade,) = await client.fetch_my_trades(SYMBOL)
    assert (trade["order"], trade["amount"], trade["price"]) == (order["id"], 1.0, 100.0)
    assert trade["fee"] == {"cost": 0.001, "currency": "BTC"}


async def test_a_sale_brings_money_less_the_fee(client: Any) -> None:
    await client.create_order(SYMBOL, "market", "sell", 1)
    balance = await client.fetch_balance()
    assert (balance["BTC"]["total"], balance["USDT"]["total"]) == (1.0, 10_099.9)


async def test_money_can_be_named_in_place_of_a_quantity(client: Any) -> None:
    order = await client.create_market_buy_order_with_cost(SYMBOL, 250)
    assert (order["filled"], order["cost"]) == (2.5, 250.0)


async def test_nobody_sells_coins_that_he_does_not_have(client: Any) -> None:
    with pytest.raises(InsufficientFunds, match="insufficient balance"):
        await client.create_order(SYMBOL, "market", "sell", 3)
    await client.create_order(SYMBOL, "limit", "sell", 1.5, 110)
    assert (await client.fetch_balance())["BTC"] == {"free": 0.5, "used": 1.5, "total": 2.0}
    with pytest.raises(InsufficientFunds, match="insufficient balance"):
        await client.create_order(SYMBOL, "limit", "sell", 1, 120)
    with pytest.raises(InsufficientFunds, match="insufficient balance"):
        await client.create_order(SYMBOL, "limit", "buy", 200, 90)


@pytest.mark.parametrize(
    ("kind", "side", "price", "params", "told"),
    [
        ("market", "sell", None, {"stopLossPrice": 90}, "stop_loss"),
        ("limit", "sell", 89, {"stopLossPrice": 90}, "stop_loss_limit"),
        ("market", "sell", None, {"takeProfitPrice": 110}, "take_profit"),
        ("limit", "sell", 109, {"takeProfitPrice": 110}, "take_profit_limit"),
        ("STOP_LOSS", "sell", None, {"trailingPercent": 1}, "stop_loss"),
        ("market", "buy", None, {"stopLossPrice": 110}, "stop_loss"),
        ("limit", "sell", 110, {"postOnly": True}, "limit_maker"),
    ],
)
async def test_every_order_that_waits_is_taken_shown_and_cancelled(
    client: Any, kind: str, side: str, price: float | None, params: dict[str, Any], told: str
) -> None:
    placed = await client.create_order(SYMBOL, kind, side, 1, price, params)
    shown = await client.fetch_open_orders(SYMBOL)
    assert [(order["id"], order["info"]["type"].lower()) for order in shown] == [(placed["id"], told)]
    await client.cancel_order(placed["id"], SYMBOL)
    assert await client.fetch_open_orders(SYMBOL) == []


async def test_a_limit_order_rests_is_edited_and_cancelled(client: Any) -> None:
    placed = await client.create_order(SYMBOL, "limit", "buy", 1, 99, {"clientOrderId": "mine-1"})
    assert placed["status"] == "open"
    edited = await client.edit_order(placed["id"], SYMBOL, "limit", "buy", 2, 98)
    (shown,) = await client.fetch_open_orders(SYMBOL)
    assert (shown["id"], shown["amount"], shown["price"]) == (edited["id"], 2.0, 98.0)
    assert (await client.fetch_order(placed["id"], SYMBOL))["status"] == "canceled"
    await client.cancel_order(edited["id"], SYMBOL)
    with pytest.raises(OrderNotFound):
        await client.cancel_order(edited["id"], SYMBOL)


async def test_times_in_force(client: Any) -> None:
    ioc = await client.create_order(SYMBOL, "limit", "buy", 1, 98, {"timeInForce": "IOC"})
    assert (await client.fetch_order(ioc["id"], SYMBOL))["status"] == "expired"
    fok = await client.create_order(SYMBOL, "limit", "buy", 1, 101, {"timeInForce": "FOK"})
    assert fok["status"] == "closed"
    with pytest.raises(ExchangeError, match="immediately match"):
        await client.create_order(SYMBOL, "limit", "buy", 1, 101, {"postOnly": True})


@pytest.mark.parametrize(
    ("amount", "price", "named"),
    [
        (0.000015, 100, "LOT_SIZE"),
        (0.01, 100, "NOTIONAL"),
        (1, 10, "PERCENT_PRICE_BY_SIDE"),
        (1, 99.001, "PRICE_FILTER"),
    ],
)
async def test_an_order_that_breaks_a_filter_is_told_which(
    client: Any, amount: float, price: float, named: str
) -> None:
    request = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
    with pytest.raises(ExchangeError, match=f"Filter failure: {named}"):
        await client.privatePostOrder(request | {"quantity": f"{amount:f}", "price": f"{price:f}"})


PAIR = {
    "symbol": "BTCUSDT",
    "side": "SELL",
    "quantity": 2,
    "aboveType": "LIMIT_MAKER",
    "abovePrice": 110,
    "belowType": "STOP_LOSS_LIMIT",
    "belowStopPrice": 90,
    "belowPrice": 89,
    "belowTimeInForce": "GTC",
}
OLD_PAIR = {"symbol": "BTCUSDT", "side": "SELL", "quantity": 2, "price": 110, "stopPrice": 90}


@pytest.mark.parametrize(("call", "asked"), [("privatePostOrderListOco", PAIR), ("privatePostOrderOco", OLD_PAIR)])
async def test_a_pair_of_orders_ties_up_its_coins_once_and_goes_together(
    client: Any, call: str, asked: dict[str, Any]
) -> None:
    placed = await getattr(client, call)(asked)
    assert placed["listOrderStatus"] == "EXECUTING"
    assert (await client.fetch_balance())["BTC"]["used"] == 2.0
    assert len(await client.fetch_open_orders(SYMBOL)) == 2
    await client.cancel_order(placed["orders"][0]["orderId"], SYMBOL)
    assert await client.fetch_open_orders(SYMBOL) == []
    told = await client.privateGetOrderList({"orderListId": placed["orderListId"]})
    assert told["listOrderStatus"] == "ALL_DONE"


async def test_a_pair_on_the_wrong_side_of_the_market_is_refused(client: Any) -> None:
    with pytest.raises(ExchangeError, match="relationship of the prices"):
        await client.privatePostOrderListOco(PAIR | {"abovePrice": 95})


async def test_cancel_all_takes_pairs_and_single_orders(client: Any) -> None:
    await client.privatePostOrderListOco(PAIR | {"quantity": 1})
    await client.create_order(SYMBOL, "limit", "buy", 1, 97)
    await client.cancel_all_orders(SYMBOL)
    assert await client.fetch_open_orders(SYMBOL) == []
    assert [order["status"] for order in await client.fetch_orders(SYMBOL)] == ["canceled"] * 3


async def test_market_data_by_rest(client: Any) -> None:
    assert await client.fetch_ohlcv(SYMBOL, "1m") == [[1704067200000, 100.0, 100.0, 100.0, 100.0, 100.0]]
    ticker = await client.fetch_ticker(SYMBOL)
    assert ticker["last"] == 100.0
    assert ticker["bid"] < ticker["ask"]
    book = await client.fetch_order_book(SYMBOL)
    assert book["bids"][0][0] < book["asks"][0][0]
    assert (await client.fetch_trades(SYMBOL))[-1]["price"] == 100.0
    assert await client.fetch_time() > 0


@pytest.fixture
async def watching() -> AsyncIterator[Any]:
    events = [bar(n, 100 + n, 101 + n, 99 + n, 100.5 + n) for n in range(5000)]
    with running(events, instruments=(SPOT,), speed=120) as exchange:
        opened = binance_client(exchange, ccxt.pro.binance)
        opened.options |= {"defaultType": "spot", "fetchMarkets": {"types": ["spot"]}}
        await opened.load_markets()
        yield opened
        await opened.close()


async def test_market_data_is_watched(watching: Any) -> None:
    async with asyncio.timeout(LONGEST):
        candles, trades, book, ticker = await asyncio.gather(
            watching.watch_ohlcv(SYMBOL),
            watching.watch_trades(SYMBOL),
            watching.watch_order_book(SYMBOL),
            watching.watch_ticker(SYMBOL),
        )
        assert candles[-1][2] >= candles[-1][3] > 0
        assert trades[-1]["price"] > 0
        assert ticker["last"] > 0
        for _ in range(5):
            book = await watching.watch_order_book(SYMBOL)
        assert book["bids"][0][0] < book["asks"][0][0]


async def test_the_account_is_watched(watching: Any) -> None:
    async with asyncio.timeout(LONGEST):
        watched = [
            asyncio.create_task(watch)
            for watch in (watching.watch_orders(SYMBOL), watching.watch_balance(), watching.watch_my_trades(SYMBOL))
        ]
        await asyncio.sleep(0.5)
        order = await watching.create_order(SYMBOL, "market", "buy", 1)
        orders, balance, trades = await asyncio.gather(*watched)
        while orders[-1]["status"] != "closed":
            orders = await watching.watch_orders(SYMBOL)
        while not balance.get("BTC", {}).get("total"):
            balance = await watching.watch_balance()
    assert orders[-1]["id"] == order["id"]
    assert balance["BTC"]["total"] == 0.999
    assert (trades[0]["order"], trades[0]["amount"]) == (order["id"], 1.0)
    assert trades[0]["fee"]["currency"] == "BTC"
