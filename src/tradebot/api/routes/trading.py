"""What the bot has done and holds: from its record, and where it runs from its last snapshot."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from tradebot.api.holdings import is_live, positions_of
from tradebot.api.noting import notes_on
from tradebot.api.problems import RequestError, responses
from tradebot.api.record import read, shown
from tradebot.api.risk import limits_of
from tradebot.api.schemas.trading import (
    EquityPoint,
    Fill,
    Order,
    OrderStep,
    PlaceInRecord,
    Positions,
    Risk,
    Signal,
    Verdict,
)
from tradebot.api.schemas.values import Cursor, Instant, Limit, Page, number_of, page, place_of
from tradebot.api.seeking import place_of_signals
from tradebot.api.services import Given
from tradebot.api.timeline import timeline_of

router = APIRouter(tags=["trading"], responses=responses(401, 422, 429, 503))

_Symbol = Annotated[str | None, Query(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$", description="only this market")]
_Run = Annotated[str | None, Query(max_length=64, description="only this run")]
_OrderId = Annotated[str | None, Query(max_length=64, description="only this order")]


@router.get("/orders", response_model=Page[Order])
def orders(
    services: Given,
    symbol: _Symbol = None,
    run_id: _Run = None,
    is_open: Annotated[bool, Query(description="only those that may still fill, unknown ones among them")] = False,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """Orders, the newest first."""
    asked: dict[str, Any] = {"run_id": run_id, "symbol": symbol, "is_open": is_open}
    found = read(services, lambda it: it.orders(**asked, before=number_of(cursor), limit=limit + 1))
    told = page(found, limit, shown=lambda row: shown(services, Order, row), mark=lambda row: row.seq)
    return Response(told.model_dump_json(), media_type="application/json")


@router.get("/orders/{order_id}", responses=responses(404))
def order(services: Given, order_id: str) -> Order:
    """One order, by its client id."""
    for row in read(services, lambda it: it.orders(order_id=order_id, limit=1)):
        return shown(services, Order, row)
    raise RequestError(404, "there is no such order", place="order_id", mend="GET /api/v1/orders lists them.")


@router.get("/orders/{order_id}/timeline", responses=responses(404))
def order_timeline(services: Given, order_id: str) -> list[OrderStep]:
    """What became of an order, step by step: signal, review, intent, the venue's answers, its trades."""
    return timeline_of(services, order_id)


@router.get("/fills")
def fills(
    services: Given,
    symbol: _Symbol = None,
    run_id: _Run = None,
    order_id: _OrderId = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[Fill]:
    """Trades, the newest first."""
    asked: dict[str, Any] = {"run_id": run_id, "symbol": symbol, "order_id": order_id}
    found = read(services, lambda it: it.fills(**asked, before=place_of(cursor), limit=limit + 1))
    notes = notes_on(services, found)
    return page(
        found,
        limit,
        shown=lambda row: shown(services, Fill, row, note=notes.get((row.symbol, row.trade_id), "")),
        mark=lambda row: f"{row.ts}.{row.row}",
    )


@router.get("/positions", response_model=Positions)
async def positions(services: Given) -> Response:
    """What is held, with the exits that rest for it."""
    found = positions_of(services) if is_live(services) else await run_in_threadpool(positions_of, services)
    return Response(found.model_dump_json(), media_type="application/json")


@router.get("/equity")
def equity(services: Given, run_id: _Run = None, limit: Limit = 500, cursor: Cursor = None) -> Page[EquityPoint]:
    """Points of the equity curve, the newest first."""
    found = read(services, lambda it: it.equity(run_id=run_id, before=number_of(cursor), limit=limit + 1))
    return page(found, limit, shown=lambda row: shown(services, EquityPoint, row), mark=lambda row: row.seq)


@router.get("/signals")
def signals(
    services: Given, symbol: _Symbol = None, run_id: _Run = None, limit: Limit = 100, cursor: Cursor = None
) -> Page[Signal]:
    """What the strategy said, the newest first; `/risk/verdicts` tells what became of it."""
    asked: dict[str, Any] = {"run_id": run_id, "symbol": symbol}
    found = read(services, lambda it: it.signals(**asked, before=number_of(cursor), limit=limit + 1))
    return page(found, limit, shown=lambda row: shown(services, Signal, row), mark=lambda row: row.seq)


@router.get("/signals/place")
def place_of_a_time(
    services: Given, until: Annotated[Instant, Query(description="of the market, as /signals tells it")]
) -> PlaceInRecord:
    """Where to turn to in `/signals` for what the strategy said up to a time."""
    return PlaceInRecord(cursor=place_of_signals(services, until))


@router.get("/risk")
def risk(services: Given) -> Risk:
    """Each limit, and how much of it is used."""
    return Risk(limits=limits_of(services))


@router.get("/risk/verdicts")
def verdicts(
    services: Given,
    symbol: _Symbol = None,
    run_id: _Run = None,
    allowed: Annotated[bool | None, Query(description="only those that allowed, or only those that refused")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[Verdict]:
    """What the risk review said of each order, the newest first."""
    asked: dict[str, Any] = {"run_id": run_id, "symbol": symbol, "allowed": allowed}
    found = read(services, lambda it: it.verdicts(**asked, before=number_of(cursor), limit=limit + 1))
    return page(found, limit, shown=lambda row: shown(services, Verdict, row), mark=lambda row: row.seq)
