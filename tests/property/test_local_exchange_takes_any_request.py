"""Whatever a client sends, the local exchange answers: done, or refused with a code."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local_exchange import SPOT, Running, running
from tradebot.exchange import rest_account, rest_orders, rest_public, rest_settings
from tradebot.exchange.settings import RateLimits
from tradebot.exchange.spot import market_data
from tradebot.exchange.spot import rest_account as spot_account
from tradebot.exchange.spot import rest_orders as spot_orders

ENDPOINTS = sorted(rest_public.TABLE | rest_account.TABLE | rest_orders.TABLE | rest_settings.TABLE)
SPOT_ENDPOINTS = sorted(market_data.TABLE | spot_account.TABLE | spot_orders.TABLE)
VALUES = {
    "symbol": ["BTCUSDT", "NOPE", ""],
    "side": ["BUY", "SELL", "x"],
    "type": [
        "LIMIT",
        "MARKET",
        "STOP",
        "STOP_MARKET",
        "TAKE_PROFIT",
        "TAKE_PROFIT_MARKET",
        "TRAILING_STOP_MARKET",
        "LIMIT_MAKER",
        "STOP_LOSS",
        "STOP_LOSS_LIMIT",
        "TAKE_PROFIT_LIMIT",
        "x",
    ],
    "algoType": ["CONDITIONAL", "x"],
    "timeInForce": ["GTC", "IOC", "FOK", "GTX", "GTD", "x"],
    "marginType": ["ISOLATED", "CROSSED", "x"],
    "interval": ["1m", "1h", "7m", "1y", "x"],
    "batchOrders": [
        "[]",
        "[{}]",
        '[{"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": 1}]',
        "{",
        "[1]",
    ],
    "orderIdList": ["[]", "[1]", "[null]", "x"],
    "closePosition": ["true", "false"],
    "reduceOnly": ["true", "false"],
    "newOrderRespType": ["ACK", "RESULT", "FULL"],
    "aboveType": ["LIMIT_MAKER", "STOP_LOSS", "x"],
    "belowType": ["STOP_LOSS", "STOP_LOSS_LIMIT", "x"],
    "cancelReplaceMode": ["STOP_ON_FAILURE", "ALLOW_FAILURE", "x"],
}
NUMBERS = [
    "0",
    "1",
    "-1",
    "99",
    "100",
    "101",
    "0.001",
    "1e999999",
    "-0",
    "NaN",
    "Infinity",
    "9" * 30,
    "9" * 5000,
    "x",
    "",
]
NUMBERED = [
    "quantity",
    "price",
    "triggerPrice",
    "stopPrice",
    "stopLimitPrice",
    "trailingDelta",
    "quoteOrderQty",
    "abovePrice",
    "belowStopPrice",
    "orderListId",
    "cancelOrderId",
    "activatePrice",
    "callbackRate",
    "goodTillDate",
    "orderId",
    "algoId",
    "limit",
    "startTime",
    "endTime",
    "fromId",
    "leverage",
    "countdownTime",
    "recvWindow",
]
FREE = ["newClientOrderId", "origClientOrderId", "clientAlgoId", "listenKey"]
PARAMS = st.fixed_dictionaries(
    {},
    optional={name: st.sampled_from(values) for name, values in VALUES.items()}
    | {name: st.sampled_from(NUMBERS) for name in NUMBERED}
    | {name: st.text(max_size=40) for name in FREE},
)


@pytest.fixture(scope="module")
def exchange() -> Iterator[Running]:
    plenty = RateLimits(weight_per_minute=10**9, orders_per_10s=10**9, orders_per_minute=10**9)
    with running(limits=plenty) as started:
        yield started


@pytest.fixture(scope="module")
def spot() -> Iterator[Running]:
    plenty = RateLimits(weight_per_minute=10**9, orders_per_10s=10**9, orders_per_minute=0, orders_per_day=10**9)
    with running(instruments=(SPOT,), limits=plenty) as started:
        yield started


def check_answered(exchange: Running, endpoint: tuple[str, str], params: dict[str, str]) -> None:
    answer = exchange.rest(endpoint[0], endpoint[1], **params)
    assert answer.status in (200, 400, 409, 429), answer
    if answer.status != 200:
        assert answer.body["code"] < 0
        assert answer.body["msg"]


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(endpoint=st.sampled_from(ENDPOINTS), params=PARAMS)
def test_any_request_is_answered_with_a_result_or_a_code(
    exchange: Running, endpoint: tuple[str, str], params: dict[str, str]
) -> None:
    check_answered(exchange, endpoint, params)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(endpoint=st.sampled_from(SPOT_ENDPOINTS), params=PARAMS)
def test_any_request_of_spot_is_answered_with_a_result_or_a_code(
    spot: Running, endpoint: tuple[str, str], params: dict[str, str]
) -> None:
    check_answered(spot, endpoint, params)
