"""What the store keeps: coverage, gaps, and files brought into it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path as FilePath
from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Path, Response

from tradebot.api.access.roles import Operator
from tradebot.api.coverage import coverage_calendar, series_detail, shown
from tradebot.api.etag import Condition, is_current, tag_of
from tradebot.api.problems import RequestError, responses
from tradebot.api.schemas.data import (
    Coverage,
    CoverageCalendar,
    ImportAnswer,
    ImportedRows,
    ImportRequest,
    Series,
    SeriesDetail,
)
from tradebot.api.schemas.values import Symbol
from tradebot.api.services import Given, Services
from tradebot.core.errors import DataError, TradebotError
from tradebot.core.instant import to_datetime
from tradebot.store.importing import import_file
from tradebot.store.manifest import SeriesKey

router = APIRouter(prefix="/data", tags=["research"], responses=responses(401, 422, 429))

_read: Final = responses(404, 503) | {304: {"description": "Not Modified"}}
_Interval = Annotated[str, Path(pattern=r"^[0-9]{1,4}(s|m|h|d|w|M|mo)$", description="length of a bar: 1m, 4h, 1d")]


@router.get("", response_model=Coverage, responses={304: {"description": "Not Modified"}})
def coverage(services: Given, if_none_match: Condition = None) -> Response:
    """Every kept series with its span."""
    found: list[Series] = []
    digests: list[str] = []
    for archive in services.library.archives():
        for series in archive.series():
            if series.parts:
                found.append(Series(**shown(archive, series)))
                digests += [part.digest for part in series.parts]
    headers = {"ETag": tag_of(" ".join(digests).encode()), "Cache-Control": "private, no-cache"}
    if is_current(headers["ETag"], if_none_match):
        return Response(status_code=304, headers=headers)
    return Response(Coverage(series=found).model_dump_json(), headers=headers, media_type="application/json")


@router.get("/{symbol}/{interval}", response_model=SeriesDetail, responses=_read)
def series(services: Given, symbol: Symbol, interval: _Interval, if_none_match: Condition = None) -> Response:
    """One kept series of bars: its gaps, its faults, its rows by month."""
    return _inspected(services, series_detail, symbol, interval, if_none_match)


@router.get("/{symbol}/{interval}/calendar", response_model=CoverageCalendar, responses=_read)
def calendar(services: Given, symbol: Symbol, interval: _Interval, if_none_match: Condition = None) -> Response:
    """One kept series of bars day by day: how many there are, and how many the market's hours would have more."""
    return _inspected(services, coverage_calendar, symbol, interval, if_none_match)


@router.post("/import", status_code=201, responses=responses(403, 413, 415))
def take_file(services: Given, operator: Operator, request: ImportRequest) -> ImportAnswer:
    """Bring a file of bars into the store; longer ones go by `tradebot data import`."""
    with tempfile.TemporaryDirectory(prefix="tradebot-") as folder:
        file = FilePath(folder) / request.name
        file.write_text(request.content, encoding="utf-8")
        try:
            found = import_file(
                services.library,
                file,
                kind="bars",
                symbol=request.symbol,
                venue=request.venue,
                interval=request.interval,
                replace=request.replace,
            )
        except TradebotError as error:
            fact, mend = (text.replace(str(file), request.name) for text in (error.fact, error.mend))
            where = error.place.replace(str(file), "").strip(": ")
            raise DataError(f"{where}: {fact}" if where else fact, place="content", mend=mend) from None
    rows = [
        ImportedRows(
            kind=each.kind,
            series=each.series,
            rows=each.rows,
            first=to_datetime(each.first),
            last=to_datetime(each.last),
            faults=[f"{fault.text}: {fault.outcome}" for fault in each.faults],
        )
        for each in found
    ]
    return ImportAnswer(file=request.name, imported=rows)


def _inspected(
    services: Services, look: Callable[[FilePath, SeriesKey], bytes], symbol: str, interval: str, condition: str | None
) -> Response:
    """What the clerk finds in a series, unless whoever asks has it."""
    archive = services.library.bars.archive
    named = [kept.key for kept in archive.series() if kept.key.is_named(symbol)]
    keys = [key for key in named if key.interval == interval]
    if not keys:
        place, mend = "interval" if named else "symbol", "GET /api/v1/data lists what is kept."
        raise RequestError(404, f"no {interval} bars of {symbol} are kept", place=place, mend=mend)
    state = msgspec.json.encode(archive.require(keys[0]))
    headers = {"ETag": tag_of(state), "Cache-Control": "private, no-cache"}
    if is_current(headers["ETag"], condition):
        return Response(status_code=304, headers=headers)
    body = services.clerk.ask((look, state), look, services.library.root, keys[0])
    return Response(body, headers=headers, media_type="application/json")
