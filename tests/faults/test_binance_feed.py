"""What goes wrong with Binance's live data, each a row of the failure matrix, on the local exchange."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import pytest
import websockets
from websockets.asyncio.server import ServerConnection

from local_exchange import INSTRUMENT, START, Running, bar, running
from tradebot.core.bar import Quote, Tick
from tradebot.core.errors import DataError, NoBarsError
from tradebot.core.event import BarClosed, MarketEvent, QuoteSeen, TickSeen
from tradebot.core.instant import to_ns
from tradebot.core.interval import MINUTE, SECOND, Interval
from tradebot.feeds import binance_stream
from tradebot.feeds.binance_stream import BinanceFeed, StreamPatience
from tradebot.feeds.binance_ticks import BadTicks, quote_of, tick_of
from tradebot.venues.binance import BinanceHost, Route
from tradebot.venues.socket import opened

M1 = Interval(1, "m")
BARS = [bar(n, 100 + n, 102 + n, 99 + n, 101 + n) for n in range(30)]


def feed_of(exchange: Running, **patience: float) -> BinanceFeed:
    return BinanceFeed(BinanceHost.of("local", url=exchange.url), patience=StreamPatience(**patience))


class Taken:
    """Events of a stream as they come, and the error it ended in."""

    def __init__(self, feed: BinanceFeed, interval: Interval | None = M1) -> None:
        self.events: list[MarketEvent] = []
        self.error: Exception | None = None
        self._task = asyncio.create_task(self._take(feed, interval))

    async def _take(self, feed: BinanceFeed, interval: Interval | None) -> None:
        try:
            async for event in feed.stream([INSTRUMENT], interval):
                self.events.append(event)
        except DataError as error:
            self.error = error

    async def listening(self, exchange: Running, route: str = "market") -> None:
        """Wait until the exchange has the subscription."""
        hub = exchange.exchange.venue.hub
        async with asyncio.timeout(10):
            while not any(each.route == route and each.streams for each in hub.connections):
                await asyncio.sleep(0.01)

    async def count(self, count: int) -> Sequence[MarketEvent]:
        async with asyncio.timeout(10):
            while len(self.events) < count and self.error is None:
                await asyncio.sleep(0.01)
        return self.events

    @property
    def ticks(self) -> list[Tick]:
        return [event.tick for event in self.events if isinstance(event, TickSeen)]

    @property
    def quotes(self) -> list[Quote]:
        return [event.quote for event in self.events if isinstance(event, QuoteSeen)]

    async def failed(self) -> str:
        async with asyncio.timeout(10):
            while self.error is None:
                await asyncio.sleep(0.01)
        return str(self.error)

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


async def test_closed_bars_come_once_whole_and_in_order() -> None:
    with running(BARS, stepped=True) as exchange:
        feed = feed_of(exchange)
        taken = Taken(feed)
        await taken.listening(exchange)
        exchange.step_bar(10)
        events = await taken.count(10)
        await taken.close()
        await feed.close()
    assert [event.bar.ts for event in events if isinstance(event, BarClosed)] == [each.bar.ts for each in BARS[:10]]
    first, sent = events[0], BARS[0]
    assert isinstance(first, BarClosed)
    assert (first.bar.open, first.bar.high, first.bar.low, first.bar.close) == (100.0, 102.0, 99.0, 101.0)
    assert first.bar.volume == sent.bar.volume


async def test_history_and_stream_agree_on_a_bar() -> None:
    with running(BARS, stepped=True) as exchange:
        feed = feed_of(exchange)
        taken = Taken(feed)
        await taken.listening(exchange)
        exchange.step_bar(5)
        told = [event.bar for event in await taken.count(5) if isinstance(event, BarClosed)]
        bars = await feed.history(INSTRUMENT, M1, START, START + 5 * MINUTE)
        await taken.close()
        await feed.close()
    columns = ("ts", "open", "high", "low", "close", "volume", "trades")
    assert [[getattr(each, name) for name in columns] for each in bars] == [
        [getattr(each, name) for name in columns] for each in told
    ]


async def test_trades_and_quotes_come_from_their_own_routes() -> None:
    market: list[MarketEvent] = []
    for n in range(1, 6):
        market.append(QuoteSeen("BTCUSDT", Quote(START + n * SECOND, 99.0 + n, 99.5 + n, 2.0, 3.0)))
        market.append(TickSeen("BTCUSDT", Tick(START + n * SECOND, 99.5 + n, 0.5, 1)))
    with running(market, stepped=True) as exchange:
        feed = feed_of(exchange)
        taken = Taken(feed, None)
        await taken.listening(exchange)
        await taken.listening(exchange, "public")
        for _ in market:
            exchange.step()
        async with asyncio.timeout(10):
            while len(taken.ticks) < 5 or not taken.quotes:
                await asyncio.sleep(0.01)
        await taken.close()
        await feed.close()
    assert [(tick.price, tick.size, tick.side) for tick in taken.ticks] == [(99.5 + n, 0.5, 1) for n in range(1, 6)]
    assert (taken.quotes[-1].bid, taken.quotes[-1].ask) == (104.0, 104.5)
    assert feed.bad_ticks.count == 0


async def test_ws_silent_stall_is_an_error_within_its_threshold_though_the_socket_answers_pings() -> None:
    with running(BARS, stepped=True) as exchange:
        exchange.control("faults", {"action": "lose", "on": "market", "times": None})
        feed = feed_of(exchange, market_s=0.3)
        taken = Taken(feed)
        began = asyncio.get_running_loop().time()
        assert "nothing has come" in await taken.failed()
        assert asyncio.get_running_loop().time() - began < 0.3 + 1 + 5
        await feed.close()


async def test_wrong_route_is_acknowledged_and_silent_and_found_by_the_age_of_its_data() -> None:
    class Astray(BinanceHost):
        def socket(self, route: Route, path: str) -> str:
            return f"{self.sockets}/public/{path}"

    with running(BARS, stepped=True) as exchange:
        host = Astray(mode="local", rest=exchange.url, sockets=exchange.ws_url, account="")
        feed = BinanceFeed(host, patience=StreamPatience(market_s=0.3))
        taken = Taken(feed)
        await taken.listening(exchange, "public")
        exchange.step_bar(2)
        assert "BTCUSDT: nothing has come" in await taken.failed()
        assert taken.events == []
        await feed.close()


async def test_bars_of_another_time_than_now_are_told_with_the_way_to_play_them_as_of_now() -> None:
    with running(BARS) as exchange:
        feed = feed_of(exchange)
        with pytest.raises(NoBarsError, match=r"no 1m bar from 2031-\S+ to 2031-\S+\. .*tradebot exchange --now"):
            await feed.history(INSTRUMENT, M1, to_ns("2031-01-01"), to_ns("2031-01-02"))
        await feed.close()


async def test_a_cut_connection_is_an_error_after_the_bars_that_had_come() -> None:
    with running(BARS, stepped=True) as exchange:
        feed = feed_of(exchange)
        taken = Taken(feed)
        await taken.listening(exchange)
        exchange.step_bar(2)
        await taken.count(2)
        exchange.control("disconnect", {"route": "market"})
        assert "connection has ended" in await taken.failed()
        assert len(taken.events) == 2
        await feed.close()


async def test_the_connection_is_opened_anew_before_binance_ends_it() -> None:
    with running(BARS, stepped=True) as exchange:
        feed = feed_of(exchange, market_s=5.0, day_s=0.2)
        taken = Taken(feed)
        await taken.listening(exchange)
        await asyncio.sleep(0.3)
        exchange.step()
        assert "lived its day" in await taken.failed()
        await feed.close()


async def test_history_of_an_overloaded_exchange_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binance_stream, "_FIRST_WAIT_S", 0.01)
    with running() as exchange:
        exchange.control("faults", {"action": "error", "on": "GET /fapi/v1/klines", "code": -1008, "times": 2})
        feed = BinanceFeed(BinanceHost.of("local", url=exchange.url))
        bars = await feed.history(INSTRUMENT, M1, START, START + MINUTE)
        await feed.close()
    assert len(bars) == 1


async def test_history_that_does_not_answer_is_asked_again_and_then_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binance_stream, "_FIRST_WAIT_S", 0.01)
    feed = BinanceFeed(BinanceHost.of("local", url="http://127.0.0.1:9"))
    with pytest.raises(DataError, match="no answer"):
        await feed.history(INSTRUMENT, M1, START, START + MINUTE)
    await feed.close()


@pytest.mark.parametrize("price", ["0", "-1", "NaN", "Infinity", "1000", "1"])
def test_bad_tick_is_kept_from_the_trader(price: str) -> None:
    bad = BadTicks()
    bad.mark("BTCUSDT", 100.0)
    told: dict[str, Any] = {"s": "BTCUSDT", "p": price, "q": "1", "T": 1, "m": False}
    feed = BinanceFeed(BinanceHost.of("local", url="http://127.0.0.1:9"))
    feed.bad_ticks = bad
    assert list(feed._events({"e": "aggTrade", **told}, {"BTCUSDT": INSTRUMENT}, None)) == []
    assert bad.count == 1
    assert str(bad.latest[0]).startswith("BTCUSDT: ")
    assert tick_of(told | {"p": "101"}, bad).tick.price == 101.0


@pytest.mark.parametrize(
    "wrong", [{"b": "101", "a": "100"}, {"b": "0"}, {"a": "NaN"}, {"a": "200"}], ids=["crossed", "zero", "nan", "far"]
)
def test_bad_tick_among_quotes_is_kept_from_the_trader(wrong: dict[str, str]) -> None:
    bad = BadTicks()
    bad.mark("BTCUSDT", 100.0)
    told: dict[str, Any] = {"s": "BTCUSDT", "b": "99.9", "a": "100.1", "B": "1", "A": "1", "T": 1}
    feed = BinanceFeed(BinanceHost.of("local", url="http://127.0.0.1:9"))
    feed.bad_ticks = bad
    assert list(feed._events({"e": "bookTicker", **told, **wrong}, {"BTCUSDT": INSTRUMENT}, None)) == []
    assert bad.count == 1
    assert quote_of(told, bad).quote.ask == 100.1


async def test_ws_queue_overflow_is_an_error_and_nothing_is_lost_in_silence() -> None:
    async def burst(connection: ServerConnection) -> None:
        with contextlib.suppress(websockets.ConnectionClosed):
            for n in range(10_000):
                await connection.send(f'{{"n": {n}}}')
            await connection.wait_closed()

    async with websockets.serve(burst, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        async with opened(f"ws://127.0.0.1:{port}", "burst", capacity=1_000) as socket:
            seen = [(await socket.next(5))["n"]]
            await asyncio.sleep(1.0)
            with pytest.raises(DataError, match="burst: more than 1000 messages wait to be worked on"):
                while True:
                    seen.append((await socket.next(5))["n"])
            assert seen == list(range(len(seen)))
            assert 1_000 <= len(seen) <= 1_100


async def test_a_socket_that_does_not_open_keeps_its_address_to_itself() -> None:
    with pytest.raises(DataError, match="it does not open") as raised:
        async with opened("ws://127.0.0.1:9/private/ws?listenKey=canary", "binance user stream"):
            pass
    assert "canary" not in str(raised.value)


async def test_spot_has_streams_without_routes_and_a_page_of_its_own() -> None:
    with running(BARS, stepped=True) as exchange:
        feed = BinanceFeed(BinanceHost.of("local", url=exchange.url, market="spot"))
        taken = Taken(feed)
        await taken.listening(exchange, "spot")
        exchange.step_bar(10)
        told = [event.bar for event in await taken.count(10) if isinstance(event, BarClosed)]
        bars = await feed.history(INSTRUMENT, M1, START, START + 10 * MINUTE)
        await taken.close()
        await feed.close()
    assert [bar.close for bar in told] == bars.close.tolist() == [101.0 + n for n in range(10)]
    assert not feed.abilities.quotes


async def test_spot_trades_far_from_their_average_are_kept_from_the_trader() -> None:
    trades = [(1000.0, 0.01) if n == 28 else (100.0, 0.5) for n in range(30)]
    market = [TickSeen("BTCUSDT", Tick(START + n * SECOND, *trade, 1)) for n, trade in enumerate(trades, 1)]
    with running(market, stepped=True) as exchange:
        feed = BinanceFeed(BinanceHost.of("local", url=exchange.url, market="spot"))
        taken = Taken(feed, None)
        await taken.listening(exchange, "spot")
        for _ in market:
            exchange.step()
        async with asyncio.timeout(10):
            while len(taken.ticks) + feed.bad_ticks.count < 30:
                await asyncio.sleep(0.01)
        await taken.close()
        await feed.close()
    assert [tick.price for tick in taken.ticks] == [100.0] * 29
    assert feed.bad_ticks.count == 1


@pytest.mark.parametrize("mode", ["live", "demo"])
def test_spot_and_futures_have_hosts_of_their_own(mode: Any) -> None:
    spot, futures = (BinanceHost.of(mode, market=market) for market in ("spot", "usdm"))
    assert {urlsplit(spot.rest).hostname, urlsplit(spot.sockets).hostname}.isdisjoint(
        {urlsplit(futures.rest).hostname, urlsplit(futures.sockets).hostname}
    )
    assert spot.socket("market", "stream?streams=a") == f"{spot.sockets}/stream?streams=a"
