"""Our books beside the broker's, and a comparison out of turn."""

from __future__ import annotations

import structlog
from fastapi import APIRouter

from tradebot.api.access.roles import Operator
from tradebot.api.problems import RequestError, responses
from tradebot.api.routes.bot import bot_of
from tradebot.api.schemas.reconciliation import ComparedThing, Reconciliation
from tradebot.api.schemas.trading import Accepted
from tradebot.api.schemas.values import moment
from tradebot.api.services import Given
from tradebot.core.errors import TradebotError

router = APIRouter(prefix="/reconcile", tags=["trading"], responses=responses(401, 404, 422, 429))

_log = structlog.get_logger("tradebot.api")


@router.get("")
def reconciliation(services: Given) -> Reconciliation:
    """Positions, orders and balance on both sides, as of the broker's last answer; what differs is marked."""
    bot = bot_of(services)
    snapshot = bot.snapshot
    found = snapshot.comparison
    names = ("kind", "name", "ours", "brokers", "differs")
    compared = () if found is None else found.compared
    return Reconciliation(
        account=bot.account,
        time=None if found is None else moment(found.ts),
        is_simulated=bool(snapshot.status.get("broker", {}).get("is_simulated", bot.mode == "paper")),
        compared=[ComparedThing(**{name: getattr(each, name) for name in names}) for each in compared],
        differences=0 if found is None else found.differences,
        quarantined=[each["symbol"] for each in snapshot.status.get("markets", []) if each["quarantined"]],
        halted=services.redactor.text(snapshot.status.get("halted", "")),
    )


@router.post("", status_code=202, responses=responses(403, 409))
def reconcile(services: Given, operator: Operator) -> Accepted:
    """Have the bot ask its broker now, and not at its next turn."""
    bot = bot_of(services)
    try:
        bot.compare()
    except TradebotError as error:
        raise RequestError(409, error.fact, place=error.place, mend=error.mend) from None
    _log.info("operator", action="reconcile", operator=operator.name, way=operator.way, account=bot.account)
    return Accepted(action="reconcile", account=bot.account)
