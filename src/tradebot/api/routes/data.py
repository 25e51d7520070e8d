"""What the store keeps: coverage, gaps, and files brought into it."""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path as FilePath
from typing import Annotated, Any, Final

import msgspec
import numpy as np
from fastapi import APIRouter, Path, Response
from numpy.typing import NDArray

from tradebot.api.access.roles import Operator
from tradebot.api.etag import Condition, is_current
from tradebot.api.problems import RequestError, responses
from tradebot.api.schemas.data import (
    Coverage,
    CoverageCalendar,
    CoveredDay,
    Gap,
    ImportAnswer,
    ImportedRows,
    ImportRequest,
    Series,
    SeriesDetail,
)
from tradebot.api.schemas.values import Symbol, moment
from tradebot.api.services import Given
from tradebot.core.errors import DataError, TradebotError
from tradebot.core.instant import to_datetime
from tradebot.core.interval import DAY, Interval
from tradebot.store.archive import Archive
from tradebot.store.importing import import_file
from tradebot.store.inspection import inspect_series, missing_bars
from tradebot.store.library import find_series, instrument_of
from tradebot.store.manifest import Series as Stored

router = APIRouter(prefix="/data", tags=["research"], responses=responses(401, 422, 429))

_MOST_GAPS: Final = 1_000
_Interval = Annotated[str, Path(pattern=r"^[0-9]{1,4}(s|m|h|d|w|M|mo)$", description="length of a bar: 1m, 4h, 1d")]


@router.get("", response_model=Coverage, responses={304: {"description": "Not Modified"}})
def coverage(services: Given, if_none_match: Condition = None) -> Response:
    """Every kept series with its span."""
    found: list[Series] = []
    digests: list[str] = []
    for archive in services.library.archives():
        for series in archive.series():
            if series.parts:
                found.append(Series(**_shown(archive, series)))
                digests += [part.digest for part in series.parts]
    headers = {"ETag": _tag(digests), "Cache-Control": "private, no-cache"}
    if is_current(headers["ETag"], if_none_match):
        return Response(status_code=304, headers=headers)
    return Response(Coverage(series=found).model_dump_json(), headers=headers, media_type="application/json")


@router.get("/{symbol}/{interval}", responses=responses(404))
def series(services: Given, symbol: Symbol, interval: _Interval) -> SeriesDetail:
    """One kept series of bars: its gaps, its faults, its rows by month."""
    archive = services.library.bars.archive
    kept = _kept(archive, symbol, interval)
    found = inspect_series(archive, kept)
    gaps = [
        Gap(
            start=to_datetime(gap.start),
            end=to_datetime(gap.end),
            missing=gap.missing,
            is_markets_own=gap.is_markets_own,
        )
        for gap in found.gaps[:_MOST_GAPS]
    ]
    faults = [*(fault.text for fault in found.faults), *found.damage]
    months = {part.period: part.rows for part in kept.parts}
    return SeriesDetail(**_shown(archive, kept), gaps=gaps, missing=found.missing, faults=faults, months=months)


@router.get(
    "/{symbol}/{interval}/calendar",
    response_model=CoverageCalendar,
    responses=responses(404) | {304: {"description": "Not Modified"}},
)
def calendar(services: Given, symbol: Symbol, interval: _Interval, if_none_match: Condition = None) -> Response:
    """One kept series of bars day by day: how many there are, and how many the market's hours would have more."""
    archive = services.library.bars.archive
    kept = _kept(archive, symbol, interval)
    headers = {"ETag": _tag(part.digest for part in kept.parts), "Cache-Control": "private, no-cache"}
    if is_current(headers["ETag"], if_none_match):
        return Response(status_code=304, headers=headers)
    ts = archive.read(kept.key, columns=["ts"])[1].rechunk().get_column("ts").to_numpy()
    bars, missing = _by_day(ts), _by_day(_missing(kept, ts))
    days = [
        CoveredDay(day=to_datetime(day * DAY).date(), bars=bars[day], missing=missing[day])
        for day in sorted(bars.keys() | missing.keys())
    ]
    key = kept.key
    found = CoverageCalendar(symbol=key.symbol, venue=key.venue, interval=key.interval, days=days)
    return Response(found.model_dump_json(), headers=headers, media_type="application/json")


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
            place = error.place.replace(str(file), request.name)
            raise DataError(error.fact.replace(str(file), request.name), place=place, mend=error.mend) from None
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


def _kept(archive: Archive, symbol: str, interval: str) -> Stored:
    keys = [key for key in find_series(archive, symbol) if key.interval == interval]
    if not keys:
        mend = "GET /api/v1/data lists what is kept."
        raise RequestError(404, f"no {interval} bars of {symbol} are kept", place="interval", mend=mend)
    return archive.require(keys[0])


def _by_day(ts: NDArray[np.int64]) -> Counter[int]:
    days: list[int] = (ts // DAY).tolist()
    return Counter(days)


def _missing(kept: Stored, ts: NDArray[np.int64]) -> NDArray[np.int64]:
    return missing_bars(ts, instrument_of(kept.key), Interval.parse(kept.key.interval))


def _tag(digests: Iterable[str]) -> str:
    return f'"{hashlib.sha256(" ".join(digests).encode()).hexdigest()[:32]}"'


def _shown(archive: Archive, series: Stored) -> dict[str, Any]:
    return {
        **msgspec.structs.asdict(series.key),
        "kind": archive.kind.name,
        "rows": series.rows,
        "first": moment(series.first),
        "last": moment(series.last),
        "size_bytes": archive.size(series),
    }
