"""Endpoints of the spot account: its coins, its fees, its trades.

Source of the shapes and weights: Binance Open Platform, Spot, "Account endpoints" and, for what the key may do, wallet,
"API Key Permission".
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from tradebot.exchange import rest_settings
from tradebot.exchange.endpoints import Table
from tradebot.exchange.orders import ZERO
from tradebot.exchange.params import Params
from tradebot.exchange.refusals import Refusal
from tradebot.exchange.spot import answers
from tradebot.exchange.spot.filters import rate_limits
from tradebot.exchange.spot.market import page, spot_of
from tradebot.exchange.wire import amount, ms, text

if TYPE_CHECKING:
    from tradebot.exchange.venue import Venue

TABLE: Final = Table()


@TABLE.enter("GET", "/api/v3/account", weight=20)
def account(venue: Venue, params: Params) -> Any:
    """Coins, and what the account may do."""
    spot, instruments = spot_of(venue), venue.state.settings.instruments
    wallet, locked = spot.account.wallet, spot.account.locked()
    hide_zeros = params.boolean("omitZeroBalances")
    assets = dict.fromkeys([*wallet.totals, *(each.base for each in instruments), venue.state.settings.asset])
    rates = _rates(max(each.maker_fee for each in instruments), max(each.taker_fee for each in instruments))
    return {
        "makerCommission": 10,
        "takerCommission": 10,
        "buyerCommission": 0,
        "sellerCommission": 0,
        "commissionRates": rates,
        "canTrade": True,
        "canWithdraw": False,
        "canDeposit": True,
        "brokered": False,
        "requireSelfTradePrevention": False,
        "preventSor": False,
        "updateTime": ms(venue.state.now),
        "accountType": "SPOT",
        "balances": [
            {
                "asset": asset,
                "free": amount(wallet.totals[asset] - locked.get(asset, ZERO)),
                "locked": amount(locked.get(asset, ZERO)),
            }
            for asset in assets
            if wallet.totals[asset] or not hide_zeros
        ],
        "permissions": ["SPOT"],
        "uid": 1,
    }


@TABLE.enter("GET", "/api/v3/account/commission", weight=20)
def commission(venue: Venue, params: Params) -> Any:
    """Fees of a symbol."""
    instrument = venue.state.instrument(params.text("symbol"))
    in_bnb = venue.state.settings.commission == "bnb"
    return {
        "symbol": instrument.symbol,
        "standardCommission": _rates(instrument.maker_fee, instrument.taker_fee),
        "specialCommission": _rates(ZERO, ZERO),
        "taxCommission": _rates(ZERO, ZERO),
        "discount": {
            "enabledForAccount": in_bnb,
            "enabledForSymbol": in_bnb,
            "discountAsset": "BNB",
            "discount": "1.00000000",
        },
    }


@TABLE.enter("GET", "/api/v3/myTrades", weight=lambda params: 5 if "orderId" in params else 20)
def trades(venue: Venue, params: Params) -> Any:
    """Executions of the account, oldest first."""
    symbol, order, first = params.text("symbol"), params.integer("orderId"), params.integer("fromId")
    venue.state.instrument(symbol)
    start, end = params.integer("startTime"), params.integer("endTime")
    if start is not None and end is not None and end - start > 86_400_000:
        raise Refusal(-1127, hours=24)
    found = [
        row
        for row in spot_of(venue).account.wallet.trades
        if row.order.symbol == symbol
        and (order is None or row.order.order_id == order)
        and (first is None or row.trade_id >= first)
        and (start is None or ms(row.ts) >= start)
        and (end is None or ms(row.ts) <= end)
    ]
    return [answers.trade(row) for row in page(found, params, from_first=first is not None or start is not None)]


@TABLE.enter("GET", "/api/v3/rateLimit/order", weight=40)
def order_limits(venue: Venue, params: Params) -> Any:
    """Order budgets."""
    return [row for row in rate_limits(venue.state.settings.budgets) if row["rateLimitType"] == "ORDERS"]


@TABLE.enter("GET", "/sapi/v1/margin/allPairs", "/sapi/v1/margin/isolated/allPairs", security="key")
def margin_pairs(venue: Venue, params: Params) -> Any:
    """Nothing is traded on margin here; clients ask when they load the markets."""
    return []


TABLE.enter("GET", "/sapi/v1/account/apiRestrictions")(rest_settings.restrictions)


def _rates(maker: Decimal, taker: Decimal) -> dict[str, str]:
    return {"maker": text(maker), "taker": text(taker), "buyer": "0.00000000", "seller": "0.00000000"}
