"""The paper account."""

from __future__ import annotations

from typing import Final

import msgspec
import structlog
from fastapi import APIRouter

from tradebot.api.access.roles import Operator
from tradebot.api.bot import BotHandle
from tradebot.api.problems import RequestError, responses
from tradebot.api.routes.bot import bot_of
from tradebot.api.schemas.trading import Accepted, Confirmed, Simulation
from tradebot.api.services import Given, Services
from tradebot.app.paper import paper_account
from tradebot.core.errors import TradebotError
from tradebot.store.account_file import FILE
from tradebot.store.operators import OperatorsBook

router = APIRouter(prefix="/simulation", tags=["trading"], responses=responses(401, 404, 409, 422, 429, 503))

_log: Final = structlog.get_logger("tradebot.api")


@router.get("/status")
def status(services: Given) -> Simulation:
    """The paper account at a glance."""
    bot = _paper(services)
    if not (bot.folder / FILE).exists():
        return Simulation(account=bot.account, initial_balance=float(bot.configuration["broker"]["initial_balance"]))
    return Simulation(**msgspec.structs.asdict(paper_account(bot.folder)))


@router.post("/reset", status_code=202, responses=responses(403, 413, 415))
def reset(services: Given, operator: Operator, body: Confirmed) -> Accepted:
    """Set the record of the paper account aside and begin anew with its first balance."""
    bot = _paper(services)
    if body.confirm != bot.account:
        mend = f'Send "confirm": "{bot.account}".'
        raise RequestError(422, "it is not the name of the account", place="confirm", mend=mend)
    book, told = OperatorsBook(bot.folder), f"reset: {body.reason}" if body.reason else "reset"
    try:
        with book.act("SimulationReset", operator.name, told):
            bot.reset()
    except TradebotError as error:
        raise RequestError(409, error.fact, place=error.place, mend=error.mend) from None
    if not book.path.exists():
        # The first went with the record that was set aside; the new one begins with why there is a new one.
        book.add("SimulationReset", operator.name, told)
    _log.info(
        "operator", action="reset", operator=operator.name, way=operator.way, account=bot.account, reason=body.reason
    )
    return Accepted(action="reset", account=bot.account)


def _paper(services: Services) -> BotHandle:
    bot = bot_of(services)
    if bot.mode != "paper":
        raise RequestError(409, "the bot trades live", place="bot", mend="Only a paper account is a simulation.")
    return bot
