"""What only a test or a person at the machine may ask: to step the market, to look at the oracle."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tradebot.exchange import answers
from tradebot.exchange.margins import Margins
from tradebot.exchange.orders import Order
from tradebot.exchange.pacing import Pacer
from tradebot.exchange.venue import Venue
from tradebot.exchange.wire import amount, ms, text


def control_routes(venue: Venue, stepper: Pacer | None) -> list[Route]:
    """Routes under ``/control``; ``stepper`` moves the market where it does not move by itself."""

    async def ledger(request: Request) -> Response:
        return reply(oracle(venue))

    async def step(request: Request) -> Response:
        if stepper is None:
            return reply({"error": "The market moves by itself: start the exchange stepped."}, 409)
        phase = await stepper.step()
        if phase is None:
            return reply({"over": True})
        told = {"over": False, "phase": phase.name, "symbol": phase.symbol, "ts": phase.ts}
        return reply(told | {"endsStep": phase.ends_step, "now": venue.state.now})

    return [
        Route("/control/ledger", ledger, methods=["GET"]),
        Route("/control/step", step, methods=["POST"]),
    ]


def oracle(venue: Venue) -> dict[str, Any]:
    """What truly happened: orders, executions by client id, positions, money, and how the budgets were used."""
    state, asset = venue.state, venue.state.settings.asset
    orders = [answers.order_found(order) for order in state.orders]
    placed: dict[str, int] = {}
    for record in (*(order for order in state.orders), *(algo for algo in state.algos)):
        if not (isinstance(record, Order) and record.original_kind != record.kind):
            placed[record.client_id] = placed.get(record.client_id, 0) + 1
    return {
        "now": ms(state.now),
        "orders": orders,
        "algoOrders": [answers.algo_found(algo) for algo in state.algos],
        "trades": [answers.trade(row, asset) | {"clientOrderId": row.order.client_id} for row in state.account.trades],
        "income": [answers.income(row, asset) for row in state.account.income],
        "positions": {symbol: text(held.quantity) for symbol, held in state.account.positions.items()},
        "wallet": amount(state.account.wallet),
        "equity": amount(Margins(state).equity),
        "placedByClientId": placed,
        "requests": venue.budgets.requests,
        "mostInWindow": venue.budgets.most,
        "answered429": venue.budgets.refused,
        "requestsWhileBanned": venue.budgets.while_banned,
    }


def reply(told: Any, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(msgspec.json.encode(told), status, media_type="application/json")
