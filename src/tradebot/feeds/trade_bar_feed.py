"""A feed whose bars are built from the trades of another's stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from typing import Final

from tradebot.core.bar import Bar, BarArray
from tradebot.core.errors import DataError
from tradebot.core.event import BarClosed, MarketEvent, QuoteSeen, TickSeen
from tradebot.core.instrument import Instrument
from tradebot.core.interval import SECOND, Interval
from tradebot.core.protocols import Feed, FeedAbilities
from tradebot.feeds.trade_bars import TradeBars

_LATE_NS: Final = SECOND


class TradeBarFeed:
    """Builds bars from trades; implements :class:`tradebot.core.protocols.Feed`.

    The interval that lies under way when the stream begins is not heard of whole: its bar is asked of the feed's
    history, like every bar that is missed later by whoever reads the stream.

    Parameters
    ----------
    feed : where trades and history come from.
    now : the venue's time, int64 ns UTC, by which intervals end in which nobody trades any more; ``None`` for data that
        is played, where they end by the data alone.
    late_ns : for how long after its end an interval waits for trades, ns.
    flat : whether an interval without trades has a bar; see :class:`TradeBars`.

    Raises
    ------
    DataError : the feed tells no trades.
    """

    def __init__(
        self, feed: Feed, now: Callable[[], int] | None, *, late_ns: int = _LATE_NS, flat: bool = False
    ) -> None:
        if not feed.abilities.ticks:
            raise DataError("the feed tells no trades", place="feed", mend="Take its bars.")
        self._feed = feed
        self._now = now
        self._late_ns = late_ns
        self._flat = flat

    @property
    def abilities(self) -> FeedAbilities:
        """Those of the feed beneath."""
        return self._feed.abilities

    async def close(self) -> None:
        """Close the feed beneath."""
        close = getattr(self._feed, "close", None)
        if close is not None:
            await close()

    async def history(self, instrument: Instrument, interval: Interval, start: int, end: int) -> BarArray:
        """As of the feed beneath."""
        return await self._feed.history(instrument, interval, start, end)

    async def stream(self, instruments: Sequence[Instrument], interval: Interval | None) -> AsyncIterator[MarketEvent]:
        """Closed bars of all instruments; without an interval, what the feed beneath tells.

        Raises
        ------
        DataError : the stream beneath breaks off.
        """
        stream = self._feed.stream(instruments, None)
        if interval is None:
            async for event in stream:
                yield event
            return
        building = {each.symbol: TradeBars(interval, late_ns=self._late_ns, flat=self._flat) for each in instruments}
        markets = {each.symbol: each for each in instruments}
        coming = asyncio.ensure_future(anext(stream, None))
        try:
            while True:
                await asyncio.wait({coming}, timeout=self._wait(building))
                closed: list[tuple[str, Bar]] = []
                if coming.done():
                    if (told := coming.result()) is None:
                        return
                    closed = self._taken(building, told)
                    coming = asyncio.ensure_future(anext(stream, None))
                for symbol, bar in (*closed, *self._ended(building)):
                    if bar.ts != building[symbol].begin:
                        yield BarClosed(symbol, interval, bar)
                    elif (whole := await self._whole(markets[symbol], interval, bar.ts)) is not None:
                        yield BarClosed(symbol, interval, whole)
        finally:
            coming.cancel()
            with suppress(asyncio.CancelledError, StopAsyncIteration, DataError, OSError):
                await coming
            close = getattr(stream, "aclose", None)
            if close is not None:
                await close()

    def _wait(self, building: dict[str, TradeBars]) -> float | None:
        """Seconds until an interval ends by time; ``None`` where none does."""
        dues = [due for bars in building.values() if (due := bars.due) is not None]
        return None if self._now is None or not dues else max(min(dues) - self._now(), 0) / SECOND

    def _taken(self, building: dict[str, TradeBars], told: MarketEvent) -> list[tuple[str, Bar]]:
        """The bars that an event has closed."""
        match told:
            case TickSeen(symbol, tick):
                closed = building[symbol].add(tick)
            case QuoteSeen(symbol, quote):
                closed = building[symbol].close(quote.ts)
            case BarClosed(symbol):
                closed = []
        return [(symbol, bar) for bar in closed]

    def _ended(self, building: dict[str, TradeBars]) -> list[tuple[str, Bar]]:
        """The bars that time has closed."""
        if self._now is None:
            return []
        now = self._now()
        return [(symbol, bar) for symbol, bars in building.items() for bar in bars.close(now)]

    async def _whole(self, instrument: Instrument, interval: Interval, ts: int) -> Bar | None:
        """The bar of an interval that was not heard of whole; ``None`` where the history has it not, or not yet."""
        with suppress(DataError):
            found = await self._feed.history(instrument, interval, ts, interval.next(ts))
            return found[0] if len(found) else None
        return None
