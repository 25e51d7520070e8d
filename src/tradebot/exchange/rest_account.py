"""Endpoints of the account: money, positions, settings, history and the user stream's key.

Source of the shapes and weights: Binance Open Platform, USD-M futures, "Account", "Trade" and "User Data Streams".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tradebot.exchange import answers
from tradebot.exchange.endpoints import Table, dearer_without_symbol
from tradebot.exchange.margins import Margins
from tradebot.exchange.params import Params
from tradebot.exchange.refusals import Refusal
from tradebot.exchange.wire import ms

if TYPE_CHECKING:
    from tradebot.exchange.state import State
    from tradebot.exchange.venue import Venue

TABLE: Final = Table()
_DAYS: Final = 7
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
        for symbol in params.symbols(venue.state.instruments)
        if venue.state.account.positions[symbol].quantity or venue.state.orders.open(symbol)
    ]


@TABLE.enter("GET", "/fapi/v2/positionRisk", weight=5)
def positions_with_settings(venue: Venue, params: Params) -> Any:
    """Every symbol's position, with its leverage and margin type."""
    margins = Margins(venue.state)
    return [
        answers.position_with_settings(venue.state, margins, symbol)
        for symbol in params.symbols(venue.state.instruments)
    ]


@TABLE.enter("GET", "userTrades", weight=5)
def trades(venue: Venue, params: Params) -> Any:
    """Executions of the account, oldest first."""
    state, symbol = venue.state, params.text("symbol")
    state.instrument(symbol)
    order, first = params.integer("orderId"), params.integer("fromId")
    start, end = params.integer("startTime"), params.integer("endTime")
    if first is not None and (start, end) != (None, None):
        raise Refusal(-1128)
    if first is None and order is None:
        _, end = params.window(ms(state.now), _DAYS)
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


@TABLE.enter("GET", "adlQuantile", weight=5)
def adl(venue: Venue, params: Params) -> Any:
    """Ranks for auto-deleveraging: nobody is deleveraged here."""
    return [{"symbol": symbol, "adlQuantile": {"BOTH": 0}} for symbol in params.symbols(venue.state.instruments)]


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
