"""Markets and their bars; also served without the prefix."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from tradebot.api.bars import Found, find_bars
from tradebot.api.problems import responses
from tradebot.api.schemas.market import BarOut, History, MarketStats, Ohlcv, SymbolInfo, Symbols
from tradebot.api.schemas.values import Instant, IntervalText, Symbol
from tradebot.api.services import Given
from tradebot.core.instant import to_datetime, to_ns
from tradebot.core.interval import DAY

router = APIRouter(tags=["market"], responses=responses(401, 404, 422, 429))

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


@router.get("/history/{symbol}")
def history(
    services: Given,
    symbol: Symbol,
    start: _Start = None,
    end: _End = None,
    interval: _Length = None,
    limit: _Most = 500,
) -> History:
    """Bars of a market, the newest `limit` of the span, the oldest first."""
    bars, source = _found(services, symbol, interval, start, end)
    bars = bars[-limit:]
    columns = zip(bars.ts.tolist(), bars.open, bars.high, bars.low, bars.close, bars.volume, strict=True)
    rows = [
        BarOut(time=to_datetime(ts), open=opened, high=high, low=low, close=close, volume=volume)
        for ts, opened, high, low, close, volume in columns
    ]
    return History(symbol=symbol, interval=str(bars.interval), source=source, count=len(rows), bars=rows)


@router.get("/ohlcv/{symbol}")
def ohlcv(
    services: Given,
    symbol: Symbol,
    start: _Start = None,
    end: _End = None,
    interval: _Length = None,
    limit: _Most = 500,
) -> Ohlcv:
    """The same bars as rows of numbers: milliseconds since 1970, open, high, low, close, volume."""
    bars = _found(services, symbol, interval, start, end).bars[-limit:]
    columns = (bars.open, bars.high, bars.low, bars.close, bars.volume)
    rows = zip((bars.ts // 1_000_000).tolist(), *(column.tolist() for column in columns), strict=True)
    return Ohlcv(symbol=symbol, interval=str(bars.interval), ohlcv=list(rows))


@router.get("/stats/{symbol}")
def stats(services: Given, symbol: Symbol) -> MarketStats:
    """A market over the last 24 hours of its bars."""
    bars = _found(services, symbol, None, None, None).bars
    day = bars.between(int(bars.ts[-1]) - DAY + 1, None)
    last, first = float(day.close[-1]), float(day.open[0])
    return MarketStats(
        symbol=symbol,
        interval=str(bars.interval),
        time=to_datetime(int(day.close_ts[-1])),
        last=last,
        change=last - first,
        change_pct=100 * (last / first - 1),
        high=float(day.high.max()),
        low=float(day.low.min()),
        volume=float(day.volume.sum()),
        bars=len(day),
    )


def _found(services: Given, symbol: str, interval: str | None, start: str | None, end: str | None) -> Found:
    first, after = (None if moment is None else to_ns(moment) for moment in (start, end))
    return find_bars(services, symbol, interval, first, after)
