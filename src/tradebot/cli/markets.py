"""From the data options to bars: files, stored markets, the built-in one, fees and funding."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from tradebot.cli.coverage import check_coverage, download_command, gap_notes
from tradebot.cli.values import read_fees
from tradebot.core.errors import ConfigError, DataError

if TYPE_CHECKING:
    from tradebot.cli.request import BacktestRequest
    from tradebot.core.bar import BarArray
    from tradebot.store.funding import Funding
    from tradebot.store.reading import Stored

MOCK: Final = "mock"
STORED: Final = "store"
STORE: Final = "store:"
_MOCK_SYMBOL: Final = "MOCKUSDT"
_MOCK_BARS: Final = 50_000
_MOCK_START: Final = "2024-01-01"


def load_markets(request: BacktestRequest) -> tuple[list[BarArray], list[str]]:
    """Bars of every market asked for, with the fees asked for, and what a report must say of them.

    Raises
    ------
    ConfigError : the options contradict each other.
    DataError : a file or a stored market is not as it must be.
    """
    if not request.data:
        mend = "Give a file of bars, `--data store:MARKET`, or `--data mock` for the built-in market."
        raise ConfigError("no data is given", place="--data", mend=mend)
    notes: list[str] = []
    if MOCK in request.data:
        if len(request.data) > 1:
            mend = "Name several mock markets by --symbol."
            raise ConfigError("mock does not mix with files", place="--data", mend=mend)
        markets = _mock_markets(request)
    else:
        markets = _kept_markets(request, notes)
    if request.adjusted and not any(text.startswith(STORE) for text in request.data):
        mend = "Import the bars and their factors (`tradebot data import`), and give store:MARKET."
        raise ConfigError("only stored markets have factors to adjust by", place="--adjusted", mend=mend)
    symbols = [market.symbol for market in markets]
    for symbol in symbols:
        if symbols.count(symbol) > 1:
            mend = "Give each market once, or tell them apart by --symbol."
            raise ConfigError(f"{symbol} is given {symbols.count(symbol)} times", place="--data", mend=mend)
    return [_with_fees(market, request.fees) for market in markets] if request.fees else markets, notes


def load_funding(request: BacktestRequest, markets: list[BarArray]) -> dict[str, Funding] | None:
    """Funding payments by symbol, of files or (``store``) the stored ones of each market.

    A file belongs to the market whose symbol its name begins with.

    Raises
    ------
    ConfigError : a file's market is not among those traded.
    DataError : a file is not as it must be.
    """
    from tradebot.store.funding import read_funding

    if STORED in request.funding:
        if len(request.funding) > 1:
            raise ConfigError("store does not mix with files", place="--funding", mend="Give it alone, or files alone.")
        return _stored_funding(markets)
    named = (_named_file("--funding", text, markets) for text in request.funding)
    return {market.symbol: read_funding(file) for market, file in named} or None


def load_finer(request: BacktestRequest, markets: list[BarArray]) -> list[BarArray] | None:
    """Finer bars by market; a file belongs to the market whose symbol its name begins with.

    Raises
    ------
    ConfigError : a file's market is not among those traded.
    DataError : a file is not as it must be.
    """
    from tradebot.store.files import read_bars

    named = (_named_file("--magnify", text, markets) for text in request.magnify)
    return [
        read_bars(file, instrument=market.instrument, violations=request.violations) for market, file in named
    ] or None


def _stored_funding(markets: list[BarArray]) -> dict[str, Funding]:
    from tradebot.core.asset_class import AssetClass
    from tradebot.store.library import Library

    library = Library()
    perpetuals = [bars.instrument for bars in markets if bars.instrument.asset_class is AssetClass.PERPETUAL]
    if not perpetuals:
        raise ConfigError("no market of the run is a perpetual", place="--funding", mend="Leave it out.")
    return {market.symbol: library.funding(market.venue, market.symbol) for market in perpetuals}


def _named_file(option: str, text: str, markets: list[BarArray]) -> tuple[BarArray, str]:
    """A file written as FILE or SYMBOL=FILE, and its market."""
    symbol, equals, path = text.partition("=")
    if not equals:
        symbol, path = _symbol_of(Path(text), markets), text
    for market in markets:
        if market.symbol == symbol:
            return market, path
    traded = ", ".join(market.symbol for market in markets)
    mend = f"Write it as SYMBOL=FILE, with one of {traded}."
    raise ConfigError(f"{path} belongs to no market of the run", place=option, mend=mend)


def _kept_markets(request: BacktestRequest, notes: list[str]) -> list[BarArray]:
    """Bars of files and of the store; what is to be said of the stored ones goes into ``notes``."""
    for option, value in (("--seed", request.seed), ("--bars", request.bars)):
        if value is not None:
            raise ConfigError(
                "only the built-in market has one", place=option, mend="Leave it out, or use --data mock."
            )
    if request.symbols and len(request.symbols) != len(request.data):
        fact = f"{len(request.symbols)} symbols are given for {len(request.data)} files"
        raise ConfigError(fact, place="--symbol", mend="Give one for each --data, in the same order, or none.")
    symbols = request.symbols or (None,) * len(request.data)
    found: list[BarArray] = []
    for text, symbol in zip(request.data, symbols, strict=True):
        is_stored = text.startswith(STORE)
        market = (
            _stored_market(request, text.removeprefix(STORE), notes)
            if is_stored
            else _file(request, text, symbol, notes)
        )
        check_coverage(market, request.start, request.end, is_stored=is_stored)
        notes += gap_notes(market)
        found.append(market)
    return found


def _file(request: BacktestRequest, path: str, symbol: str | None, notes: list[str]) -> BarArray:
    from tradebot.store.reading import bars_of_file

    found = bars_of_file(
        path,
        request.base,
        symbol=symbol,
        venue=request.venue,
        violations=request.violations,
        start=request.start,
        end=request.end,
    )
    notes += found.notes
    return found.bars


def _stored_market(request: BacktestRequest, market: str, notes: list[str]) -> BarArray:
    from tradebot.core.instant import to_ns
    from tradebot.core.instrument import instrument_for
    from tradebot.store.library import AbsentError, Library
    from tradebot.store.reading import stored_bars

    if request.symbols:
        mend = "Leave it out: a stored market is named by --data alone."
        raise ConfigError("stored markets have their own names", place="--symbol", mend=mend)
    start, end = (None if moment is None else to_ns(moment) for moment in (request.start, request.end))
    library = Library()

    def read(name: str) -> Stored:
        return stored_bars(
            library,
            name,
            request.base,
            start=start,
            end=end,
            adjusted=request.adjusted,
            violations=request.violations,
        )

    if not request.venue or "/" in market:
        found = read(market)
        notes += found.notes
        return found.bars
    try:
        found = read(f"{request.venue}/{market}")
    except AbsentError:
        try:
            found = read(market)
        except AbsentError as error:
            raise _with_command(error, request, market) from None
        held = found.bars.instrument
        notes.append(f"The bars are those of {held.venue}, traded by the rules of {request.venue}.")
        notes += found.notes
        return replace(found.bars, instrument=instrument_for(held.symbol, request.venue))
    notes += found.notes
    return found.bars


def _with_command(error: DataError, request: BacktestRequest, symbol: str) -> DataError:
    """The error with the command that gets what is missing, unless the name was but mistyped."""
    from tradebot.core.interval import Interval

    if request.base is None or request.venue is None or "Did you mean" in error.mend:
        return error
    interval = Interval.parse(request.base)
    command = download_command(request.venue, symbol, interval, request.start, request.end)
    return DataError(error.fact, place=error.place, mend=f"{command} gets them.")


def _mock_markets(request: BacktestRequest) -> list[BarArray]:
    from tradebot.core.instant import to_ns
    from tradebot.core.instrument import instrument_for
    from tradebot.core.interval import Interval
    from tradebot.feeds.mock import mock_bars

    interval = Interval.parse(request.base or "1m")
    start = to_ns(request.start or _MOCK_START)
    count = request.bars or _MOCK_BARS
    if request.end is not None:
        if request.bars is not None:
            raise ConfigError("--bars and --end are both given", place="--data mock", mend="Give one of them.")
        count = (to_ns(request.end) - start) // interval.ns
        if count < 1:
            raise ConfigError(f"no {interval} bar lies between start and end", place="--end", mend="Give a later one.")
    return [
        mock_bars(
            symbol,
            interval,
            count,
            1 if request.seed is None else request.seed,
            start=start,
            instrument=instrument_for(symbol, request.venue or MOCK),
        )
        for symbol in request.symbols or (_MOCK_SYMBOL,)
    ]


def _with_fees(market: BarArray, text: str) -> BarArray:
    maker, taker = read_fees(text)
    costs = {"maker_fee": maker, "taker_fee": taker, "fee_per_share": Decimal(0), "min_fee": Decimal(0)}
    return replace(market, instrument=msgspec.structs.replace(market.instrument, **costs))


def _symbol_of(file: Path, markets: list[BarArray]) -> str:
    if len(markets) == 1:
        return markets[0].symbol
    name = file.name.casefold()
    fitting = [market.symbol for market in markets if name.startswith(market.symbol.casefold())]
    # The longest one: BTCUSDT's file is not BTC's.
    return max(fitting, key=len, default="")
