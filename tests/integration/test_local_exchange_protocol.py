"""What the local exchange says and refuses is what Binance's documentation of USD-M futures says.

The key sets are those of Binance Open Platform, "Websocket Market Streams", "User Data Streams" and "Trade"; the codes
those of "Error Codes".
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import urllib.request
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from tradebot_native import Tick
from websockets.sync.client import ClientConnection, connect

from local_exchange import BUY, INSTRUMENT, LIMIT, START, STOP, Running, bar, running
from tradebot.core.event import TickSeen


def keys(*lines: str) -> set[str]:
    return {word for line in lines for word in line.split()}


ORDER = keys("s c S o f q p ap sp x X i l z L T t b a m R wt ot ps cp pP si ss rp V pm gtd er")
EXECUTED = ORDER | {"n", "N"}
TRAILING = ORDER | {"AP", "cr"}
ALGO = keys("caid aid at o s S ps f q X ai ap aq act tp p V wt pm cp pP R tt gtd rm")
LITE = keys("e E T s c S q p i l L t m")
POSITION = keys("s pa ep bep cr up mt iw ps ma")
MARKET_KEYS = {
    "market/ws/btcusdt@aggTrade": keys("e E s a p q nq f l T m st"),
    "market/ws/btcusdt@markPrice": keys("e E s p ap i P r T"),
    "public/ws/btcusdt@bookTicker": keys("e u s b B a A T E"),
    "public/ws/btcusdt@depth": keys("e E T s U u pu b a"),
    "market/ws/btcusdt@kline_1m": {"e", "E", "s", "k"},
    "market/ws/btcusdt@ticker": keys("e E s p P w c Q o h l v q O C F L n"),
    "market/ws/btcusdt@miniTicker": keys("e E s c o h l v q"),
    "spot/ws/btcusdt@aggTrade": keys("e E s a p q f l T m M"),
    "spot/ws/btcusdt@trade": keys("e E s t p q T m M"),
    "spot/ws/btcusdt@kline_1m": {"e", "E", "s", "k"},
    "spot/ws/btcusdt@avgPrice": keys("e E s i w T"),
}
KLINE = keys("t T s i f L o c h l v n x q V Q B")
PLACED = keys(
    "clientOrderId cumQty executedQty orderId origQty price reduceOnly side positionSide status stopPrice",
    "closePosition symbol timeInForce type origType updateTime workingType priceProtect priceMatch",
    "selfTradePreventionMode goodTillDate",
)


@pytest.fixture
def moving() -> Iterator[Running]:
    with running([bar(n, 100 + n, 102 + n, 99 + n, 101 + n) for n in range(20)], stepped=True) as started:
        started.step_bar()
        yield started


def place(exchange: Running, **terms: Any) -> Any:
    return exchange.rest("POST", "order", **terms).body


def code(exchange: Running, path: str = "order", method: str = "POST", **terms: Any) -> int:
    return exchange.rest(method, path, **terms).body["code"]


def user_stream(exchange: Running, query: str = "") -> ClientConnection:
    key = exchange.rest("POST", "listenKey", signed=False).body["listenKey"]
    return connect(f"{exchange.ws_url}/private/ws?listenKey={key}{query}")


def receive(socket: ClientConnection, count: int) -> list[dict[str, Any]]:
    return [json.loads(socket.recv(timeout=5)) for _ in range(count)]


def test_a_market_in_which_nobody_trades_has_a_mark_price_every_second() -> None:
    minutes = [bar(n, 100, 101, 99, 100) for n in range(2)]
    with running(minutes, speed=1) as exchange, connect(f"{exchange.ws_url}/market/ws/btcusdt@markPrice@1s") as socket:
        told = [json.loads(socket.recv(timeout=10)) for _ in range(2)]
    assert [(each["e"], float(each["p"])) for each in told] == [("markPriceUpdate", 100.0)] * 2


@pytest.mark.parametrize("address", MARKET_KEYS)
def test_market_messages_have_the_documented_keys(moving: Running, address: str) -> None:
    with connect(f"{moving.ws_url}/{address}") as socket:
        moving.step_bar()
        (message,) = receive(socket, 1)
    assert set(message) == MARKET_KEYS[address]
    if "k" in message:
        assert set(message["k"]) == KLINE


def test_user_messages_have_the_documented_keys(exchange: Running) -> None:
    with user_stream(exchange) as socket:
        place(exchange, **BUY)
        new, lite, account, trade = receive(socket, 4)
        exchange.rest("POST", "leverage", symbol="BTCUSDT", leverage=5)
        exchange.rest("POST", "algoOrder", **STOP, reduceOnly="true")
        config, algo = receive(socket, 2)
    assert set(new) == set(trade) == {"e", "E", "T", "o"}
    assert (set(new["o"]), set(trade["o"])) == (ORDER, EXECUTED)
    assert set(lite) == LITE
    assert set(account["a"]) == {"m", "B", "P"}
    assert [set(row) for row in account["a"]["B"]] == [{"a", "wb", "cw", "bc"}]
    assert [set(row) for row in account["a"]["P"]] == [POSITION]
    assert (set(algo), set(algo["o"])) == ({"e", "E", "T", "o"}, ALGO)
    assert config["ac"] == {"s": "BTCUSDT", "l": 5}
    assert (trade["o"]["t"], trade["o"]["i"]) == (lite["t"], lite["i"])


def test_a_triggered_conditional_order_places_one_under_its_own_client_id(moving: Running) -> None:
    place(moving, **BUY)
    moving.step_bar()
    terms = STOP | {"type": "TRAILING_STOP_MARKET", "callbackRate": 1, "reduceOnly": "true", "clientAlgoId": "guard"}
    del terms["triggerPrice"]
    moving.rest("POST", "algoOrder", **terms)
    with user_stream(moving) as socket:
        moving.step_bar()
        told = receive(socket, 7)
    kinds = [(message["e"], message.get("o", {}).get("X")) for message in told]
    assert kinds == [
        ("ALGO_UPDATE", "TRIGGERING"),
        ("ALGO_UPDATE", "TRIGGERED"),
        ("ORDER_TRADE_UPDATE", "NEW"),
        ("TRADE_LITE", None),
        ("ACCOUNT_UPDATE", None),
        ("ORDER_TRADE_UPDATE", "FILLED"),
        ("ALGO_UPDATE", "FINISHED"),
    ]
    order = told[2]["o"]
    assert set(order) == TRAILING
    assert (order["c"], order["o"], order["ot"]) == ("guard", "MARKET", "TRAILING_STOP_MARKET")
    assert told[1]["o"]["ai"] == str(order["i"])


def test_an_answer_to_an_order_has_neither_average_price_nor_cost(exchange: Running) -> None:
    assert set(place(exchange, **BUY)) == PLACED
    found = exchange.rest("GET", "order", symbol="BTCUSDT", orderId=place(exchange, **BUY)["orderId"]).body
    assert set(found) == PLACED - {"cumQty"} | {"avgPrice", "cumQuote", "time"}


def test_a_stream_on_the_wrong_route_is_acknowledged_and_silent(moving: Running) -> None:
    subscribe = json.dumps({"method": "SUBSCRIBE", "params": ["btcusdt@kline_1m"], "id": 7})
    for address in ("public/ws", "private/ws", "ws"):
        with connect(f"{moving.ws_url}/{address}") as socket:
            socket.send(subscribe)
            assert receive(socket, 1) == [{"result": None, "id": 7}]
            moving.step_bar()
            with pytest.raises(TimeoutError):
                socket.recv(timeout=0.05)
            socket.send(json.dumps({"method": "LIST_SUBSCRIPTIONS", "id": 8}))
            assert receive(socket, 1) == [{"result": ["btcusdt@kline_1m"], "id": 8}]


def test_spot_tells_candles_and_an_average_in_shapes_of_its_own(moving: Running) -> None:
    (row,) = moving.rest("GET", "/api/v3/klines", signed=False, symbol="BTCUSDT", interval="1m").body
    assert (len(row), row[4]) == (12, "101.0")
    average = moving.rest("GET", "/api/v3/avgPrice", signed=False, symbol="BTCUSDT").body
    assert (set(average), average["mins"]) == ({"mins", "price", "closeTime"}, 5)
    assert moving.rest("POST", "/api/v3/order", signed=True, symbol="BTCUSDT").status == 404


def test_a_stream_that_was_left_is_silent(moving: Running) -> None:
    with connect(f"{moving.ws_url}/market/stream?streams=btcusdt@aggTrade") as socket:
        moving.step()
        assert receive(socket, 1)[0]["stream"] == "btcusdt@aggTrade"
        socket.send(json.dumps({"method": "UNSUBSCRIBE", "params": ["btcusdt@aggTrade"], "id": 1}))
        assert receive(socket, 1) == [{"result": None, "id": 1}]
        moving.step()
        with pytest.raises(TimeoutError):
            socket.recv(timeout=0.05)


@pytest.mark.parametrize(
    "text", ["no json", "[]", '{"id": 1}', '{"method": "DANCE", "id": 1}', '{"method": "SUBSCRIBE", "params": 3}']
)
def test_a_malformed_message_is_answered_with_an_error(exchange: Running, text: str) -> None:
    with connect(f"{exchange.ws_url}/market/ws") as socket:
        socket.send(text)
        assert "error" in receive(socket, 1)[0]


def test_a_user_stream_may_ask_for_some_events(exchange: Running) -> None:
    with user_stream(exchange, "&events=TRADE_LITE/ALGO_UPDATE") as socket:
        place(exchange, **BUY)
        assert receive(socket, 1)[0]["e"] == "TRADE_LITE"


def test_depth_differences_keep_a_snapshot_up_to_date(moving: Running) -> None:
    with connect(f"{moving.ws_url}/public/ws/btcusdt@depth") as socket:
        moving.step()
        snapshot = moving.rest("GET", "depth", signed=False, symbol="BTCUSDT", limit=100).body
        sides = {side: dict(snapshot[side]) for side in ("bids", "asks")}
        last = snapshot["lastUpdateId"]
        moving.step_bar(4)
        for message in receive(socket, 9):
            if message["u"] <= last:
                continue
            assert message["pu"] == last
            last = message["u"]
            for side, changes in (("bids", message["b"]), ("asks", message["a"])):
                for price, size in changes:
                    sides[side][price] = size
                    if not float(size):
                        del sides[side][price]
        now = moving.rest("GET", "depth", signed=False, symbol="BTCUSDT", limit=100).body
    assert sides == {side: dict(now[side]) for side in ("bids", "asks")}


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (LIMIT | {"quantity": "0.0001"}, -1111),
        (LIMIT | {"price": "99.01"}, -1111),
        (LIMIT | {"quantity": "0.01"}, -4164),
        (LIMIT | {"quantity": 0}, -4003),
        (LIMIT | {"price": 106}, -4016),
        (LIMIT | {"side": "SELL", "price": 94}, -4024),
        (LIMIT | {"timeInForce": "NOW"}, -1115),
        (LIMIT | {"price": ""}, -1102),
        (BUY | {"side": "HOLD"}, -1117),
        (BUY | {"type": "MAGIC"}, -1116),
        (BUY | {"symbol": "NOPEUSDT"}, -1121),
        (BUY | {"quantity": "many"}, -1102),
        (BUY | {"quantity": "NaN"}, -1102),
        (BUY | {"price": 100}, -1106),
        (BUY | {"quantity": 10_000}, -2019),
        (BUY | {"reduceOnly": "true"}, -2022),
        (BUY | {"positionSide": "LONG"}, -4061),
        (BUY | {"type": "STOP_MARKET", "stopPrice": 110}, -4120),
        (BUY | {"newClientOrderId": "x" * 37}, -4015),
        (BUY | {"newClientOrderId": "with space"}, -1100),
        (LIMIT | {"timeInForce": "GTX", "price": 101}, -5022),
        (LIMIT | {"timeInForce": "FOK"}, -5021),
    ],
)
def test_an_order_that_breaks_a_rule_is_refused_by_its_code(
    exchange: Running, terms: dict[str, Any], expected: int
) -> None:
    assert code(exchange, **terms) == expected
    assert exchange.ledger()["orders"] == []


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (STOP | {"triggerPrice": 101}, -2021),
        (STOP | {"type": "TAKE_PROFIT_MARKET", "triggerPrice": 99}, -2021),
        (STOP | {"type": "MARKET"}, -1116),
        (STOP | {"algoType": "VP"}, -1130),
        (STOP | {"type": "TRAILING_STOP_MARKET", "callbackRate": 11}, -2007),
        (STOP | {"type": "TRAILING_STOP_MARKET", "callbackRate": "0.05"}, -2007),
        (STOP | {"closePosition": "true"}, -4137),
        (STOP | {"closePosition": "true", "quantity": ""}, -4509),
        (STOP | {"reduceOnly": "true"}, -2022),
        (STOP | {"triggerPrice": ""}, -1102),
    ],
)
def test_a_conditional_order_that_breaks_a_rule_is_refused_by_its_code(
    exchange: Running, terms: dict[str, Any], expected: int
) -> None:
    assert code(exchange, "algoOrder", **terms) == expected
    assert exchange.ledger()["algoOrders"] == []


def test_client_ids_are_unique_among_open_orders_alone(exchange: Running) -> None:
    assert "orderId" in place(exchange, **LIMIT, newClientOrderId="mine")
    assert code(exchange, **LIMIT, newClientOrderId="mine") == -4116
    assert exchange.rest("DELETE", "order", symbol="BTCUSDT", origClientOrderId="mine").body["status"] == "CANCELED"
    assert "orderId" in place(exchange, **LIMIT, newClientOrderId="mine")


def test_unknown_orders_have_codes_of_their_own(exchange: Running) -> None:
    assert code(exchange, method="GET", symbol="BTCUSDT", orderId=1) == -2013
    assert code(exchange, method="DELETE", symbol="BTCUSDT", orderId=1) == -2011
    assert code(exchange, "algoOrder", "DELETE", algoId=1) == -2011
    assert code(exchange, method="PUT", **LIMIT, orderId=1) == -2013
    assert code(exchange, method="GET", symbol="BTCUSDT") == -1102


def test_a_change_that_changes_nothing_is_refused(exchange: Running) -> None:
    order = place(exchange, **LIMIT)["orderId"]
    assert code(exchange, method="PUT", orderId=order, **LIMIT) == -5027
    with user_stream(exchange) as socket:
        exchange.rest("PUT", "order", orderId=order, **LIMIT | {"price": 98})
        (told,) = receive(socket, 1)
    assert (told["o"]["x"], told["o"]["X"], told["o"]["p"]) == ("AMENDMENT", "NEW", "98")


def test_the_signature_is_of_the_text_as_it_was_sent(exchange: Running) -> None:
    def asked(query: str, key: str = exchange.key) -> int:
        request = urllib.request.Request(f"{exchange.url}/fapi/v1/openOrders?{query}", headers={"X-MBX-APIKEY": key})
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return json.load(error)["code"]

    now = time.time_ns() // 1_000_000
    plain = f"timestamp={now}&symbol=BTC%55SDT"
    signature = hmac.new(exchange.secret.encode(), plain.encode(), hashlib.sha256).hexdigest()
    assert asked(f"{plain}&signature={signature}") == 200
    assert asked(f"timestamp={now}&symbol=BTCUSDT&signature={signature}") == -1022
    assert asked(f"{plain}&signature={signature}", key="another") == -2015
    assert asked(f"{plain}&signature={signature}", key="") == -2014
    assert asked(plain) == -1102


@pytest.mark.parametrize(
    ("late_ms", "window", "status"),
    [(4000, 5000, 200), (6000, 5000, 400), (50_000, 60_000, 200), (-900, 5000, 200), (-3000, 5000, 400)],
)
def test_a_request_must_come_within_its_window(exchange: Running, late_ms: int, window: int, status: int) -> None:
    at = time.time_ns() // 1_000_000 - late_ms
    assert exchange.rest("GET", "openOrders", at=at, recvWindow=window).status == status


def test_headers_tell_what_was_used(exchange: Running) -> None:
    first, second = (exchange.rest("POST", "order", **BUY).headers for _ in range(2))
    assert int(second["x-mbx-order-count-1m"]) == int(first["x-mbx-order-count-1m"]) + 1
    assert "x-mbx-order-count-10s" in first
    assert "x-mbx-used-weight-1m" in first


def test_a_countdown_cancels_plain_orders_unless_it_is_renewed(exchange: Running) -> None:
    place(exchange, **LIMIT)
    exchange.rest("POST", "algoOrder", **STOP)
    assert exchange.rest("POST", "countdownCancelAll", symbol="BTCUSDT", countdownTime=100).status == 200
    until = time.monotonic() + 5
    while exchange.rest("GET", "openOrders").body and time.monotonic() < until:
        time.sleep(0.02)
    assert exchange.rest("GET", "openOrders").body == []
    assert len(exchange.rest("GET", "openAlgoOrders").body) == 1


def test_what_the_account_is_worth_adds_up(moving: Running) -> None:
    place(moving, **BUY | {"quantity": 10})
    moving.step_bar(2)
    account = moving.rest("GET", "/fapi/v3/account").body
    numbers = {name: Decimal(value) for name, value in account.items() if name.startswith("total")}
    assert numbers["totalUnrealizedProfit"] == 10 * (103 - 101)
    assert numbers["totalWalletBalance"] == 10_000 - 10 * 101 * Decimal("0.0005")
    assert numbers["totalMarginBalance"] == numbers["totalWalletBalance"] + numbers["totalUnrealizedProfit"]
    assert Decimal(account["availableBalance"]) == numbers["totalMarginBalance"] - numbers["totalInitialMargin"]
    assert numbers["totalInitialMargin"] == Decimal(10 * 103) / 20


def test_a_margin_call_comes_before_a_liquidation() -> None:
    events = [bar(n, *[price] * 4) for n, price in enumerate((100, 100, 90.5, 90.3))]
    with running(events, stepped=True) as exchange:
        exchange.step_bar()
        place(exchange, **BUY | {"quantity": 1000})
        exchange.step_bar()
        with user_stream(exchange) as socket:
            exchange.step_bar()
            (call,) = receive(socket, 1)
        assert call["e"] == "MARGIN_CALL"
        assert set(call["p"][0]) == keys("s ps pa mt iw mp up mm")
        assert exchange.ledger()["positions"] == {"BTCUSDT": "1000"}


def test_longer_candles_are_made_of_the_shortest(moving: Running) -> None:
    moving.step_bar(9)
    rows = moving.rest("GET", "klines", signed=False, symbol="BTCUSDT", interval="5m").body
    assert [[float(value) for value in row[1:6]] for row in rows] == [
        [100.0, 106.0, 99.0, 105.0, 500.0],
        [105.0, 111.0, 104.0, 110.0, 500.0],
    ]
    assert moving.rest("GET", "klines", signed=False, symbol="BTCUSDT", interval="7m").body["code"] == -1120


def test_withdrawals_are_not_among_the_permissions(exchange: Running) -> None:
    told = exchange.rest("GET", "/sapi/v1/account/apiRestrictions").body
    assert (told["enableFutures"], told["enableWithdrawals"], told["ipRestrict"]) == (True, False, True)


def test_hedge_mode_and_an_unknown_path_are_refused(exchange: Running) -> None:
    assert code(exchange, "positionSide/dual", dualSidePosition="true") == -4068
    assert code(exchange, "positionSide/dual", dualSidePosition="false") == -4059
    assert exchange.rest("GET", "nothing").status == 404


def test_a_market_order_meets_the_present_price_though_another_market_has_printed_since() -> None:
    other = msgspec.structs.replace(INSTRUMENT, symbol="ETHUSDT", base="ETH")
    prints = [TickSeen("BTCUSDT", Tick(START, 100.0, 1.0)), TickSeen("ETHUSDT", Tick(START + 1_000_000, 50.0, 1.0))]
    with running(prints, instruments=(INSTRUMENT, other), speed=None) as exchange:
        for symbol in ("BTCUSDT", "ETHUSDT"):
            exchange.rest("POST", "order", symbol=symbol, side="BUY", type="MARKET", quantity=1)
        assert exchange.ledger()["positions"] == {"BTCUSDT": "1", "ETHUSDT": "1"}
