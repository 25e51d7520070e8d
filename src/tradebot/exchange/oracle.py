"""The oracle of tests: what truly happened, whatever a client was told."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tradebot.exchange import answers
from tradebot.exchange.margins import Margins
from tradebot.exchange.orders import ZERO, Algo
from tradebot.exchange.spot import answers as spot_answers
from tradebot.exchange.spot.market import SpotMarket
from tradebot.exchange.state import State
from tradebot.exchange.venue import Venue
from tradebot.exchange.wire import amount, ms, text


def ledger(venue: Venue) -> dict[str, Any]:
    """Orders, executions, positions and money; orders placed by each client id; how the budgets were used.

    ``placedByClientId`` counts the orders that were taken under an id, ``executedByClientId`` those that traded: more
    than one means that something was sent twice. On spot a position is what trades have brought beyond the balances at
    the start, and the wallet is the money.
    """
    told = _of_futures(venue.state) if venue.spot is None else _of_spot(venue.state, venue.spot)
    return told | {
        "now": ms(venue.state.now),
        "userMessages": venue.hub.told,
        "requests": venue.budgets.requests,
        "mostInWindow": venue.budgets.most,
        "answered429": venue.budgets.refused,
        "requestsWhileBanned": venue.budgets.while_banned,
    }


def _of_futures(state: State) -> dict[str, Any]:
    asset = state.settings.asset
    plain = [order for order in state.orders if order.kind == order.original_kind]
    placed = Counter([order.client_id for order in plain] + [algo.client_id for algo in state.algos])
    executed = Counter(order.client_id for order in state.orders if order.executed)
    trades = [answers.trade(row, asset) | {"clientOrderId": row.order.client_id} for row in state.account.trades]
    return {
        "orders": [answers.order_found(order) for order in state.orders],
        "algoOrders": [_algo(algo) for algo in state.algos],
        "trades": trades,
        "income": [answers.income(row, asset) for row in state.account.income],
        "positions": {symbol: text(held.quantity) for symbol, held in state.account.positions.items()},
        "wallet": amount(state.account.wallet),
        "equity": amount(Margins(state).equity),
        "placedByClientId": placed,
        "executedByClientId": executed,
    }


def _algo(algo: Algo) -> dict[str, Any]:
    executed = text(algo.order.executed) if algo.order else "0"
    return answers.algo_found(algo) | answers.algo_placed(algo) | {"actualQty": executed}


def _of_spot(state: State, spot: SpotMarket) -> dict[str, Any]:
    account, settings = spot.account, state.settings
    totals = account.wallet.totals
    worth = sum((totals[each.base] * state.mark(symbol) for symbol, each in state.instruments.items()), ZERO)
    begun = {each.base: settings.balances.get(each.base, ZERO) for each in settings.instruments}
    positions = {each.symbol: text(totals[each.base] - begun[each.base]) for each in settings.instruments}
    rows = account.wallet.trades
    trades = [spot_answers.trade(row) | {"clientOrderId": row.order.client_id, "side": row.order.side} for row in rows]
    return {
        "orders": [spot_answers.found(order) for order in account.orders],
        "algoOrders": [],
        "trades": trades,
        "positions": positions,
        "balances": {asset: amount(total) for asset, total in totals.items()},
        "locked": {asset: amount(locked) for asset, locked in account.locked().items()},
        "wallet": amount(totals[settings.asset]),
        "equity": amount(totals[settings.asset] + worth),
        "placedByClientId": Counter(order.client_id for order in account.orders),
        "executedByClientId": Counter(order.client_id for order in account.orders if order.executed),
    }
