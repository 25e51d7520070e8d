"""Limits of the configuration beside what is used of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from tradebot.api.record import read
from tradebot.api.schemas.trading import RiskLimit
from tradebot.api.services import Services
from tradebot.core.interval import DAY

_POINTS: Final = 20_000
_ORDERS: Final = 1_000


def limits_of(services: Services) -> list[RiskLimit]:
    """Each limit that is set. Drawdown is measured over the last 20,000 points of the equity curve."""
    if services.bot is None:
        return []
    configuration, status = services.bot.configuration, services.bot.snapshot.status
    trading: Mapping[str, Any] = configuration.get("trading", {})
    rules: Mapping[str, Any] = configuration.get("risk_management", {})
    equity, now = status.get("equity"), int(status.get("ts", 0))
    return [
        *_limit("max_positions", len(status.get("positions", [])), trading.get("max_positions"), "count"),
        *_limit("max_exposure", _share(status.get("gross_notional"), equity), trading.get("max_exposure"), "fraction"),
        *_limit("max_drawdown", _drawdown(services, equity), _percent(trading.get("max_drawdown_pct")), "fraction"),
        *_limit("max_daily_trades", _entries(services, now), rules.get("max_daily_trades"), "count"),
        *_limit("max_daily_loss", _loss(services, equity, now), rules.get("max_daily_loss"), "money"),
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


def _drawdown(services: Services, equity: Any) -> float | None:
    points = read(services, lambda it: it.equity(limit=_POINTS))
    if equity is None or not points:
        return None
    peak = max(float(equity), *(float(point.equity) for point in points))
    return 1 - float(equity) / peak if peak > 0 else None


def _entries(services: Services, now: int) -> float:
    begun = now // DAY * DAY
    orders = read(services, lambda it: it.orders(limit=_ORDERS))
    return sum(1 for order in orders if order.created >= begun and not order.reduce_only and order.filled)


def _loss(services: Services, equity: Any, now: int) -> float | None:
    if equity is None or not now:
        return None
    opening = services.days.opening(services.account, now // DAY * DAY)
    return None if opening is None else max(opening - float(equity), 0.0)
