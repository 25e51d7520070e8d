"""Notes of operators on trades."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from tradebot.api.access.roles import Operator
from tradebot.api.problems import RequestError, responses
from tradebot.api.record import read, shown
from tradebot.api.schemas.trading import Note, NoteText
from tradebot.api.schemas.values import Symbol
from tradebot.api.services import Given
from tradebot.store.operators import OperatorsBook

router = APIRouter(tags=["trading"], responses=responses(401, 403, 404, 413, 415, 422, 429, 503))

_TradeId = Annotated[str, Path(min_length=1, max_length=100, description="`trade_id` of the trade, as /fills tells it")]


@router.put("/fills/{symbol}/{trade_id}/note")
def write(services: Given, operator: Operator, symbol: Symbol, trade_id: _TradeId, body: NoteText) -> Note:
    """Write a note on a trade, in place of an earlier one; `/fills` shows it, and `/audit` who wrote it."""
    found = read(services, lambda it: it.fills(symbol=symbol, trade_id=trade_id, limit=1))
    if not found or services.account is None:
        raise RequestError(404, "there is no such trade", place="trade_id", mend="GET /api/v1/fills lists them.")
    return shown(
        services, Note, OperatorsBook(services.account).note(symbol, trade_id, body.text.strip(), operator.name)
    )
