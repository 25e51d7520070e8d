"""Whatever the filters and the wish, an order that leaves is one that the filters take."""

from __future__ import annotations

import os
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tradebot_native import OrderIntent

from tradebot.brokers.binance.marks import check_at
from tradebot.brokers.binance.requests import request_of
from tradebot.brokers.binance.rules import MarketRules
from tradebot.brokers.binance.spot import requests as spot_requests
from tradebot.brokers.binance.spot import terms as spot_terms
from tradebot.brokers.binance.spot.account import rules_of_row
from tradebot.core.asset_class import AssetClass
from tradebot.core.errors import OrderError
from tradebot.core.instrument import Instrument
from tradebot.exchange.filters import check_algo, check_order, exchange_info
from tradebot.exchange.orders import Algo, Order
from tradebot.exchange.settings import SPOT_LIMITS, RateLimits
from tradebot.exchange.spot import filters as spot_filters
from tradebot.exchange.spot.orders import SpotOrder

STEPS = [Decimal(digit).scaleb(exponent) for exponent in range(-5, 2) for digit in (1, 2, 5)]
# `make soak` asks for a hundred thousand.
EXAMPLES = int(os.environ.get("TRADEBOT_SOAK_FILTERS", "3000"))
KINDS = ["market", "limit", "stop", "stop_limit", "take_profit", "trailing_stop"]


@st.composite
def instruments(draw: st.DrawFn, kind: AssetClass = AssetClass.PERPETUAL) -> Instrument:
    lot = draw(st.sampled_from(STEPS))
    return Instrument(
        symbol="AAABBB",
        venue="binance_spot" if kind is AssetClass.SPOT else "binance_usdm",
        asset_class=kind,
        shortable=kind is not AssetClass.SPOT,
        base="AAA",
        quote="BBB",
        tick_size=draw(st.sampled_from(STEPS)),
        lot_size=lot,
        min_quantity=lot * draw(st.integers(1, 5)),
        max_quantity=lot * draw(st.integers(10, 100_000)),
        min_notional=Decimal(draw(st.integers(0, 100))),
        max_leverage=Decimal(1 if kind is AssetClass.SPOT else draw(st.integers(1, 125))),
    )


@st.composite
def intents(draw: st.DrawFn, price: float) -> OrderIntent:
    kind, side = draw(st.sampled_from(KINDS)), draw(st.sampled_from(["buy", "sell"]))
    near = st.floats(0.9, 1.1).map(lambda factor: price * factor)
    terms: dict[str, Any] = {"type": kind, "reduce_only": draw(st.booleans())}
    if kind in ("limit", "stop_limit"):
        terms["price"] = draw(near)
    if kind in ("stop", "stop_limit", "take_profit"):
        terms["trigger"] = draw(near)
    if kind == "trailing_stop":
        terms["trail_pct"] = draw(st.floats(0.0001, 0.2))
    return OrderIntent("AAABBB", side, draw(st.floats(1e-6, 1e6)), **terms)


@settings(max_examples=EXAMPLES)
@given(st.data())
def test_no_order_that_leaves_is_refused_by_a_filter(data: st.DataObject) -> None:
    instrument = data.draw(instruments())
    price = data.draw(st.floats(0.001, 100_000))
    intent = data.draw(intents(price))
    mark = max(instrument.snap_price(price), instrument.tick_size)
    info = exchange_info((instrument,), {"AAABBB": "TRADING"}, RateLimits(), 0)
    rules = MarketRules.of(info["symbols"][0])
    try:
        request = request_of("run-1", intent, rules)
        check_at(mark, intent, request, rules)
    except OrderError:
        return
    refused_by_the_venue(request.params, instrument, mark)


def refused_by_the_venue(params: dict[str, Any], instrument: Instrument, mark: Decimal) -> None:
    """Hold a request against the local exchange's own filters, which know nothing of the broker's."""
    number = {name: Decimal(params.get(name, 0)) for name in ("quantity", "price", "triggerPrice", "activatePrice")}
    shared: dict[str, Any] = {
        "symbol": "AAABBB",
        "side": params["side"],
        "kind": params["type"],
        "tif": params.get("timeInForce", "GTC"),
        "quantity": number["quantity"],
        "price": number["price"],
        "reduce_only": params.get("reduceOnly") == "true",
    }
    if "clientAlgoId" in params:
        algo = Algo(
            algo_id=1,
            client_id="run-1",
            trigger=number["triggerPrice"],
            activate_price=number["activatePrice"],
            **shared,
        )
        check_algo(algo, instrument)
    else:
        order = Order(order_id=1, client_id="run-1", original_kind=params["type"], **shared)
        check_order(order, instrument, mark)


@settings(max_examples=EXAMPLES)
@given(st.data())
def test_no_spot_order_that_leaves_is_refused_by_a_filter(data: st.DataObject) -> None:
    instrument = data.draw(instruments(AssetClass.SPOT))
    price = data.draw(st.floats(0.001, 100_000))
    intent = data.draw(intents(price))
    mark = max(instrument.snap_price(price), instrument.tick_size)
    info = spot_filters.exchange_info((instrument,), {"AAABBB": "TRADING"}, SPOT_LIMITS, 0)
    rules = rules_of_row(info["symbols"][0])
    try:
        request = spot_requests.request_of("run-1", intent, rules, None)
        spot_terms.check_at(mark, request, rules)
    except OrderError:
        return
    params = request.params
    number = {name: Decimal(params.get(name, 0)) for name in ("quantity", "price", "stopPrice")}
    order = SpotOrder(
        order_id=1,
        client_id="run-1",
        symbol="AAABBB",
        side=params["side"],
        kind=params["type"],
        tif=params.get("timeInForce", "GTC"),
        quantity=number["quantity"],
        price=number["price"],
        stop_price=number["stopPrice"],
    )
    spot_filters.check_order(order, instrument, mark)
