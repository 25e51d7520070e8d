"""Endpoints of the account: money, positions, settings, history and the user stream's key."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from tradebot.core.instrument import Instrument
from tradebot.exchange import answers
from tradebot.exchange.endpoints import Table, dearer_without_symbol
from tradebot.exchange.filters import rate_limits
from tradebot.exchange.margins import Margins
from tradebot.exchange.orders import ZERO
from tradebot.exchange.params import Params
from tradebot.exchange.refusals import Refusal
from tradebot.exchange.user_messages import leverage_update
from tradebot.exchange.wire import ms, text

if TYPE_CHECKING:
    from tradebot.exchange.state import State
    from tradebot.exchange.venue import Venue

TABLE: Final = Table()
_TOTALS: Final = (
    "initialMargin",
    "maintMargin",
    "walletBalance",
    "unrealizedProfit",
    "marginBalance",
    "positionInitialMargin",
    "openOrderInitialMargin",
    "crossWalletBalance",
    "crossUnPnl",
)
_MARGIN_TYPES: Final = {"CROSSED": "cross", "ISOLATED": "isolated"}


@TABLE.enter("GET", "/fapi/v2/account", "/fapi/v3/account", weight=5)
def account(venue: Venue, params: Params) -> Any:
    """Balances and positions; also the permissions that only v2 tells."""
    state, margins = venue.state, Margins(venue.state)
    totals = margins.totals()
    asset = {"asset": state.settings.asset, **totals, "marginAvailable": True, "updateTime": ms(state.now)}
    named = {f"total{name[0].upper()}{name[1:]}": value for name, value in totals.items() if name in _TOTALS}
    return {
        "feeTier": 0,
        "canTrade": True,
        "canDeposit": True,
        "canWithdraw": False,
        "tradeGroupId": -1,
        "multiAssetsMargin": False,
        "updateTime": 0,
        **named,
        "availableBalance": totals["availableBalance"],
        "maxWithdrawAmount": totals["maxWithdrawAmount"],
        "assets": [asset],
        "positions": [_account_position(state, margins, symbol) for symbol in state.markets],
    }


@TABLE.enter("GET", "/fapi/v2/balance", "/fapi/v3/balance", weight=5)
def balance(venue: Venue, params: Params) -> Any:
    """Balances alone."""
    state, margins = venue.state, Margins(venue.state)
    totals = margins.totals()
    return [
        {
            "accountAlias": "local",
            "asset": state.settings.asset,
            "balance": totals["walletBalance"],
            "crossWalletBalance": totals["crossWalletBalance"],
            "crossUnPnl": totals["crossUnPnl"],
            "availableBalance": totals["availableBalance"],
            "maxWithdrawAmount": totals["maxWithdrawAmount"],
            "marginAvailable": True,
            "updateTime": ms(state.now),
        }
    ]


@TABLE.enter("GET", "/fapi/v3/positionRisk", weight=5)
def positions(venue: Venue, params: Params) -> Any:
    """Symbols with a position or an open order."""
    margins = Margins(venue.state)
    return [
        answers.position(venue.state, margins, symbol)
        for symbol in _symbols(venue.state, params)
        if venue.state.account.positions[symbol].quantity or venue.state.orders.open(symbol)
    ]


@TABLE.enter("GET", "/fapi/v2/positionRisk", weight=5)
def positions_with_settings(venue: Venue, params: Params) -> Any:
    """Every symbol's position, with its leverage and margin type."""
    margins = Margins(venue.state)
    return [answers.position_with_settings(venue.state, margins, symbol) for symbol in _symbols(venue.state, params)]


@TABLE.enter("GET", "leverageBracket", weight=1)
def brackets(venue: Venue, params: Params) -> Any:
    """Margin tiers."""
    symbols = _symbols(venue.state, params)
    rows = [{"symbol": symbol, "brackets": _brackets(venue.state.instruments[symbol])} for symbol in symbols]
    return rows[0] if "symbol" in params else rows


@TABLE.enter("POST", "leverage", weight=1)
def leverage(venue: Venue, params: Params) -> Any:
    """Set a symbol's leverage."""
    state, symbol, wanted = venue.state, params.text("symbol"), params.needed_integer("leverage")
    if not 1 <= wanted <= state.instrument(symbol).max_leverage:
        raise Refusal(-4028, leverage=wanted)
    state.leverage[symbol] = wanted
    state.sim.set_leverage(symbol, wanted)
    venue.hub.user(leverage_update(symbol, wanted, state.now, state.clock.now_ms()))
    return {"symbol": symbol, "leverage": wanted, "maxNotionalValue": "100000000"}


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
            "maxNotionalValue": "100000000",
        }
        for symbol in _symbols(venue.state, params)
    ]


@TABLE.enter("GET", "userTrades", weight=5)
def trades(venue: Venue, params: Params) -> Any:
    """Executions of the account, oldest first."""
    state, symbol = venue.state, params.text("symbol")
    state.instrument(symbol)
    order, first = params.integer("orderId"), params.integer("fromId")
    start, end = params.integer("startTime"), params.integer("endTime")
    found = [
        row
        for row in state.account.trades
        if row.order.symbol == symbol
        and (order is None or row.order.order_id == order)
        and (first is None or row.trade_id >= first)
        and (start is None or ms(row.ts) >= start)
        and (end is None or ms(row.ts) <= end)
    ]
    limit = min(params.integer("limit", 500) or 500, 1000)
    chosen = found[-limit:] if first is None and start is None else found[:limit]
    return [answers.trade(row, state.settings.asset) for row in chosen]


@TABLE.enter("GET", "income", weight=30)
def income(venue: Venue, params: Params) -> Any:
    """Money that came and went, oldest first."""
    state, symbol, kind = venue.state, params.text("symbol", ""), params.text("incomeType", "")
    start, end = params.integer("startTime"), params.integer("endTime")
    found = [
        row
        for row in state.account.income
        if (not symbol or row.symbol == symbol)
        and (not kind or row.kind == kind)
        and (start is None or ms(row.ts) >= start)
        and (end is None or ms(row.ts) <= end)
    ]
    limit = min(params.integer("limit", 100) or 100, 1000)
    chosen = found[-limit:] if start is None else found[:limit]
    return [answers.income(row, state.settings.asset) for row in chosen]


@TABLE.enter("GET", "forceOrders", weight=dearer_without_symbol(20, 50))
def forced(venue: Venue, params: Params) -> Any:
    """Orders of liquidations."""
    symbol = params.text("symbol", "")
    return [
        answers.order_found(order)
        for order in venue.state.orders
        if order.client_id.startswith("autoclose-") and symbol in ("", order.symbol)
    ]


@TABLE.enter("GET", "rateLimit/order", weight=1)
def order_limits(venue: Venue, params: Params) -> Any:
    """Order budgets."""
    return [row for row in rate_limits(venue.state.settings.limits) if row["rateLimitType"] == "ORDERS"]


@TABLE.enter("GET", "adlQuantile", weight=5)
def adl(venue: Venue, params: Params) -> Any:
    """Ranks for auto-deleveraging: nobody is deleveraged here."""
    return [{"symbol": symbol, "adlQuantile": {"BOTH": 0}} for symbol in _symbols(venue.state, params)]


@TABLE.enter("POST", "listenKey", security="key")
def create_listen_key(venue: Venue, params: Params) -> Any:
    """Open the user stream."""
    return {"listenKey": venue.listen_keys.create()}


@TABLE.enter("PUT", "listenKey", security="key")
def keep_listen_key(venue: Venue, params: Params) -> Any:
    """Keep the user stream open for another hour."""
    return {"listenKey": venue.listen_keys.keep_alive()}


@TABLE.enter("DELETE", "listenKey", security="key")
def close_listen_key(venue: Venue, params: Params) -> Any:
    """Close the user stream."""
    venue.listen_keys.close()
    return {}


@TABLE.enter("GET", "/sapi/v1/account/apiRestrictions")
def restrictions(venue: Venue, params: Params) -> Any:
    """What the key may do: read, and trade futures."""
    return {
        "ipRestrict": True,
        "createTime": 0,
        "enableReading": True,
        "enableFutures": True,
        "enableWithdrawals": False,
        "enableInternalTransfer": False,
        "permitsUniversalTransfer": False,
        "enableMargin": False,
        "enableSpotAndMarginTrading": False,
        "enableVanillaOptions": False,
        "enablePortfolioMarginTrading": False,
        "enableFixApiTrade": False,
        "enableFixReadOnly": False,
    }


def _symbols(state: State, params: Params) -> list[str]:
    if "symbol" not in params:
        return list(state.markets)
    return [state.instrument(params.text("symbol")).symbol]


def _account_position(state: State, margins: Margins, symbol: str) -> dict[str, Any]:
    told = answers.position_with_settings(state, margins, symbol)
    shared = (
        "symbol",
        "positionSide",
        "positionAmt",
        "entryPrice",
        "breakEvenPrice",
        "isolatedMargin",
        "notional",
        "isolatedWallet",
        "initialMargin",
        "maintMargin",
        "positionInitialMargin",
        "openOrderInitialMargin",
        "leverage",
        "bidNotional",
        "askNotional",
        "updateTime",
    )
    return {name: told[name] for name in shared} | {
        "unrealizedProfit": told["unRealizedProfit"],
        "isolated": state.margin_types[symbol] == "isolated",
        "maxNotional": told["maxNotionalValue"],
    }


def _brackets(instrument: Instrument) -> list[dict[str, Any]]:
    """Tiers with ``cum``, the amount that makes the maintenance margin continuous from one to the next."""
    tiers = instrument.margin_tiers
    if not tiers:
        return []
    ends = [upper.notional_floor for _, upper in pairwise(tiers)] + [tiers[-1].notional_floor * 10 or 10**9]
    rows: list[dict[str, Any]] = []
    cumulated, before = ZERO, ZERO
    for n, (tier, end) in enumerate(zip(tiers, ends, strict=True), start=1):
        cumulated += tier.notional_floor * (tier.maintenance_rate - before)
        before = tier.maintenance_rate
        rows.append(
            {
                "bracket": n,
                "initialLeverage": int(min(tier.max_leverage, instrument.max_leverage)),
                "notionalCap": int(end),
                "notionalFloor": int(tier.notional_floor),
                "maintMarginRatio": float(tier.maintenance_rate),
                "cum": float(cumulated),
            }
        )
    return rows
