"""Everything that is kept below one folder: bars, funding, factors, trades and quotes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tradebot.core.errors import DataError, did_you_mean
from tradebot.core.instrument import Instrument, instrument_for
from tradebot.core.tick_array import QuoteArray, TickArray
from tradebot.store.archive import Archive
from tradebot.store.bars import ParquetBarStore
from tradebot.store.factors import Factors
from tradebot.store.funding import Funding
from tradebot.store.home import home
from tradebot.store.kinds import FACTORS, FUNDING, KINDS, QUOTES, TRADES, Kind
from tradebot.store.locks import PATIENCE_S
from tradebot.store.manifest import SeriesKey
from tradebot.store.merging import Written

if TYPE_CHECKING:
    import polars as pl


class Library:
    """The kept data, one folder a kind.

    Parameters
    ----------
    root : the folder; :func:`tradebot.store.home.home` where ``None``.
    patience_s : seconds to wait for another writer.

    Notes
    -----
    Funding, factors, trades and quotes are read whole or by span as the values the engine takes. Writing them is
    idempotent as it is for bars; trades and quotes replace what was stored of their span.
    """

    def __init__(self, root: Path | None = None, *, patience_s: float = PATIENCE_S) -> None:
        self.root = root or home()
        self._patience_s = patience_s
        self.bars = ParquetBarStore(self.root / "bars", patience_s=patience_s)

    def archive(self, kind: Kind) -> Archive:
        """The series of one kind."""
        if kind.name == self.bars.archive.kind.name:
            return self.bars.archive
        return Archive(self.root / kind.name, kind, patience_s=self._patience_s)

    def archives(self) -> list[Archive]:
        """The series of every kind."""
        return [self.archive(kind) for kind in KINDS.values()]

    def funding(self, venue: str, symbol: str, start: int | None = None, end: int | None = None) -> Funding:
        """Funding payments in ``start <= ts < end`` (int64 ns UTC).

        Raises
        ------
        DataError : none are stored for the market.
        """
        frame = self._read(FUNDING, venue, symbol, start, end)
        return Funding(*(frame.get_column(name).to_numpy() for name in FUNDING.columns))

    def write_funding(self, venue: str, symbol: str, funding: Funding, *, replace: bool = True) -> Written:
        """Store funding payments; one of the same time replaces the earlier one, if it may."""
        columns = dict(zip(FUNDING.columns, (funding.ts, funding.rate, funding.mark), strict=True))
        return self._write(FUNDING, venue, symbol, columns, replace=replace)

    def factors(self, venue: str, symbol: str) -> Factors:
        """Factor table of an equity.

        Raises
        ------
        DataError : none is stored for it.
        """
        frame = self._read(FACTORS, venue, symbol, None, None)
        return Factors(*(frame.get_column(name).to_numpy() for name in FACTORS.columns))

    def write_factors(self, venue: str, symbol: str, factors: Factors) -> Written:
        """Store a factor table in place of the earlier one: each day's factor depends on all later events."""
        archive, key = self.archive(FACTORS), SeriesKey(venue, symbol)
        columns = (factors.ts, factors.price_factor, factors.split_factor, factors.reference)
        frame = _frame(FACTORS, dict(zip(FACTORS.columns, columns, strict=True)))
        return archive.exchange(key, frame)

    def trades(self, venue: str, symbol: str, start: int | None = None, end: int | None = None) -> TickArray:
        """Trades in ``start <= ts < end``, of an instrument with its venue's documented steps and fees.

        Raises
        ------
        DataError : none are stored for the market.
        """
        frame = self._read(TRADES, venue, symbol, start, end)
        return TickArray(instrument_for(symbol, venue), *(frame.get_column(name).to_numpy() for name in TRADES.columns))

    def write_trades(self, ticks: TickArray, *, replace: bool = True) -> Written:
        """Store trades in place of all stored ones from the first to the last time, both included, if they may."""
        columns = dict(zip(TRADES.columns, (ticks.ts, ticks.price, ticks.size, ticks.side), strict=True))
        return self._write(TRADES, ticks.instrument.venue, ticks.instrument.symbol, columns, replace=replace)

    def quotes(self, venue: str, symbol: str, start: int | None = None, end: int | None = None) -> QuoteArray:
        """Best bids and asks in ``start <= ts < end``, as :meth:`trades`."""
        frame = self._read(QUOTES, venue, symbol, start, end)
        instrument = instrument_for(symbol, venue)
        return QuoteArray(instrument, *(frame.get_column(name).to_numpy() for name in QUOTES.columns))

    def write_quotes(self, quotes: QuoteArray, *, replace: bool = True) -> Written:
        """Store quotes in place of all stored ones from the first to the last time, both included, if they may."""
        columns = (quotes.ts, quotes.bid, quotes.ask, quotes.bid_size, quotes.ask_size)
        instrument = quotes.instrument
        named = dict(zip(QUOTES.columns, columns, strict=True))
        return self._write(QUOTES, instrument.venue, instrument.symbol, named, replace=replace)

    def _read(self, kind: Kind, venue: str, symbol: str, start: int | None, end: int | None) -> pl.DataFrame:
        return self.archive(kind).read(SeriesKey(venue, symbol), start=start, end=end)[1].rechunk()

    def _write(
        self, kind: Kind, venue: str, symbol: str, columns: dict[str, np.ndarray], *, replace: bool = True
    ) -> Written:
        return self.archive(kind).upsert(SeriesKey(venue, symbol), _frame(kind, columns), replace=replace)


def instrument_of(key: SeriesKey) -> Instrument:
    """Instrument of a stored series by its venue's documented steps and fees.

    Raises
    ------
    ConfigError : the venue has no documented ones.
    """
    return instrument_for(key.symbol, key.venue)


class AbsentError(DataError):
    """The store holds nothing of what was asked for."""


def find_series(archive: Archive, market: str, interval: str | None = None) -> list[SeriesKey]:
    """Keys of the stored series that a person means by ``SYMBOL``, ``VENUE/SYMBOL`` or ``VENUE/SYMBOL/INTERVAL``.

    Raises
    ------
    AbsentError : there is none.
    DataError : the symbol is stored for several venues.
    """
    named = [series.key for series in archive.series() if series.parts]
    found = [key for key in named if key.is_named(market)]
    kind = archive.kind.name
    if not found:
        known = dict.fromkeys(word for key in named for word in (key.symbol, f"{key.venue}/{key.symbol}"))
        mend = did_you_mean(market, known) or "`tradebot data list` shows what there is; import or download it first."
        raise AbsentError(f"no {kind} are stored under this name", place=market, mend=mend)
    venues = dict.fromkeys(key.venue for key in found)
    if len(venues) > 1:
        choices = " or ".join(f"{venue}/{found[0].symbol}" for venue in venues)
        raise DataError(f"{kind} are stored for several venues", place=market, mend=f"Write {choices}.")
    if interval is None:
        return found
    return [key for key in found if key.interval == interval]


def _frame(kind: Kind, columns: dict[str, np.ndarray]) -> pl.DataFrame:
    import polars as pl

    frame = pl.DataFrame({name: pl.Series(name, column) for name, column in columns.items()})
    return frame.with_columns(pl.col(name).fill_nan(None) for name in kind.optional)
