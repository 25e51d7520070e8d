"""Orders by hand: placed, taken back, and positions closed, each answered by the bot itself."""

from __future__ import annotations

from typing import Annotated, Any, Final

import structlog
from fastapi import APIRouter, Query
from tradebot_native import OrderIntent

from tradebot.api.access.roles import Identity, Operator
from tradebot.api.idempotency import Key, RefusedError, once
from tradebot.api.problems import RequestError, responses
from tradebot.api.record import read
from tradebot.api.routes.bot import bot_of
from tradebot.api.schemas.orders import OrderAnswer, PlaceOrder
from tradebot.api.schemas.trading import Told
from tradebot.api.schemas.values import Symbol
from tradebot.api.services import Given, Services
from tradebot.core.errors import TradebotError
from tradebot.core.event import OperatorAction
from tradebot.engine.operating import BY_HAND

router = APIRouter(tags=["trading"], responses=responses(401, 403, 404, 409, 422, 429, 503))

_Reason = Annotated[str, Query(max_length=200, description="one sentence, for the audit")]
# The price each type of order is given by.
_TERMS: Final = {"market": None, "limit": "price", "stop": "trigger"}
_log: Final = structlog.get_logger("tradebot.api")


@router.post("/orders", status_code=202, responses=responses(413, 415))
def place(services: Given, operator: Operator, body: PlaceOrder, idempotency_key: Key = None) -> OrderAnswer:
    """Place an order through the limits and rules of the bot, whose verdict is the answer.

    With an `Idempotency-Key` it is placed once, however often it is sent: the same answer is given for a day, over
    restarts of the server too.
    """
    _check(services, body)
    terms = {name: getattr(body, name) for name in ("price", "trigger", "stop_loss", "take_profit", "reduce_only")}
    intent = OrderIntent(body.symbol, body.side, body.quantity, type=body.type, tag=BY_HAND, **terms)
    return once(
        bot_of(services).folder,
        operator.name,
        idempotency_key,
        body,
        lambda: _ask(services, operator, OperatorAction.PLACE, body.symbol, body.reason, intent=intent),
    )


@router.delete("/orders/{order_id}", status_code=202)
def cancel(services: Given, operator: Operator, order_id: str, reason: _Reason = "") -> OrderAnswer:
    """Take an order back. The stop of an open position stays: close the position instead."""
    bot_of(services)
    found = read(services, lambda it: it.orders(order_id=order_id, limit=1))
    if not found:
        raise RequestError(404, "there is no such order", place="order_id", mend="GET /api/v1/orders lists them.")
    return _ask(services, operator, OperatorAction.CANCEL, found[0].symbol, reason, order_id=order_id)


@router.post("/positions/{symbol}/close", status_code=202, responses=responses(413, 415))
def close(services: Given, operator: Operator, symbol: Symbol, body: Told) -> OrderAnswer:
    """Close the position in one market by a market order; its exits go with it. A halted bot does it too."""
    _check_traded(services, symbol)
    return _ask(services, operator, OperatorAction.CLOSE, symbol, body.reason, symbol=symbol)


def _check(services: Services, body: PlaceOrder) -> None:
    _check_traded(services, body.symbol)
    needed = _TERMS[body.type]
    for name in ("price", "trigger"):
        if name == needed and getattr(body, name) is None:
            raise RequestError(422, f"a {body.type} order needs one", place=name, mend="Give it.")
        if name != needed and getattr(body, name) is not None:
            raise RequestError(422, f"a {body.type} order has none", place=name, mend="Leave it out.")
    for name in ("stop_loss", "take_profit"):
        if body.reduce_only and getattr(body, name) is not None:
            raise RequestError(422, "an order that only reduces has no exits", place=name, mend="Leave it out.")


def _check_traded(services: Services, symbol: str) -> None:
    bot = bot_of(services)
    if symbol not in bot.symbols:
        mend = f"It trades {', '.join(bot.symbols)}."
        raise RequestError(422, f"the bot does not trade {symbol}", place="symbol", mend=mend)


def _ask(
    services: Services, operator: Identity, action: OperatorAction, market: str, reason: str, **what: Any
) -> OrderAnswer:
    bot = bot_of(services)
    try:
        answer = bot.ask(action, operator.name, reason, **what)
    except TradebotError as error:
        raise RequestError(409, error.fact, place=error.place, mend=error.mend) from None
    told = {"action": action.value, "operator": operator.name, "way": operator.way, "account": bot.account}
    _log.info("operator", **told, symbol=market, reason=reason, allowed=None if answer is None else answer.allowed)
    if answer is not None and not answer.allowed:
        why = f": {answer.reason}" if answer.reason else ""
        raise RefusedError(
            409, f"the bot refuses it{why}", place=answer.rule, mend="GET /api/v1/risk shows the limits."
        )
    return OrderAnswer(
        action=action.value,  # type: ignore[arg-type]
        account=bot.account,
        symbol=market,
        order_id="" if answer is None else answer.order_id,
        is_decided=answer is not None,
    )
