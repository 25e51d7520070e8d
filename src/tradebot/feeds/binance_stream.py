"""Live data of Binance: closed bars, trades and quotes from its streams, and the past from its history.

Sources: Binance Open Platform, USD-M futures, "Websocket Market Streams", and Spot, "WebSocket Streams". Klines and
trades of the futures live on the route ``market``, best bids and asks on ``public``; on the wrong one a subscription is
acknowledged and stays silent. Spot has no routes, no mark price (its average price of five minutes stands for it), and
no time in its best bids and asks, which are not used.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final, cast

import msgspec
import numpy as np

from tradebot.core.bar import Bar, BarArray
from tradebot.core.errors import ConfigError, DataError, NoBarsError
from tradebot.core.event import BarClosed, MarketEvent
from tradebot.core.instant import iso
from tradebot.core.instrument import Instrument
from tradebot.core.interval import Interval
from tradebot.core.protocols import FeedAbilities
from tradebot.feeds.binance import BinanceHistory
from tradebot.feeds.binance_ticks import BadTick, BadTicks, quote_of, tick_of
from tradebot.feeds.faults import Retriable
from tradebot.venues.binance import BinanceHost, Market, Route
from tradebot.venues.socket import opened

_PLACE: Final = "binance stream"
_MILLISECOND: Final = 1_000_000
# Of the 1,024 that Binance allows; NautilusTrader found fewer to hold better.
_STREAMS: Final = 200
_CAPACITY: Final = 10_000
_ATTEMPTS: Final = 4
_FIRST_WAIT_S: Final = 0.5


class StreamPatience(msgspec.Struct, frozen=True, kw_only=True):
    """How old data may grow before a stream counts as frozen.

    Parameters
    ----------
    market_s : of one market: its klines come every 250 ms while it trades, its mark price every second in any case.
    spot_s : of one market of spot, where nothing comes while nobody trades.
    quotes_s : of a connection with best bids and asks, which stand still where nobody changes them.
    day_s : life of a connection; Binance ends it after 24 hours.
    """

    market_s: float = 10.0
    spot_s: float = 60.0
    quotes_s: float = 60.0
    day_s: float = 23.5 * 3_600


class BinanceFeed:
    """Bars, trades and quotes of Binance; implements :class:`tradebot.core.protocols.Feed`.

    The stream ends in an error when the data of any market grows old, whatever the state of its socket: whoever reads
    opens it again and asks history for what closed meanwhile.

    Parameters
    ----------
    host : live, demo or local.
    patience : how old data may grow.

    Attributes
    ----------
    bad_ticks : trades and quotes that were kept from the trader: no number, crossed, or far from the mark.
    """

    def __init__(self, host: BinanceHost, *, patience: StreamPatience | None = None) -> None:
        try:
            self._history = BinanceHistory(environment={}, market=host.market, base_url=host.rest)
        except ModuleNotFoundError as error:
            mend = "Install it: pip install 'tradebot[binance]'."
            raise ConfigError(f"the package {error.name} is not installed", place="feed binance", mend=mend) from error
        self._host = host
        self._patience = patience or StreamPatience()
        self.bad_ticks = BadTicks()

    @property
    def abilities(self) -> FeedAbilities:
        """Binance's intervals, trades and quotes, past and present."""
        quotes = self._host.market == "usdm"
        return FeedAbilities(intervals=self._history.abilities.intervals, ticks=True, quotes=quotes)

    async def close(self) -> None:
        """Close the connections."""
        await self._history.close()

    async def time(self) -> int:
        """Binance's clock, int64 ns UTC.

        Raises
        ------
        DataError : it does not answer.
        """
        try:
            return await self._history.time()
        except Retriable as fault:
            raise DataError(fault.fact, place="binance") from fault

    async def history(self, instrument: Instrument, interval: Interval, start: int, end: int) -> BarArray:
        """Closed bars that open in ``start <= ts < end``, as many pages as it takes.

        Raises
        ------
        NoBarsError : Binance has none there.
        DataError : it does not answer.
        """
        pages: list[BarArray] = []
        at = start
        while at < end:
            page = await self._page(instrument, interval, at, end)
            if not len(page):
                break
            pages.append(page)
            at = interval.next(int(page.ts[-1]))
            if len(page) < self._history.page(interval):
                break
        if not pages:
            fact = f"there is no {interval} bar from {iso(start)} to {iso(end)}"
            mend = (
                "Recorded bars are played there as of now by `tradebot exchange --now`."
                if self._host.mode == "local"
                else ""
            )
            raise NoBarsError(fact, place=f"binance {instrument.symbol}", mend=mend)
        columns = {name: np.concatenate([page.columns()[name] for page in pages]) for name in pages[0].columns()}
        return BarArray(instrument, interval, **columns)

    async def stream(self, instruments: Sequence[Instrument], interval: Interval | None) -> AsyncIterator[MarketEvent]:
        """Closed bars, or, without an interval, trades and quotes.

        Raises
        ------
        DataError : a stream breaks off, its data grows old, or more comes than is read.
        """
        markets = {instrument.symbol: instrument for instrument in instruments}
        events: asyncio.Queue[MarketEvent | Exception] = asyncio.Queue(_CAPACITY)
        tasks = [
            asyncio.create_task(self._pour(route, streams, markets, interval, events))
            for route, streams in _connections(self._host.market, list(markets), interval)
        ]
        try:
            while True:
                event = await events.get()
                if isinstance(event, Exception):
                    raise event
                yield event
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _page(self, instrument: Instrument, interval: Interval, start: int, end: int) -> BarArray:
        for attempt in itertools.count(1):
            try:
                return await self._history.history(instrument, interval, start, end)
            except Retriable as fault:
                if attempt == _ATTEMPTS:
                    raise DataError(fault.fact, place=f"binance {instrument.symbol}") from fault
                wait = _FIRST_WAIT_S * 2**attempt * random.uniform(0.5, 1.0)  # noqa: S311 - no secret hangs on it
                await asyncio.sleep(max(wait, fault.after or 0.0))
        raise AssertionError(instrument)

    async def _pour(
        self,
        route: Route,
        streams: list[str],
        markets: Mapping[str, Instrument],
        interval: Interval | None,
        events: asyncio.Queue[MarketEvent | Exception],
    ) -> None:
        try:
            async with aclosing(self._messages(route, streams)) as messages:
                async for message in messages:
                    for event in self._events(message, markets, interval):
                        events.put_nowait(event)
        except asyncio.QueueFull:
            await events.put(DataError(f"more than {_CAPACITY} events wait to be worked on", place=_PLACE))
        except DataError as error:
            await events.put(error)
        except (KeyError, ValueError, TypeError) as error:
            await events.put(DataError(f"a message is not understood ({error!r})", place=_PLACE))

    async def _messages(self, route: Route, streams: list[str]) -> AsyncGenerator[Mapping[str, Any]]:
        """Messages of one connection, as long as none of its markets grows old."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        age_s = self._patience.market_s if route == "market" else self._patience.quotes_s
        age_s = self._patience.spot_s if self._host.market == "spot" else age_s
        # Quotes have no heartbeat of their own, so that the connection is judged as one.
        markets = {_market(stream) for stream in streams} if route == "market" else {""}
        newest = dict.fromkeys(markets, began)
        async with opened(self._host.socket(route, f"stream?streams={'/'.join(streams)}"), _PLACE) as socket:
            while loop.time() - began < self._patience.day_s:
                oldest = min(newest, key=newest.__getitem__)
                try:
                    told = cast("dict[str, Any]", await socket.next(max(newest[oldest] + age_s - loop.time(), 0.0)))
                except DataError as error:
                    raise DataError(error.fact, place=f"{_PLACE} {oldest.upper()}".rstrip()) from None
                if "data" in told:
                    newest[_market(told["stream"]) if route == "market" else ""] = loop.time()
                    yield told["data"]
        raise DataError("the connection has lived its day", place=_PLACE)

    def _events(
        self, message: Mapping[str, Any], markets: Mapping[str, Instrument], interval: Interval | None
    ) -> Iterator[MarketEvent]:
        symbol = str(message.get("s", ""))
        if symbol not in markets:
            return
        try:
            match message.get("e"):
                case "kline":
                    if interval is not None and message["k"]["x"]:
                        yield BarClosed(symbol, interval, _bar(message["k"]))
                case "markPriceUpdate":
                    self.bad_ticks.mark(symbol, float(message["p"]))
                case "avgPrice":
                    self.bad_ticks.mark(symbol, float(message["w"]))
                case "aggTrade":
                    yield tick_of(message, self.bad_ticks)
                case "bookTicker":
                    yield quote_of(message, self.bad_ticks)
                case _:
                    pass
        except BadTick as fault:
            self.bad_ticks.keep(fault)


def _connections(
    market: Market, symbols: Sequence[str], interval: Interval | None
) -> Iterator[tuple[Route, list[str]]]:
    """Streams of each connection."""
    mark = "markPrice@1s" if market == "usdm" else "avgPrice"
    kinds: list[tuple[Route, tuple[str, ...]]] = [("market", (f"kline_{interval}" if interval else "aggTrade", mark))]
    if interval is None and market == "usdm":
        kinds.append(("public", ("bookTicker",)))
    for route, names in kinds:
        streams = [f"{symbol.lower()}@{name}" for symbol in symbols for name in names]
        for begin in range(0, len(streams), _STREAMS):
            yield route, streams[begin : begin + _STREAMS]


def _market(stream: str) -> str:
    return stream.partition("@")[0]


def _bar(k: Mapping[str, Any]) -> Bar:
    """A kline's ``k``."""
    volume, quote = float(k["v"]), float(k["q"])
    vwap = quote / volume if volume > 0 else float("nan")
    return Bar(
        int(k["t"]) * _MILLISECOND,
        float(k["o"]),
        float(k["h"]),
        float(k["l"]),
        float(k["c"]),
        volume,
        int(k["n"]),
        vwap,
    )
