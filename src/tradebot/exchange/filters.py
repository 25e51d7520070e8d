"""What a symbol lets pass: exchangeInfo, and the checks that follow from it.

Source of the shapes: Binance Open Platform, USD-M futures, "Exchange Information" and "Filters".
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from tradebot.core.instrument import Instrument
from tradebot.exchange.orders import ZERO, Algo, Order
from tradebot.exchange.refusals import Refusal
from tradebot.exchange.settings import RateLimits
from tradebot.exchange.wire import places, text

ORDER_TYPES: Final = (
    "LIMIT",
    "MARKET",
    "STOP",
    "STOP_MARKET",
    "TAKE_PROFIT",
    "TAKE_PROFIT_MARKET",
    "TRAILING_STOP_MARKET",
)
TIMES_IN_FORCE: Final = ("GTC", "IOC", "FOK", "GTX", "GTD")
MOST_ORDERS: Final = 200
MOST_CONDITIONAL: Final = 200
_LARGEST_ORDER: Final = Decimal(1_000_000)
_MULTIPLIER_UP: Final = Decimal("1.05")
_MULTIPLIER_DOWN: Final = Decimal("0.95")
NEVER_DELIVERED: Final = 4_133_404_800_000
ONBOARDED: Final = 1_569_398_400_000


def exchange_info(
    instruments: tuple[Instrument, ...], statuses: dict[str, str], limits: RateLimits, now: int
) -> dict[str, Any]:
    """The body of exchangeInfo; ``statuses`` by symbol, ``now`` in milliseconds."""
    asset = instruments[0].quote
    return {
        "exchangeFilters": [],
        "rateLimits": rate_limits(limits),
        "serverTime": now,
        "assets": [{"asset": asset, "marginAvailable": True, "autoAssetExchange": "-10000"}],
        "symbols": [_symbol(instrument, statuses[instrument.symbol]) for instrument in instruments],
        "timezone": "UTC",
    }


def rate_limits(limits: RateLimits) -> list[dict[str, object]]:
    """The budgets as exchangeInfo tells them."""
    rows = (
        ("REQUEST_WEIGHT", "MINUTE", 1, limits.weight_per_minute),
        ("ORDERS", "MINUTE", 1, limits.orders_per_minute),
        ("ORDERS", "SECOND", 10, limits.orders_per_10s),
    )
    return [
        {"rateLimitType": kind, "interval": unit, "intervalNum": number, "limit": limit}
        for kind, unit, number, limit in rows
    ]


def _symbol(instrument: Instrument, status: str) -> dict[str, Any]:
    least_margin = 100 / instrument.max_leverage
    return {
        "symbol": instrument.symbol,
        "pair": instrument.symbol,
        "contractType": "PERPETUAL",
        "deliveryDate": NEVER_DELIVERED,
        "onboardDate": ONBOARDED,
        "status": status,
        "maintMarginPercent": f"{least_margin / 2:.4f}",
        "requiredMarginPercent": f"{least_margin:.4f}",
        "baseAsset": instrument.base,
        "quoteAsset": instrument.quote,
        "marginAsset": instrument.quote,
        "pricePrecision": places(instrument.tick_size),
        "quantityPrecision": places(instrument.lot_size),
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": [],
        "triggerProtect": "0.0500",
        "liquidationFee": f"{instrument.liquidation_fee:.6f}",
        "marketTakeBound": "0.05",
        "maxMoveOrderLimit": 10_000,
        "filters": _filters(instrument),
        "orderTypes": list(ORDER_TYPES),
        "timeInForce": list(TIMES_IN_FORCE),
        "permissionSets": ["GRID", "COPY"],
    }


def _filters(instrument: Instrument) -> list[dict[str, object]]:
    tick, lot = text(instrument.tick_size), text(instrument.lot_size)
    least = text(max(instrument.min_quantity, instrument.lot_size))
    most = text(largest_order(instrument))
    return [
        {"filterType": "PRICE_FILTER", "minPrice": tick, "maxPrice": "10000000", "tickSize": tick},
        {"filterType": "LOT_SIZE", "minQty": least, "maxQty": most, "stepSize": lot},
        {"filterType": "MARKET_LOT_SIZE", "minQty": least, "maxQty": most, "stepSize": lot},
        {"filterType": "MAX_NUM_ORDERS", "limit": MOST_ORDERS},
        {"filterType": "MAX_NUM_ALGO_ORDERS", "limit": MOST_CONDITIONAL},
        {"filterType": "MIN_NOTIONAL", "notional": text(instrument.min_notional)},
        {
            "filterType": "PERCENT_PRICE",
            "multiplierUp": f"{_MULTIPLIER_UP:.4f}",
            "multiplierDown": f"{_MULTIPLIER_DOWN:.4f}",
            "multiplierDecimal": "4",
        },
    ]


def largest_order(instrument: Instrument) -> Decimal:
    """Largest quantity of one order."""
    return instrument.max_quantity or instrument.snap_quantity(_LARGEST_ORDER)


def check_order(order: Order, instrument: Instrument, mark: Decimal) -> None:
    """Hold an order against the filters; ``mark`` is the present price, zero where there is none yet.

    Raises
    ------
    Refusal : a filter fails.
    """
    check_quantity(order.quantity, instrument)
    if order.kind == "LIMIT":
        check_price(order.price, instrument)
        _check_band(order, instrument, mark)
    _check_notional(order, instrument, order.price or mark)


def check_algo(algo: Algo, instrument: Instrument) -> None:
    """Hold a conditional order against the filters.

    Raises
    ------
    Refusal : a filter fails.
    """
    if not algo.close_position:
        check_quantity(algo.quantity, instrument)
        _check_notional(algo, instrument, algo.price or algo.trigger or algo.activate_price)
    for price in (algo.price, algo.trigger, algo.activate_price):
        if price:
            check_price(price, instrument)


def check_quantity(quantity: Decimal, instrument: Instrument) -> None:
    """Hold a quantity against LOT_SIZE.

    Raises
    ------
    Refusal : it is not positive, too fine, off the step or out of bounds.
    """
    if quantity <= 0:
        raise Refusal(-4003)
    if places(quantity) > places(instrument.lot_size):
        raise Refusal(-1111)
    if quantity % instrument.lot_size:
        raise Refusal(-4023)
    if quantity < instrument.min_quantity:
        raise Refusal(-4004)
    if quantity > largest_order(instrument):
        raise Refusal(-4005)


def check_price(price: Decimal, instrument: Instrument) -> None:
    """Hold a price against PRICE_FILTER.

    Raises
    ------
    Refusal : it is not positive, too fine or off the tick.
    """
    if price < instrument.tick_size:
        raise Refusal(-4013)
    if places(price) > places(instrument.tick_size):
        raise Refusal(-1111)
    if price % instrument.tick_size:
        raise Refusal(-4014)


def _check_band(order: Order, instrument: Instrument, mark: Decimal) -> None:
    """PERCENT_PRICE: a buy not far above the mark, a sell not far below it."""
    if not mark:
        return
    if order.side == "BUY" and order.price > mark * _MULTIPLIER_UP:
        limit = (mark * _MULTIPLIER_UP).quantize(instrument.tick_size, ROUND_HALF_UP)
        raise Refusal(-4016, limit=text(limit))
    if order.side == "SELL" and order.price < mark * _MULTIPLIER_DOWN:
        limit = (mark * _MULTIPLIER_DOWN).quantize(instrument.tick_size, ROUND_HALF_UP)
        raise Refusal(-4024, limit=text(limit))


def _check_notional(order: Order | Algo, instrument: Instrument, price: Decimal) -> None:
    if order.reduce_only or price == ZERO:
        return
    if order.quantity * price * instrument.multiplier < instrument.min_notional:
        raise Refusal(-4164, limit=text(instrument.min_notional))
