"""Backtests: asked for, watched, canceled, compared, read."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

import msgspec
from fastapi import APIRouter, Query, Response
from fastapi.responses import HTMLResponse

from tradebot.api.access.roles import Operator
from tradebot.api.backtests.asking import work_of
from tradebot.api.backtests.reporting import check_drawable, report_of
from tradebot.api.backtests.showing import all_backtests, kept_run, of_job, one_backtest
from tradebot.api.backtests.tables import equity_of, rows_of
from tradebot.api.etag import Condition, is_current
from tradebot.api.problems import RequestError, responses
from tradebot.api.schemas.research import (
    Backtest,
    BacktestDetail,
    BacktestRequest,
    Comparison,
    ComparisonRow,
    EquityCurve,
    FigureDefinition,
    Table,
)
from tradebot.api.schemas.values import Cursor, Limit, Offset, Page, moment, number_of, page
from tradebot.api.services import Given
from tradebot.core.instant import to_ns

router = APIRouter(prefix="/backtests", tags=["research"], responses=responses(401, 422, 429))

# Each is a file to be read.
_Few = Annotated[int, Query(ge=1, le=200, description="most items of a page")]
_gone = responses(404, 409, 410)
_ALONE: Final = (
    "sandbox allow-scripts allow-downloads; default-src 'none'; script-src 'unsafe-inline'; "
    "style-src 'unsafe-inline'; img-src data:; font-src data:"
)


@router.post("", status_code=202, responses=responses(403, 413, 415))
def ask(services: Given, operator: Operator, request: BacktestRequest, response: Response) -> Backtest:
    """Queue a backtest. Its progress is told at `/backtests/{id}` and on the stream's topic `backtests`."""
    job = services.backtests.submit(work_of(request, services))
    response.headers["Location"] = f"/api/v1/backtests/{job.work.id}"
    return of_job(job)


@router.get("")
def backtests(services: Given, limit: _Few = 50, cursor: Cursor = None) -> Page[Backtest]:
    """Backtests that wait, run, came to nothing or were kept, the newest first."""
    found = all_backtests(services, limit + 1, moment(number_of(cursor)))
    return page(found, limit, shown=lambda each: each, mark=lambda each: to_ns(each.created))


@router.get("/compare", responses=_gone)
def compare(
    services: Given, ids: Annotated[list[UUID], Query(alias="id", min_length=2, max_length=8, description="the runs")]
) -> Comparison:
    """Finished backtests side by side: figures, and the settings that differ."""
    from tradebot.research.runs.comparison import compare as compared

    records = [kept_run(services, each) for each in ids]
    if len({record.id for record in records}) < len(records):
        raise RequestError(422, "a run is given twice", place="id", mend="Give each once.")
    found = compared(services.runs, records)
    figures, settings = (
        [ComparisonRow(label=row.label, cells=list(row.cells), differs=row.differs) for row in rows]
        for rows in (found.figures, found.settings)
    )
    return Comparison(runs=[str(record.id) for record in found.runs], figures=figures, settings=settings)


@router.get("/figures")
def figures() -> list[FigureDefinition]:
    """What each figure in the statistics of a backtest means, in the order a report has them."""
    from tradebot.research.statistics.definitions import FIGURES, TRADE_FIGURES

    return [FigureDefinition.model_validate(msgspec.structs.asdict(each)) for each in FIGURES + TRADE_FIGURES]


@router.get("/{id}", responses=_gone)
def backtest(services: Given, id: UUID) -> BacktestDetail:
    """One backtest: its state, and its figures once it is done."""
    return one_backtest(services, id)


@router.delete("/{id}", responses=_gone | responses(403))
def cancel(services: Given, operator: Operator, id: UUID) -> BacktestDetail:
    """Cancel a backtest that waits or runs, or delete one that is done; the answer is how it was."""
    shown = one_backtest(services, id)
    job = services.backtests.job(id)
    if job is not None and not job.is_over:
        services.backtests.cancel(job)
    elif shown.state == "done":
        services.runs.delete(id.hex)
    return shown


@router.get("/{id}/trades", responses=_gone)
def trades(services: Given, id: UUID, limit: Limit = 100, offset: Offset = 0) -> Table:
    """Closed trades, by exit time."""
    return rows_of(services.runs, kept_run(services, id), "trades", limit, offset)


@router.get("/{id}/equity", responses=_gone)
def equity(
    services: Given, id: UUID, points: Annotated[int, Query(ge=2, le=20_000, description="most points")] = 2_000
) -> EquityCurve:
    """The equity curve, and how far below its peak it was."""
    return equity_of(services.runs, kept_run(services, id), points)


@router.get(
    "/{id}/report",
    response_class=HTMLResponse,
    responses=_gone | responses(503) | {304: {"description": "Not Modified"}},
)
def report(services: Given, id: UUID, if_none_match: Condition = None) -> Response:
    """The whole report as one HTML page that needs nothing else."""
    record = kept_run(services, id)
    tag = f'"{record.id.hex}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if is_current(tag, if_none_match):
        return Response(status_code=304, headers=headers)
    check_drawable(record)
    folders = (services.library.root, services.runs.root)
    body = services.clerk.ask(("report", record.id), report_of, *folders, record.id.hex)
    # The page brings its own scripts; it may do nothing else.
    return HTMLResponse(body, headers=headers | {"Content-Security-Policy": _ALONE})
