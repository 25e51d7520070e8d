"""The HTML report of a kept run, drawn again from its record and its bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tradebot.api.backtests.work import MOCK, MOCK_START
from tradebot.api.problems import RequestError
from tradebot.api.services import Services
from tradebot.core.instant import to_ns
from tradebot.core.instrument import instrument_for
from tradebot.core.interval import Interval
from tradebot.research.runs.record import MarketPrint, RunRecord
from tradebot.store.reading import stored_bars

if TYPE_CHECKING:
    from tradebot.core.bar import BarArray

_STORE = "store:"


def report_of(services: Services, record: RunRecord) -> str:
    """The page.

    Raises
    ------
    RequestError : the run was made from files, which only the command line may read.
    DataError : the bars have changed since.
    """
    from tradebot.research.report.document import build
    from tradebot.research.runs.revival import revive

    options: dict[str, Any] = record.request.get("options", {})
    sources: list[str] = options.get("data", [])
    if sources == [MOCK]:
        markets = [_mock(options, market) for market in record.data]
    elif sources and all(source.startswith(_STORE) for source in sources):
        markets = [_stored(services, source, market) for source, market in zip(sources, record.data, strict=True)]
    else:
        mend = f"`tradebot runs report {record.short_id}` draws it."
        raise RequestError(409, "the run was made from files", place="id", mend=mend)
    return build(revive(services.runs, record, markets))


def _stored(services: Services, source: str, market: MarketPrint) -> BarArray:
    name, interval = source.removeprefix(_STORE), market.interval
    return stored_bars(services.library, name, interval, start=market.first, end=market.last + 1).bars


def _mock(options: dict[str, Any], market: MarketPrint) -> BarArray:
    from tradebot.feeds.mock import mock_bars

    interval = Interval.parse(market.interval)
    start, seed = to_ns(options.get("start") or MOCK_START), options.get("seed")
    count = (interval.close_of(market.last) - start) // interval.ns
    instrument = instrument_for(market.symbol, market.venue)
    bars = mock_bars(market.symbol, interval, count, 1 if seed is None else seed, start=start, instrument=instrument)
    return bars.between(market.first, market.last + 1)
