"""Bars of the store or a file as a run wants them: at the interval asked for, with a sentence on what they are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from tradebot.core.asset_class import AssetClass
from tradebot.core.bar import BarArray
from tradebot.core.errors import DataError
from tradebot.core.instant import iso
from tradebot.core.interval import Interval
from tradebot.store.factors import adjust, covers_all, events_within
from tradebot.store.files import read_bars
from tradebot.store.kinds import FACTORS, TRADES
from tradebot.store.library import AbsentError, Library, find_series, instrument_of
from tradebot.store.manifest import SeriesKey
from tradebot.store.resampling import Resampled, bars_of_trades, resample
from tradebot.store.steps import with_fitting_ticks

if TYPE_CHECKING:
    from tradebot.store.rules import Violations


class Stored(msgspec.Struct, frozen=True):
    """Bars of the store and what a report must say of them."""

    bars: BarArray
    notes: tuple[str, ...]


def stored_bars(
    library: Library,
    market: str,
    interval: Interval | str | None = None,
    *,
    start: int | None = None,
    end: int | None = None,
    adjusted: bool = False,
    violations: Violations = "refuse",
) -> Stored:
    """Bars of a market in the store.

    Parameters
    ----------
    market : ``SYMBOL``, ``VENUE/SYMBOL`` or ``VENUE/SYMBOL/INTERVAL``.
    interval : length of a bar; made of the longest stored one that fills it where it is not stored itself. Needed
        where the market is stored in several.
    start, end : ``start <= ts < end`` in int64 ns UTC; a longer bar that the span cuts is left out.
    adjusted : equity prices adjusted for splits and dividends by the stored factors; else raw.
    violations : as :func:`tradebot.store.files.read_bars`.

    Raises
    ------
    AbsentError : nothing fitting is stored.
    DataError : the name is ambiguous, or factors are missing.
    """
    key, wanted = _source(library, market, None if interval is None else Interval.parse(interval))
    place = f"store:{market}"
    instrument = instrument_of(key)
    notes: list[str] = []
    if not key.interval:
        bars = bars_of_trades(library.trades(key.venue, key.symbol, start, end), wanted)
        notes.append(f"{key.symbol}: {wanted} bars made of stored trades")
    else:
        source = Interval.parse(key.interval)
        bars = library.bars.read(instrument, source, start, end, violations=violations)
    if not len(bars):
        raise DataError(
            "no stored bar opens in the span", place=place, mend="`tradebot data list` shows what there is."
        )
    notes += _settled(key.symbol, violations)
    if instrument.asset_class is AssetClass.EQUITY:
        bars, note = _priced(library, key, bars, adjusted=adjusted)
        notes.append(note)
    elif adjusted:
        fact = f"{key.symbol} is {instrument.asset_class}, which has no splits or dividends"
        raise DataError(fact, place=place, mend="Leave out --adjusted.")
    if bars.interval != wanted:
        notes.append(f"{key.symbol}: {wanted} bars made of stored {bars.interval} bars")
        bars = resample(bars, wanted).bars
    return Stored(_fitting(bars), tuple(notes))


def bars_of_file(path: str, interval: Interval | str | None = None, **options: Any) -> Stored:
    """Bars of a file as a run wants them.

    Parameters
    ----------
    interval : length of a bar; made of the file's where they are shorter and fill it.
    options : as :func:`tradebot.store.files.read_bars`.

    Raises
    ------
    DataError, ConfigError : as :func:`tradebot.store.files.read_bars`, and the file's bars do not fill the interval.
    """
    violations: Violations = options.get("violations", "refuse")
    if interval is None:
        bars = read_bars(path, **options)
        return Stored(bars, _settled(bars.symbol, violations))
    wanted = Interval.parse(interval)
    try:
        bars = read_bars(path, interval=wanted, **options)
        return Stored(bars, _settled(bars.symbol, violations))
    except DataError:
        # Bars that overlap at the length asked for are shorter ones.
        bars = read_bars(path, **options)
        if bars.interval.ns >= wanted.ns:
            raise
    note = f"{bars.symbol}: {wanted} bars made of the {bars.interval} bars of {Path(path).name}"
    return Stored(_fitting(resample(bars, wanted).bars), (*_settled(bars.symbol, violations), note))


def longer_bars(library: Library, market: str, interval: str, *, source: str | None = None) -> Resampled:
    """Longer bars of a stored market, to be stored beside; raw, and with what was left out.

    Parameters
    ----------
    source : interval of the stored bars to take; the longest that fill the longer ones unless given.

    Raises
    ------
    DataError : nothing fitting is stored.
    """
    wanted = Interval.parse(interval)
    if source is None:
        key, _ = _source(library, market, wanted, is_stored_enough=False)
    else:
        keys = find_series(library.bars.archive, market, str(Interval.parse(source)))
        if not keys:
            mend = "`tradebot data list` shows what there is."
            raise DataError(f"no {source} bars are stored", place=f"store:{market}", mend=mend)
        key = keys[0]
    if not key.interval:
        return Resampled(bars_of_trades(library.trades(key.venue, key.symbol), wanted))
    return resample(library.bars.read(instrument_of(key), Interval.parse(key.interval)), wanted)


def _source(
    library: Library, market: str, wanted: Interval | None, *, is_stored_enough: bool = True
) -> tuple[SeriesKey, Interval]:
    """Stored series to read, and the interval to make of it."""
    trades = [s.key for s in library.archive(TRADES).series() if s.key.is_named(market)]
    try:
        keys = find_series(library.bars.archive, market)
    except AbsentError:
        if not trades or wanted is None:
            raise
        keys = []
    stored = {Interval.parse(key.interval): key for key in keys}
    have = ", ".join(str(interval) for interval in sorted(stored, key=lambda each: each.ns))
    if wanted is None:
        if len(stored) > 1:
            raise DataError(f"it is stored in {have}", place=f"store:{market}", mend="Choose one by --interval.")
        wanted = next(iter(stored))
    if wanted in stored and is_stored_enough:
        return stored[wanted], wanted
    finer = [interval for interval in stored if interval.fits_into(wanted) and interval != wanted]
    if finer:
        return stored[max(finer, key=lambda each: each.ns)], wanted
    # Bars say which venue is meant; trades of another one would be another market.
    trades = [key for key in trades if not keys or key.venue == keys[0].venue]
    if len(trades) == 1:
        return trades[0], wanted
    mend = "Give a multiple of one of these, or import or download finer bars."
    raise AbsentError(f"{wanted} cannot be made of {have or 'what is stored'}", place=f"store:{market}", mend=mend)


def _priced(library: Library, key: SeriesKey, bars: BarArray, *, adjusted: bool) -> tuple[BarArray, str]:
    """Bars at the prices asked for, and what they are."""
    if not adjusted:
        note = f"{key.symbol}: raw prices"
        if library.archive(FACTORS).find(SeriesKey(key.venue, key.symbol)) is None:
            return bars, f"{note} as they were stored; splits and dividends are not known"
        factors = library.factors(key.venue, key.symbol)
        splits, dividends = events_within(bars, factors)
        note = f"{note}; {_count(splits, 'split')} and {_count(dividends, 'dividend')} in the span move them"
        if not covers_all(bars, factors):
            note = f"{note}, and what comes after {iso(int(factors.ts[-1]))[:10]} is not known"
        return bars, note
    factors = library.factors(key.venue, key.symbol)
    return adjust(bars, factors), f"{key.symbol}: prices adjusted for splits and dividends by the stored factors"


def _settled(symbol: str, violations: Violations) -> tuple[str, ...]:
    """What was asked to be done about rows that are no bars; a result over changed rows says so."""
    if violations == "refuse":
        return ()
    done = "low..high is widened to hold them" if violations == "widen" else "the row is dropped"
    return (f"{symbol}: where open or close lies outside low..high, {done}",)


def _fitting(bars: BarArray) -> BarArray:
    instrument = with_fitting_ticks(bars.instrument, bars.low)
    return bars if instrument == bars.instrument else BarArray.trusted(instrument, bars.interval, bars.columns())


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
