"""Markets and their bars; also served without the prefix."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from tradebot.api.bar_answers import BarQuestion
from tradebot.api.bars import answer_about, answer_soon
from tradebot.api.problems import responses
from tradebot.api.schemas.market import History, MarketStats, Ohlcv, SymbolInfo, Symbols
from tradebot.api.schemas.values import Instant, IntervalText, Symbol
from tradebot.api.services import Given
from tradebot.core.instant import to_datetime, to_ns

router = APIRouter(tags=["market"], responses=responses(401, 404, 422, 429, 503))

_Start = Annotated[Instant | None, Query(description="bars that open from here on")]
_End = Annotated[Instant | None, Query(description="bars that open before this")]
_Length = Annotated[IntervalText | None, Query(description="length of a bar; the shortest there is where absent")]
_Most = Annotated[int, Query(ge=1, le=10_000, description="most bars: the newest ones")]


@router.get("/symbols")
def symbols(services: Given) -> Symbols:
    """Every market there are bars of: those the bot trades, and those the store keeps."""
    traded = services.bot.symbols if services.bot is not None else ()
    found: dict[tuple[str, str], SymbolInfo] = {}
    for series in services.library.bars.series():
        if not series.parts or series.first is None or series.last is None:
            continue
        key = series.key
        known = found.setdefault(
            (key.venue, key.symbol),
            SymbolInfo(symbol=key.symbol, venue=key.venue, intervals=[], is_traded=key.symbol in traded),
        )
        known.intervals.append(key.interval)
        first, last = to_datetime(series.first), to_datetime(series.last)
        known.first = min(first, known.first or first)
        known.last = max(last, known.last or last)
    kept = {symbol for _, symbol in found}
    for symbol in traded:
        if symbol not in kept and services.bot is not None:
            seen = services.bot.bars(symbol)
            intervals = [] if seen is None else [str(seen.interval)]
            venue = "" if seen is None else seen.instrument.venue
            found[venue, symbol] = SymbolInfo(symbol=symbol, venue=venue, intervals=intervals, is_traded=True)
    return Symbols(symbols=[found[key] for key in sorted(found)])


@router.get("/history/{symbol}", response_model=History)
async def history(
    services: Given,
    symbol: Symbol,
    start: _Start = None,
    end: _End = None,
    interval: _Length = None,
    limit: _Most = 500,
) -> Response:
    """Bars of a market, the newest `limit` of the span, the oldest first."""
    return await answer_soon(services, _question("history", symbol, interval, start, end, limit))


@router.get("/ohlcv/{symbol}", response_model=Ohlcv)
async def ohlcv(
    services: Given,
    symbol: Symbol,
    start: _Start = None,
    end: _End = None,
    interval: _Length = None,
    limit: _Most = 500,
) -> Response:
    """The same bars as rows of numbers: milliseconds since 1970, open, high, low, close, volume."""
    return await answer_soon(services, _question("ohlcv", symbol, interval, start, end, limit))


@router.get("/stats/{symbol}", response_model=MarketStats)
def stats(services: Given, symbol: Symbol) -> Response:
    """A market over the last 24 hours of its bars."""
    return answer_about(services, BarQuestion(what="stats", symbol=symbol))


def _question(
    what: Literal["history", "ohlcv"],
    symbol: str,
    interval: str | None,
    start: str | None,
    end: str | None,
    limit: int,
) -> BarQuestion:
    first, after = (None if moment is None else to_ns(moment) for moment in (start, end))
    return BarQuestion(what=what, symbol=symbol, interval=interval, start=first, end=after, limit=limit)
