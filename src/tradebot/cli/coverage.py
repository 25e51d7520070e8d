"""Whether the bars of a run reach as far as it was asked to go, and the command that gets what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tradebot.core.errors import DataError
from tradebot.core.instant import iso, to_ns
from tradebot.core.interval import DAY

if TYPE_CHECKING:
    from tradebot.core.bar import BarArray
    from tradebot.core.interval import Interval

# A long weekend, and the day it is told by: so long an exchange with sessions may have no bar.
_CLOSED: Final = 5 * DAY
_PROVIDERS: Final = {
    "binance_usdm": "binance --market usdm",
    "binance_spot": "binance --market spot",
    "us_equity": "alpaca",
    "mock": "mock",
}


def check_coverage(bars: BarArray, start: str | None, end: str | None, *, is_stored: bool) -> None:
    """Refuse bars that begin after the start asked for, or end before the end.

    Parameters
    ----------
    start, end : as they were given; the bars were cut to them.
    is_stored : whether they are those of the store, which a download adds to.

    Raises
    ------
    DataError : naming market, what is missing, and the command that gets it.
    """
    interval = bars.interval
    slack = 0 if bars.instrument.calendar is None else _CLOSED
    first, last = int(bars.ts[0]), int(bars.close_ts[-1])
    if start is not None:
        wanted = to_ns(start)
        opens = wanted if interval.floor(wanted) == wanted else interval.next(wanted)
        if first > opens + slack:
            fact = f"{interval} bars begin at {iso(first)}, after the start {start}"
            raise _missing(bars, fact, opens, first, f"give --start {iso(first)}", is_stored=is_stored)
    if end is not None:
        closes = interval.floor(to_ns(end))
        if last < closes - slack:
            fact = f"{interval} bars end at {iso(last)}, before the end {end}"
            raise _missing(bars, fact, last, closes, f"give --end {iso(last)}", is_stored=is_stored)


def gap_notes(bars: BarArray) -> list[str]:
    """What a report says of times without bars, in a market that never closes."""
    if bars.instrument.calendar is not None or not bars.gaps:
        return []
    return [f"{bars.symbol}: no bars for {bars.gaps:,} {'stretch' if bars.gaps == 1 else 'stretches'} of the time"]


def download_command(venue: str, symbol: str, interval: Interval, start: str | None, end: str | None) -> str:
    """The command that brings bars into the store; of a venue that no provider has, the one that imports them."""
    provider = _PROVIDERS.get(venue)
    if provider is None:
        return f"`tradebot data import FILE --venue {venue}`"
    if venue == "us_equity" and interval.ns >= DAY:
        # Yahoo's days need no key.
        provider = "yahoo"
    what = f"--provider {provider} --symbols {symbol} --interval {interval}"
    if start is None:
        return f"`tradebot backfill {what}`"
    return f"`tradebot data download {what} --start {start}{f' --end {end}' if end else ''}`"


def _missing(bars: BarArray, fact: str, start: int, end: int, instead: str, *, is_stored: bool) -> DataError:
    mend = f"{instead[0].upper()}{instead[1:]}, or a file that reaches it."
    if is_stored:
        command = download_command(bars.instrument.venue, bars.symbol, bars.interval, iso(start), iso(end))
        mend = f"{command} gets them; or {instead}."
    return DataError(fact, place=bars.symbol, mend=mend)
