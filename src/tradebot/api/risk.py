"""Limits of the configuration beside what is used of them, by the bot's own rules and time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from tradebot.api.record import read
from tradebot.api.schemas.trading import RiskLimit
from tradebot.api.services import Services
from tradebot.core.interval import DAY


def limits_of(services: Services) -> list[RiskLimit]:
    """Each limit that is set, and what the run that the bot is in has used of it.

    Raises
    ------
    JournalError : the record cannot be read.
    """
    if services.bot is None:
        return []
    configuration, status = services.bot.configuration, services.bot.snapshot.status
    trading: Mapping[str, Any] = configuration.get("trading", {})
    rules: Mapping[str, Any] = configuration.get("risk_management", {})
    equity = status.get("equity")
    held = sum(not position.get("is_dust") for position in status.get("positions", []))
    return [
        *_limit("max_positions", held, trading.get("max_positions"), "count"),
        *_limit("max_exposure", _share(status.get("gross_notional"), equity), trading.get("max_exposure"), "fraction"),
        *_limit("max_drawdown", _drawdown(services, status), _percent(trading.get("max_drawdown_pct")), "fraction"),
        *_limit("max_daily_trades", _entries(services, status), rules.get("max_daily_trades"), "count"),
        *_limit("max_daily_loss", _loss(services, status), rules.get("max_daily_loss"), "money"),
    ]


def _limit(
    name: str, used: float | None, limit: Any, unit: Literal["count", "fraction", "money"]
) -> Iterator[RiskLimit]:
    if limit is not None:
        most = float(limit)
        breached = used is not None and (used > most if name in ("max_positions", "max_exposure") else used >= most)
        yield RiskLimit(name=name, used=used, limit=most, unit=unit, is_breached=breached)


def _percent(value: Any) -> float | None:
    return None if value is None else float(value) / 100


def _share(part: Any, whole: Any) -> float | None:
    return float(part) / float(whole) if part is not None and whole else None


def _drawdown(services: Services, status: Mapping[str, Any]) -> float | None:
    equity = status.get("equity")
    peak = None if equity is None else services.days.peak(services.account, status["run_id"])
    return max(1 - float(equity) / peak, 0.0) if equity is not None and peak else None


def _entries(services: Services, status: Mapping[str, Any]) -> float | None:
    if not status:
        return None
    begun, run_id = int(status["ts"]) // DAY * DAY, status["run_id"]
    return next(iter(read(services, lambda it: [it.entries_since(begun, run_id=run_id)])), None)


def _loss(services: Services, status: Mapping[str, Any]) -> float | None:
    equity = status.get("equity")
    if equity is None:
        return None
    base = services.days.loss_base(services.account, status["run_id"], int(status["ts"]))
    return None if base is None else max(base - float(equity), 0.0)
