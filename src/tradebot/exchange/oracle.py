"""The oracle of tests: what truly happened, whatever a client was told."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tradebot.exchange import answers
from tradebot.exchange.margins import Margins
from tradebot.exchange.venue import Venue
from tradebot.exchange.wire import amount, ms, text


def ledger(venue: Venue) -> dict[str, Any]:
    """Orders, executions, positions and money; orders placed by each client id; how the budgets were used.

    ``placedByClientId`` counts the orders that were taken under an id, ``executedByClientId`` those that traded: more
    than one means that something was sent twice.
    """
    state, asset = venue.state, venue.state.settings.asset
    plain = [order for order in state.orders if order.kind == order.original_kind]
    placed = Counter([order.client_id for order in plain] + [algo.client_id for algo in state.algos])
    executed = Counter(order.client_id for order in state.orders if order.executed)
    trades = [answers.trade(row, asset) | {"clientOrderId": row.order.client_id} for row in state.account.trades]
    return {
        "now": ms(state.now),
        "orders": [answers.order_found(order) for order in state.orders],
        "algoOrders": [answers.algo_found(algo) for algo in state.algos],
        "trades": trades,
        "income": [answers.income(row, asset) for row in state.account.income],
        "positions": {symbol: text(held.quantity) for symbol, held in state.account.positions.items()},
        "wallet": amount(state.account.wallet),
        "equity": amount(Margins(state).equity),
        "placedByClientId": placed,
        "executedByClientId": executed,
        "userMessages": venue.hub.told,
        "requests": venue.budgets.requests,
        "mostInWindow": venue.budgets.most,
        "answered429": venue.budgets.refused,
        "requestsWhileBanned": venue.budgets.while_banned,
    }
