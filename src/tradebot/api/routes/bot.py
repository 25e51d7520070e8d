"""The bot: how it stands, and what an operator may tell it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

import structlog
from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from tradebot.api.access.roles import Identity, Operator
from tradebot.api.bot import BotHandle
from tradebot.api.problems import RequestError, responses
from tradebot.api.schemas.trading import Accepted, BotStatus, Confirmed, Markets, Start, Told
from tradebot.api.schemas.values import moment
from tradebot.api.services import Given, Services
from tradebot.app.watching import BotSnapshot
from tradebot.core.errors import JournalError, TradebotError
from tradebot.core.event import OperatorAction
from tradebot.store.accounts import written_at

router = APIRouter(prefix="/bot", tags=["trading"], responses=responses(401, 422, 429))

_acts = responses(403, 404, 409, 413, 415, 503)
_ACCOUNT: Final = (
    "equity", "cash", "realized_pnl", "fees", "gross_notional", "margin_used", "free_margin",
)  # fmt: skip
_log = structlog.get_logger("tradebot.api")


@router.get("", response_model=BotStatus)
async def status(services: Given) -> Response:
    """How the bot stood a quarter of a second ago at most."""
    told: Mapping[str, Any] = services.bot.snapshot.status if services.bot is not None else {}
    if services.days.knows(told.get("run_id", ""), int(told.get("ts") or 0)):
        shown = status_of(services)
    else:
        # The ledger is read for it, which may take long: the loop serves halts and streams.
        shown = await run_in_threadpool(status_of, services)
    return Response(shown.model_dump_json(), media_type="application/json")


@router.post("/start", status_code=202, responses=_acts)
def start(services: Given, operator: Operator, body: Start) -> Accepted:
    """Start the bot; one that trades live needs the account's name as confirmation."""
    bot = bot_of(services)
    if bot.mode == "live":
        _check_confirmed(bot, body.confirm)
    return _done(bot, operator, "start", body.reason, bot.start)


@router.post("/stop", status_code=202, responses=_acts)
def stop(services: Given, operator: Operator, body: Told) -> Accepted:
    """End the bot in good order: exits that rest at the venue stay."""
    bot = bot_of(services)
    return _done(bot, operator, "stop", body.reason, lambda: bot.stop(_reason(body, operator)))


@router.post("/pause", status_code=202, responses=_acts)
def pause(services: Given, operator: Operator, body: Told) -> Accepted:
    """Open nothing new; exits go on."""
    return _tell(services, operator, OperatorAction.PAUSE, body)


@router.post("/resume", status_code=202, responses=_acts)
def resume(services: Given, operator: Operator, body: Told) -> Accepted:
    """Open positions again after a pause."""
    return _tell(services, operator, OperatorAction.RESUME, body)


@router.post("/cancel-entries", status_code=202, responses=_acts)
def cancel_entries(services: Given, operator: Operator, body: Told) -> Accepted:
    """Take back every order that would open a position; exits of what is held stay."""
    return _tell(services, operator, OperatorAction.CANCEL_ALL, body, name="cancel-entries")


@router.post("/halt", status_code=202, responses=_acts)
def halt(services: Given, operator: Operator, body: Confirmed) -> Accepted:
    """Take back every entry and open nothing until released. It holds with the bot hung or dead."""
    _check_confirmed(bot_of(services), body.confirm)
    return _tell(services, operator, OperatorAction.HALT, body)


@router.post("/flatten", status_code=202, responses=_acts)
def flatten(services: Given, operator: Operator, body: Confirmed) -> Accepted:
    """Halt, and close every position."""
    _check_confirmed(bot_of(services), body.confirm)
    return _tell(services, operator, OperatorAction.FLATTEN, body)


@router.post("/release", status_code=202, responses=_acts)
def release(services: Given, operator: Operator, body: Told) -> Accepted:
    """End a halt."""
    return _tell(services, operator, OperatorAction.RELEASE, body)


def bot_of(services: Services) -> BotHandle:
    """The bot.

    Raises
    ------
    RequestError : none runs in this process.
    """
    if services.bot is None:
        raise RequestError(404, "no bot is served here", place="bot", mend="`tradebot up CONFIG` serves one.")
    return services.bot


def status_of(services: Services) -> BotStatus:
    """The bot at a glance, from its last snapshot."""
    bot = services.bot
    nothing: dict[str, Any] = {"state": "", "run_id": "", "halted": "", "error": "", "time": None, "taken": None}
    if bot is None:
        account = "" if services.account is None else services.account.name
        told: dict[str, Any] = {
            "account": account,
            "symbols": [],
            "strategy": "",
            "interval": "",
            "started": None,
            "mode": "",
        }
        return BotStatus(phase="absent", **nothing, **told)
    snapshot = bot.snapshot
    found: dict[str, Any] = dict(snapshot.status)
    markets = [
        Markets(
            last_bar=moment(each["last_bar_ts"]),
            unresolved=int(each["unresolved"]),
            **{name: each[name] for name in ("symbol", "bars", "is_warm", "is_fresh", "quarantined", "failures")},
        )
        for each in found.get("markets", [])
    ]
    money: dict[str, Any] = {name: found.get(name) for name in _ACCOUNT}
    loss = bot.configuration.get("risk_management", {}).get("max_daily_loss")
    limit, day_pnl = None if loss is None else float(loss), _day_pnl(services, found)
    return BotStatus(
        phase=snapshot.phase,
        state=found.get("state", "") if snapshot.phase in ("running", "stopping") else "",
        mode=bot.mode,  # type: ignore[arg-type]
        account=bot.account,
        run_id=snapshot.run_id,
        symbols=list(bot.symbols),
        strategy=_strategy(bot.configuration),
        interval=str(bot.configuration.get("data", {}).get("interval", "")),
        time=moment(found.get("ts")),
        taken=moment(snapshot.taken),
        started=moment(snapshot.started),
        halted=services.redactor.text(found.get("halted", "")),
        stand_in=services.redactor.text(found.get("stand_in", "")),
        error=services.redactor.text(snapshot.error),
        day_pnl=day_pnl,
        day_loss_limit=limit,
        day_loss_used=None if day_pnl is None or not limit else max(-day_pnl, 0.0) / limit,
        performance=found.get("performance", {}),
        markets=markets,
        positions=len(found.get("positions", [])),
        open_orders=len(found.get("orders", [])),
        **_health_of(services, bot, snapshot),
        **money,
    )


def _health_of(services: Services, bot: BotHandle, snapshot: BotSnapshot) -> dict[str, Any]:
    """How old what it knows is, and what is wrong with where it knows it from."""
    now, status = time.time_ns(), snapshot.status
    clock: Mapping[str, Any] = status.get("clock", {})
    moments = {"data": snapshot.data_at, "broker": snapshot.broker_at, "journal": written_at(bot.folder)}
    ages = {f"{name}_age_s": max(now - at, 0) / 1e9 if at else None for name, at in moments.items()}
    return {
        **ages,
        "clock_skew_ms": clock["skew_ns"] / 1e6 if clock else None,
        "clock_is_off": bool(clock.get("is_off")),
        "is_simulated": bool(status.get("broker", {}).get("is_simulated")),
        "feed_fault": services.redactor.text(status.get("feed", {}).get("fault", "")),
        "broker_fault": services.redactor.text(status.get("broker", {}).get("fault", "")),
        "differences": None if snapshot.comparison is None else snapshot.comparison.differences,
    }


def _strategy(configuration: Any) -> str:
    chosen = configuration.get("strategy", {})
    entry, leave = chosen.get("entry_logic"), chosen.get("exit_logic")
    return f"{entry['name']}+{leave['name']}" if entry and leave else str(chosen.get("type", ""))


def _day_pnl(services: Services, found: dict[str, Any]) -> float | None:
    """Change of equity since the UTC day of the bot's time began."""
    equity, ts = found.get("equity"), found.get("ts")
    if equity is None or not ts:
        return None
    begun = services.days.opening(services.account, found["run_id"], int(ts))
    return None if begun is None else float(equity) - begun


def _tell(services: Services, operator: Identity, action: OperatorAction, body: Told, name: str = "") -> Accepted:
    bot = bot_of(services)
    said = name or action.value
    return _done(bot, operator, said, body.reason, lambda: bot.tell(action, operator.name, _reason(body, operator)))


def _reason(body: Told, operator: Identity) -> str:
    return body.reason or f"asked for by {operator.name}"


def _done(bot: BotHandle, operator: Identity, action: str, reason: str, act: Any) -> Accepted:
    try:
        act()
    except JournalError:
        raise
    except TradebotError as error:
        raise RequestError(409, error.fact, place=error.place, mend=error.mend) from None
    _log.info("operator", action=action, operator=operator.name, way=operator.way, account=bot.account, reason=reason)
    return Accepted(action=action, account=bot.account)


def _check_confirmed(bot: BotHandle, confirm: str) -> None:
    if confirm != bot.account:
        mend = f'Send "confirm": "{bot.account}".'
        raise RequestError(422, "it is not the name of the account", place="confirm", mend=mend)
