"""Heat maps and verifications: asked for, watched, canceled, read."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from tradebot.api.access.roles import Operator
from tradebot.api.backtests.asking import grid_of, verification_of
from tradebot.api.backtests.desk import Job
from tradebot.api.backtests.studies import GridWork
from tradebot.api.problems import RequestError, responses
from tradebot.api.schemas.research import BacktestRequest
from tradebot.api.schemas.studies import Grid, GridDetail, GridRequest, Verification, VerificationDetail
from tradebot.api.schemas.values import Cursor, Limit, Page, number_of, page
from tradebot.api.services import Given, Services
from tradebot.core.instant import to_datetime

router = APIRouter(tags=["research"], responses=responses(401, 422, 429))

_asks = responses(403, 413, 415)
_one = responses(404)


@router.post("/grids", status_code=202, responses=_asks)
def ask_grid(services: Given, operator: Operator, request: GridRequest, response: Response) -> GridDetail:
    """Queue a backtest for every pair of values of two parameters: the heat map of `/grids/{id}` once it is done."""
    job = services.backtests.submit(grid_of(request, services))
    response.headers["Location"] = f"/api/v1/grids/{job.work.id}"
    return _grid(job)


@router.get("/grids")
def grids(services: Given, limit: Limit = 50, cursor: Cursor = None) -> Page[Grid]:
    """Grids that were asked for since the server began, the newest first."""
    found = services.backtests.jobs("grid", before=number_of(cursor))
    return page(found, limit, shown=lambda job: Grid(**_shared(job), **_axes(job)), mark=lambda job: job.created)


@router.get("/grids/{id}", responses=_one)
def grid(services: Given, id: UUID) -> GridDetail:
    """One grid: its state, and its matrices once it is done."""
    return _grid(_job(services, id, "grid"))


@router.delete("/grids/{id}", responses=_one | responses(403))
def cancel_grid(services: Given, operator: Operator, id: UUID) -> GridDetail:
    """Cancel a grid that waits or runs; the answer is how it was."""
    job = _job(services, id, "grid")
    shown = _grid(job)
    services.backtests.cancel(job)
    return shown


@router.post("/verifications", status_code=202, responses=_asks)
def ask_verification(
    services: Given, operator: Operator, request: BacktestRequest, response: Response
) -> VerificationDetail:
    """Queue the checks of `tradebot verify`: looking ahead, start, forms, streaming; what costs and delay do to it."""
    job = services.backtests.submit(verification_of(request, services))
    response.headers["Location"] = f"/api/v1/verifications/{job.work.id}"
    return _verification(job)


@router.get("/verifications")
def verifications(services: Given, limit: Limit = 50, cursor: Cursor = None) -> Page[Verification]:
    """Verifications that were asked for since the server began, the newest first."""
    found = services.backtests.jobs("verification", before=number_of(cursor))
    return page(
        found,
        limit,
        shown=lambda job: Verification(**_shared(job), passed=(job.result or {}).get("passed")),
        mark=lambda job: job.created,
    )


@router.get("/verifications/{id}", responses=_one)
def verification(services: Given, id: UUID) -> VerificationDetail:
    """One verification: its state, and its table once it is done."""
    return _verification(_job(services, id, "verification"))


@router.delete("/verifications/{id}", responses=_one | responses(403))
def cancel_verification(services: Given, operator: Operator, id: UUID) -> VerificationDetail:
    """Cancel a verification that waits or runs; the answer is how it was."""
    job = _job(services, id, "verification")
    shown = _verification(job)
    services.backtests.cancel(job)
    return shown


def _job(services: Services, wanted: UUID, kind: str) -> Job:
    job = services.backtests.job(wanted, kind)
    if job is None:
        mend = f"GET /api/v1/{kind}s lists them."
        raise RequestError(404, f"there is no {kind} {wanted}", place="id", mend=mend)
    return job


def _shared(job: Job) -> dict[str, Any]:
    work = job.work
    return {
        "id": str(work.id),
        "symbol": work.symbol,
        "strategy": work.strategy,
        "start_date": work.start,
        "end_date": work.end,
        "initial_balance": work.cash,
        "timeframes": [work.interval, *work.roles],
        "params": work.params,
        "state": job.state,
        "progress": job.progress,
        "error": job.error,
        "created": to_datetime(job.created),
    }


def _axes(job: Job) -> dict[str, Any]:
    assert isinstance(job.work, GridWork)  # noqa: S101 - the desk keeps kinds apart
    return {
        axis: {"name": name, "values": list(values)} for axis, (name, values) in (("x", job.work.x), ("y", job.work.y))
    }


def _grid(job: Job) -> GridDetail:
    return GridDetail(**_shared(job), **_axes(job), **(job.result or {"figures": {}, "refused": []}))


def _verification(job: Job) -> VerificationDetail:
    found = job.result or {}
    checks = found.get("checks", ())
    return VerificationDetail(**_shared(job), passed=found.get("passed"), bars=found.get("bars", 0), checks=checks)
