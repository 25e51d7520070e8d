"""The HTML report of a kept run, drawn again from its record and its bars."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tradebot.api.backtests.work import MOCK, MOCK_START
from tradebot.api.problems import RequestError
from tradebot.core.instant import to_ns
from tradebot.core.instrument import instrument_for
from tradebot.core.interval import Interval
from tradebot.research.runs.record import MarketPrint, RunRecord
from tradebot.research.runs.store import RunStore
from tradebot.store.library import Library
from tradebot.store.reading import stored_bars

if TYPE_CHECKING:
    from tradebot.core.bar import BarArray

_STORE = "store:"


def check_drawable(record: RunRecord) -> None:
    """Refuse what only the command line may draw.

    Raises
    ------
    RequestError : the run was made from files.
    """
    sources = _sources(record)
    if sources != [MOCK] and not (sources and all(source.startswith(_STORE) for source in sources)):
        mend = f"`tradebot runs report {record.short_id}` draws it."
        raise RequestError(409, "the run was made from files", place="id", mend=mend)


def report_of(home: Path, runs: Path, wanted: str) -> bytes:
    """The page, for the clerk's process.

    Parameters
    ----------
    home, runs : folders of market data and of kept runs.
    wanted : id of a run that :func:`check_drawable` lets pass.

    Raises
    ------
    DataError : there is no such run any more, or the bars have changed since.
    """
    from tradebot.research.report.document import build
    from tradebot.research.runs.revival import revive

    store = RunStore(runs)
    record = store.record(wanted)
    sources = _sources(record)
    if sources == [MOCK]:
        markets = [_mock(record.request["options"], market) for market in record.data]
    else:
        kept = zip(sources, record.data, strict=True)
        markets = [_stored(Library(home), source, market) for source, market in kept]
    return build(revive(store, record, markets)).encode()


def _sources(record: RunRecord) -> list[str]:
    return record.request.get("options", {}).get("data", [])


def _stored(library: Library, source: str, market: MarketPrint) -> BarArray:
    name, interval = source.removeprefix(_STORE), market.interval
    return stored_bars(library, name, interval, start=market.first, end=market.last + 1).bars


def _mock(options: dict[str, Any], market: MarketPrint) -> BarArray:
    from tradebot.feeds.mock import mock_bars

    interval = Interval.parse(market.interval)
    start, seed = to_ns(options.get("start") or MOCK_START), options.get("seed")
    count = (interval.close_of(market.last) - start) // interval.ns
    instrument = instrument_for(market.symbol, market.venue)
    bars = mock_bars(market.symbol, interval, count, 1 if seed is None else seed, start=start, instrument=instrument)
    return bars.between(market.first, market.last + 1)
