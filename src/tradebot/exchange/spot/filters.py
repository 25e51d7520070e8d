"""What a spot symbol lets pass: exchangeInfo, and the checks that follow from it.

Source of the shapes: Binance Open Platform, Spot, "Exchange Information" and "Filters".
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from tradebot.core.instrument import Instrument
from tradebot.exchange.filters import largest_order
from tradebot.exchange.settings import RateLimits
from tradebot.exchange.spot.orders import LIMITED, SpotOrder
from tradebot.exchange.spot.refusals import filter_failure
from tradebot.exchange.wire import text

ORDER_TYPES: Final = (
    "LIMIT",
    "LIMIT_MAKER",
    "MARKET",
    "STOP_LOSS",
    "STOP_LOSS_LIMIT",
    "TAKE_PROFIT",
    "TAKE_PROFIT_LIMIT",
)
TIMES_IN_FORCE: Final = ("GTC", "IOC", "FOK")
TRAILING_DELTA: Final = (10, 2_000)
"""Bounds of a trailing distance, in basis points."""
MOST_ORDERS: Final = 200
MOST_WAITING: Final = 5
MOST_LISTS: Final = 20
_UP: Final = Decimal(5)
_DOWN: Final = Decimal("0.2")
_MOST_NOTIONAL: Final = Decimal(9_000_000)
_LARGEST_PRICE: Final = Decimal(1_000_000)


def exchange_info(
    instruments: tuple[Instrument, ...], statuses: dict[str, str], limits: RateLimits, now: int
) -> dict[str, Any]:
    """The body of exchangeInfo; ``statuses`` by symbol, ``now`` in milliseconds."""
    return {
        "timezone": "UTC",
        "serverTime": now,
        "rateLimits": rate_limits(limits),
        "exchangeFilters": [],
        "symbols": [_symbol(instrument, statuses[instrument.symbol]) for instrument in instruments],
        "sors": [],
    }


def rate_limits(limits: RateLimits) -> list[dict[str, object]]:
    """The budgets as exchangeInfo tells them."""
    rows = (
        ("REQUEST_WEIGHT", "MINUTE", 1, limits.weight_per_minute),
        ("ORDERS", "SECOND", 10, limits.orders_per_10s),
        ("ORDERS", "DAY", 1, limits.orders_per_day),
    )
    return [
        {"rateLimitType": kind, "interval": unit, "intervalNum": number, "limit": limit}
        for kind, unit, number, limit in rows
    ]


def _symbol(instrument: Instrument, status: str) -> dict[str, Any]:
    return {
        "symbol": instrument.symbol,
        "status": "TRADING" if status == "TRADING" else "BREAK",
        "baseAsset": instrument.base,
        "baseAssetPrecision": 8,
        "quoteAsset": instrument.quote,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "baseCommissionPrecision": 8,
        "quoteCommissionPrecision": 8,
        "orderTypes": list(ORDER_TYPES),
        "icebergAllowed": False,
        "ocoAllowed": True,
        "otoAllowed": False,
        "opoAllowed": False,
        "quoteOrderQtyMarketAllowed": True,
        "allowTrailingStop": True,
        "cancelReplaceAllowed": True,
        "amendAllowed": False,
        "pegInstructionsAllowed": False,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "filters": _filters(instrument),
        "permissions": [],
        "permissionSets": [["SPOT"]],
        "defaultSelfTradePreventionMode": "EXPIRE_MAKER",
        "allowedSelfTradePreventionModes": ["EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH"],
    }


def _filters(instrument: Instrument) -> list[dict[str, object]]:
    tick, lot = text(instrument.tick_size), text(instrument.lot_size)
    least = text(max(instrument.min_quantity, instrument.lot_size))
    most = text(largest_order(instrument))
    low, high = TRAILING_DELTA
    delta = {f"{name}Trailing{end}Delta": (low if name == "min" else high) for name in ("min", "max") for end in _ENDS}
    up_and_down = {
        f"{side}Multiplier{way}": text(bound)
        for side in ("bid", "ask")
        for way, bound in (("Up", _UP), ("Down", _DOWN))
    }
    return [
        {"filterType": "PRICE_FILTER", "minPrice": tick, "maxPrice": text(_LARGEST_PRICE), "tickSize": tick},
        {"filterType": "LOT_SIZE", "minQty": least, "maxQty": most, "stepSize": lot},
        {"filterType": "MARKET_LOT_SIZE", "minQty": "0", "maxQty": most, "stepSize": "0"},
        {"filterType": "TRAILING_DELTA", **delta},
        {"filterType": "PERCENT_PRICE_BY_SIDE", **up_and_down, "avgPriceMins": 5},
        {
            "filterType": "NOTIONAL",
            "minNotional": text(instrument.min_notional),
            "applyMinToMarket": True,
            "maxNotional": text(_MOST_NOTIONAL),
            "applyMaxToMarket": False,
            "avgPriceMins": 5,
        },
        {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": MOST_ORDERS},
        {"filterType": "MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders": MOST_WAITING},
        {"filterType": "MAX_NUM_ORDER_LISTS", "maxNumOrderLists": MOST_LISTS},
    ]


_ENDS: Final = ("Above", "Below")


def check_order(order: SpotOrder, instrument: Instrument, average: Decimal) -> None:
    """Hold an order against the filters; ``average`` is the average price, zero where there is none yet.

    Raises
    ------
    Refusal : a filter fails.
    """
    _check_step("LOT_SIZE", order.quantity, instrument.lot_size)
    if not max(instrument.min_quantity, instrument.lot_size) <= order.quantity <= largest_order(instrument):
        raise filter_failure("LOT_SIZE")
    for price in (order.price, order.stop_price):
        if price:
            _check_step("PRICE_FILTER", price, instrument.tick_size)
    if not 0 <= order.price <= _LARGEST_PRICE or not 0 <= order.stop_price <= _LARGEST_PRICE:
        raise filter_failure("PRICE_FILTER")
    if order.trailing_delta and not TRAILING_DELTA[0] <= order.trailing_delta <= TRAILING_DELTA[1]:
        raise filter_failure("TRAILING_DELTA")
    if order.kind in LIMITED and average and not average * _DOWN <= order.price <= average * _UP:
        raise filter_failure("PERCENT_PRICE_BY_SIDE")
    worth = order.quantity * (order.price or order.stop_price or average)
    if worth and worth < instrument.min_notional:
        raise filter_failure("NOTIONAL")
    if order.kind != "MARKET" and worth > _MOST_NOTIONAL:
        raise filter_failure("NOTIONAL")


def _check_step(name: str, value: Decimal, step: Decimal) -> None:
    if value <= 0 or value % step:
        raise filter_failure(name)
