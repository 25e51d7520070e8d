"""Endpoints of what is set: leverage, margin and position mode, tiers, fees, limits and permissions.

Source of the shapes: Binance Open Platform, USD-M futures, "Trade" and "Account" REST APIs, and wallet, "API Key
Permission".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tradebot.exchange.endpoints import Table
from tradebot.exchange.filters import rate_limits
from tradebot.exchange.params import Params
from tradebot.exchange.refusals import Refusal
from tradebot.exchange.tiers import brackets_of, largest_notional
from tradebot.exchange.user_messages import leverage_update
from tradebot.exchange.wire import text

if TYPE_CHECKING:
    from tradebot.exchange.venue import Venue

TABLE: Final = Table()
_MARGIN_TYPES: Final = {"CROSSED": "cross", "ISOLATED": "isolated"}


@TABLE.enter("GET", "leverageBracket", weight=1)
def brackets(venue: Venue, params: Params) -> Any:
    """Margin tiers."""
    symbols = params.symbols(venue.state.instruments)
    rows = [{"symbol": symbol, "brackets": brackets_of(venue.state.instruments[symbol])} for symbol in symbols]
    return rows[0] if "symbol" in params else rows


@TABLE.enter("POST", "leverage", weight=1)
def leverage(venue: Venue, params: Params) -> Any:
    """Set a symbol's leverage."""
    state, symbol, wanted = venue.state, params.text("symbol"), params.needed_integer("leverage")
    if not 1 <= wanted <= state.instrument(symbol).max_leverage:
        raise Refusal(-4028, leverage=wanted)
    largest = largest_notional(state.instruments[symbol], wanted)
    if abs(state.account.notional(symbol, state.mark(symbol))) > largest:
        raise Refusal(-2027)
    state.leverage[symbol] = wanted
    state.sim.set_leverage(symbol, wanted)
    venue.hub.user(leverage_update(symbol, wanted, state.now, state.clock.now_ms()))
    return {"symbol": symbol, "leverage": wanted, "maxNotionalValue": text(largest)}


@TABLE.enter("POST", "marginType", weight=1)
def margin_type(venue: Venue, params: Params) -> Any:
    """Set a symbol's margin type. It is kept and told; margin is counted on the whole account either way."""
    state, symbol = venue.state, params.text("symbol")
    state.instrument(symbol)
    wanted = _MARGIN_TYPES[params.word("marginType", tuple(_MARGIN_TYPES), -1130)]
    if wanted == state.margin_types[symbol]:
        raise Refusal(-4046)
    if state.orders.open(symbol) or state.algos.open(symbol):
        raise Refusal(-4047)
    if state.account.positions[symbol].quantity:
        raise Refusal(-4048)
    state.margin_types[symbol] = wanted
    return {"code": 200, "msg": "success"}


@TABLE.enter("GET", "positionSide/dual", weight=30)
def position_mode(venue: Venue, params: Params) -> Any:
    """One-way mode, always."""
    return {"dualSidePosition": False}


@TABLE.enter("POST", "positionSide/dual", weight=1)
def set_position_mode(venue: Venue, params: Params) -> Any:
    """One-way mode is the only one."""
    if params.boolean("dualSidePosition"):
        raise Refusal(-4068, text="The local exchange knows one-way mode alone.")
    raise Refusal(-4059)


@TABLE.enter("GET", "multiAssetsMargin", weight=30)
def assets_mode(venue: Venue, params: Params) -> Any:
    """Single-asset mode, always."""
    return {"multiAssetsMargin": False}


@TABLE.enter("POST", "multiAssetsMargin", weight=1)
def set_assets_mode(venue: Venue, params: Params) -> Any:
    """Single-asset mode is the only one."""
    raise Refusal(-4171)


@TABLE.enter("GET", "commissionRate", weight=20)
def commission(venue: Venue, params: Params) -> Any:
    """Fees of a symbol."""
    instrument = venue.state.instrument(params.text("symbol"))
    return {
        "symbol": instrument.symbol,
        "makerCommissionRate": text(instrument.maker_fee),
        "takerCommissionRate": text(instrument.taker_fee),
        "rpiCommissionRate": "0.00000",
    }


@TABLE.enter("GET", "feeBurn", weight=30)
def fee_burn(venue: Venue, params: Params) -> Any:
    """Fees are paid in the margin asset, always."""
    return {"feeBurn": False}


@TABLE.enter("GET", "accountConfig", weight=5)
def account_config(venue: Venue, params: Params) -> Any:
    """Settings of the account."""
    return {
        "feeTier": 0,
        "canTrade": True,
        "canDeposit": True,
        "canWithdraw": False,
        "dualSidePosition": False,
        "updateTime": 0,
        "multiAssetsMargin": False,
        "tradeGroupId": -1,
    }


@TABLE.enter("GET", "symbolConfig", weight=5)
def symbol_config(venue: Venue, params: Params) -> Any:
    """Settings of the symbols."""
    words = {told: sent for sent, told in _MARGIN_TYPES.items()}
    return [
        {
            "symbol": symbol,
            "marginType": words[venue.state.margin_types[symbol]],
            "isAutoAddMargin": False,
            "leverage": venue.state.leverage[symbol],
            "maxNotionalValue": text(largest_notional(venue.state.instruments[symbol], venue.state.leverage[symbol])),
        }
        for symbol in params.symbols(venue.state.instruments)
    ]


@TABLE.enter("GET", "rateLimit/order", weight=1)
def order_limits(venue: Venue, params: Params) -> Any:
    """Order budgets."""
    return [row for row in rate_limits(venue.state.settings.budgets) if row["rateLimitType"] == "ORDERS"]


@TABLE.enter("GET", "/sapi/v1/account/apiRestrictions")
def restrictions(venue: Venue, params: Params) -> Any:
    """What the key may do: read, and trade."""
    return {
        "ipRestrict": True,
        "createTime": 0,
        "enableReading": True,
        "enableFutures": venue.spot is None,
        "enableWithdrawals": False,
        "enableInternalTransfer": False,
        "permitsUniversalTransfer": False,
        "enableMargin": False,
        "enableSpotAndMarginTrading": venue.spot is not None,
        "enableVanillaOptions": False,
        "enablePortfolioMarginTrading": False,
        "enableFixApiTrade": False,
        "enableFixReadOnly": False,
    }
