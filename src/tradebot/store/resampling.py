"""Longer bars out of shorter ones, by the clock or by the sessions of an exchange, without a look ahead."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from tradebot.core.bar import BarArray, merge_columns
from tradebot.core.errors import DataError
from tradebot.core.interval import DAY, Interval
from tradebot.core.tick_array import TickArray
from tradebot.store.calendars import Sessions, sessions

_MARGIN: int = 10 * DAY


class Resampled(msgspec.Struct, frozen=True):
    """Longer bars, and how many of the shorter ones are not in them.

    Parameters
    ----------
    bars : the longer bars.
    outside : bars outside the regular sessions.
    incomplete : bars of a first or last longer bar that the data do not fill.
    """

    bars: BarArray
    outside: int = 0
    incomplete: int = 0


def resample(bars: BarArray, interval: Interval, *, keep_incomplete: bool = False) -> Resampled:
    """The same market in longer bars.

    Markets without a calendar are cut by the clock (UTC). Where there is one, a bar shorter than a day is counted from
    the session's open, so that an hour of New York runs from 09:30 to 10:30 in winter and in summer; a day is the
    regular session under the date it is named by; weeks and months gather days. A longer bar is made of bars that open
    in it and is known (``close_ts``) no sooner than its last one.

    Parameters
    ----------
    interval : the longer interval.
    keep_incomplete : keep a first and a last bar that the data fill only in part; their values are not the market's.

    Raises
    ------
    DataError : the bars do not fill such longer bars, no bar is complete, or trading hours are not installed.
    """
    place = f"bars of {bars.symbol} {bars.interval}"
    if not bars.interval.fits_into(interval) or bars.interval == interval:
        raise DataError(f"{bars.interval} bars do not fill {interval} bars", place=place, mend="Give a multiple of it.")
    if not len(bars):
        raise DataError("there are no bars", place=place, mend="Import or download some first.")
    calendar = bars.instrument.calendar
    if calendar is None or (bars.interval.ns >= DAY and interval.ns <= DAY):
        made = _by_clock(bars, interval, keep_incomplete=keep_incomplete)
    else:
        # The margin shows whether a week or month goes on after the data end.
        start, end = int(bars.ts[0]) - _MARGIN, int(bars.ts[-1]) + max(_MARGIN, 2 * interval.ns)
        made = _by_sessions(bars, interval, sessions(calendar, start, end), keep_incomplete=keep_incomplete)
    if not len(made.bars):
        mend = "Load more of them, or give a shorter interval."
        raise DataError(f"the bars do not fill a single {interval} bar", place=place, mend=mend)
    return made


def bars_of_trades(ticks: TickArray, interval: Interval, *, keep_incomplete: bool = False) -> BarArray:
    """Bars of single trades, by the clock; a time without trades has no bar.

    The last bar is left out, since the trades do not say whether they reach its close, and so is the first unless
    the trades begin on its boundary.

    Raises
    ------
    DataError : the trades do not fill a single bar.
    """
    buckets = interval.floor(ticks.ts)
    starts = np.flatnonzero(np.concatenate(([True], buckets[1:] != buckets[:-1]))) if len(ticks) else np.arange(0)
    if not keep_incomplete:
        starts = starts[1 if len(starts) and ticks.ts[0] > buckets[0] else 0 :]
        rows = slice(starts[0], starts[-1]) if len(starts) > 1 else slice(0)
        buckets, starts = buckets[rows], starts[:-1] - (starts[0] if len(starts) else 0)
        ticks = TickArray(ticks.instrument, ticks.ts[rows], ticks.price[rows], ticks.size[rows], ticks.side[rows])
    if not len(ticks):
        mend = "Give a shorter interval."
        raise DataError(f"they do not fill a {interval} bar", place=f"trades of {ticks.instrument.symbol}", mend=mend)
    columns: dict[str, NDArray[Any]] = dict.fromkeys(("open", "high", "low", "close"), ticks.price)
    columns |= {"ts": ticks.ts, "volume": ticks.size, "trades": np.ones(len(ticks), np.int64), "vwap": ticks.price}
    return BarArray(ticks.instrument, interval, ts=buckets[starts], **merge_columns(columns, starts))


def _by_clock(bars: BarArray, interval: Interval, *, keep_incomplete: bool) -> Resampled:
    if keep_incomplete:
        return Resampled(bars.resample(interval, keep_incomplete=True))
    first = int(bars.ts[0])
    boundary = first if interval.floor(first) == first else interval.next(first)
    whole = bars.between(start=boundary)
    made = whole.resample(interval) if len(whole) else whole
    end = interval.next(int(made.ts[-1])) if len(made) else boundary
    return Resampled(made, incomplete=len(bars) - len(whole.between(end=end)))


def _by_sessions(bars: BarArray, interval: Interval, hours: Sessions, *, keep_incomplete: bool) -> Resampled:
    columns, count = bars.columns(), len(bars)
    # Session of each bar: a daily bar bears its date, a shorter one opens between its session's open and close.
    if bars.interval.ns >= DAY:
        session = np.searchsorted(hours.dates, bars.ts)
        regular = (session < len(hours)) & (hours.dates[np.minimum(session, len(hours) - 1)] == bars.ts)
    else:
        session = np.searchsorted(hours.opens, bars.ts, side="right") - 1
        regular = (session >= 0) & (bars.ts < hours.closes[session])
    columns = {name: column[regular] for name, column in columns.items()}
    session, outside = session[regular], int(count - np.count_nonzero(regular))
    if not len(session):
        return Resampled(bars[:0], outside)
    buckets, begins, ends = _buckets(columns["ts"], session, interval, hours)
    starts = np.flatnonzero(np.concatenate(([True], buckets[1:] != buckets[:-1])))
    merged = merge_columns(columns, starts) | {"ts": buckets[starts]}
    first, last = 0, len(starts)
    if not keep_incomplete:
        is_daily = bars.interval.ns >= DAY
        opened = int(hours.opens[session[0]]) if is_daily else int(columns["ts"][0])
        reached = int(hours.closes[session[-1]]) if is_daily else int(bars.interval.close_of(int(columns["ts"][-1])))
        first, last = int(opened > begins[0]), last - int(reached < ends[-1])
    edges = [*starts.tolist(), len(session)]
    incomplete = len(session) - (edges[last] - edges[first] if last > first else 0)
    rows = slice(first, max(first, last))
    made = BarArray.trusted(bars.instrument, interval, {name: column[rows] for name, column in merged.items()})
    return Resampled(made, outside, incomplete)


def _buckets(
    ts: NDArray[np.int64], session: NDArray[np.intp], interval: Interval, hours: Sessions
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Open time of the longer bar of each bar, and the moments its trading begins and ends."""
    opens, closes = hours.opens[session], hours.closes[session]
    if interval.ns < DAY:
        buckets = opens + (ts - opens) // interval.ns * interval.ns
        return buckets, buckets, np.minimum(buckets + interval.ns, closes)
    named = interval.floor(hours.dates)
    first, last = np.searchsorted(named, named, side="left"), np.searchsorted(named, named, side="right") - 1
    return named[session], hours.opens[first][session], hours.closes[last][session]
