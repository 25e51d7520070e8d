"""Bars for whoever asks: what the bot has seen of the markets it trades, else what the store keeps."""

from __future__ import annotations

from typing import NamedTuple

from tradebot.api.services import Services
from tradebot.core.bar import BarArray
from tradebot.core.interval import Interval
from tradebot.store.library import AbsentError
from tradebot.store.reading import stored_bars


class Found(NamedTuple):
    """Bars, and where they come from (``bot`` or ``store``)."""

    bars: BarArray
    source: str


def find_bars(
    services: Services,
    symbol: str,
    interval: str | None = None,
    start: int | None = None,
    end: int | None = None,
) -> Found:
    """Bars of a market that open in ``start <= ts < end`` (int64 ns UTC).

    Raises
    ------
    AbsentError : there are none.
    DataError : the store has the market in several intervals, and none was asked for.
    """
    seen = services.bot.bars(symbol) if services.bot is not None else None
    if seen is not None and len(seen):
        wanted = seen.interval if interval is None else Interval.parse(interval)
        if wanted == seen.interval:
            return Found(_some(seen.between(start, end), symbol), "bot")
        if seen.interval.fits_into(wanted):
            return Found(_some(seen.resample(wanted).between(start, end), symbol), "bot")
    found = stored_bars(services.library, symbol, interval or _only_interval(services, symbol), start=start, end=end)
    return Found(found.bars, "store")


def _some(bars: BarArray, symbol: str) -> BarArray:
    if not len(bars):
        raise AbsentError("no bar opens in the span", place=symbol, mend="Ask for another one.")
    return bars


def _only_interval(services: Services, symbol: str) -> str | None:
    """The shortest interval that is kept of a market."""
    kept = [series.key for series in services.library.bars.archive.series() if series.parts]
    lengths = sorted((key.length, key.interval) for key in kept if key.is_named(symbol))
    return lengths[0][1] if lengths else None
