"""The mock feed: history and stream of one market."""

import asyncio
from itertools import pairwise

import pytest

from tradebot.core.errors import DataError
from tradebot.core.event import BarClosed, MarketEvent, QuoteSeen, TickSeen
from tradebot.core.instant import to_ns
from tradebot.core.instrument import Instrument
from tradebot.core.interval import MINUTE, Interval
from tradebot.core.protocols import Feed
from tradebot.feeds.mock import MockFeed

A, B = Instrument.mock("AUSDT"), Instrument.mock("BUSDT")
ONE, FIVE = Interval.parse("1m"), Interval.parse("5m")
NOON = to_ns("2024-01-02T12:00:00")


def streamed(feed: Feed, instruments: list[Instrument], interval: Interval | None, count: int) -> list[MarketEvent]:
    async def take() -> list[MarketEvent]:
        events: list[MarketEvent] = []
        async for event in feed.stream(instruments, interval):
            events.append(event)
            if len(events) == count:
                break
        return events

    return asyncio.run(take())


def test_history_is_cut_to_the_span():
    bars = asyncio.run(MockFeed().history(A, FIVE, NOON, NOON + 20 * MINUTE))
    assert bars.ts.tolist() == [NOON + step * MINUTE for step in (0, 5, 10, 15)]


def test_history_is_the_same_whatever_was_asked_before():
    feed, fresh = MockFeed(seed=3), MockFeed(seed=3)
    asyncio.run(feed.history(A, ONE, NOON, NOON + MINUTE))
    later = to_ns("2024-02-01")
    assert asyncio.run(feed.history(A, ONE, later, later + 5 * MINUTE)).close.tolist() == (
        asyncio.run(fresh.history(A, ONE, later, later + 5 * MINUTE)).close.tolist()
    )


def test_longer_bars_are_made_of_the_same_minutes():
    feed = MockFeed()
    minutes = asyncio.run(feed.history(A, ONE, NOON, NOON + 5 * MINUTE))
    five = asyncio.run(feed.history(A, FIVE, NOON, NOON + 5 * MINUTE))
    assert five.close[0] == minutes.close[-1]
    assert five.high[0] == minutes.high.max()


def test_the_stream_says_what_history_says():
    feed = MockFeed(live_from=NOON)
    events = streamed(feed, [A], FIVE, 400)
    bars = [event.bar for event in events if isinstance(event, BarClosed)]
    history = asyncio.run(feed.history(A, FIVE, NOON, bars[-1].ts + 1))
    assert [bar.ts for bar in bars] == history.ts.tolist()
    assert [bar.close for bar in bars] == history.close.tolist()


def test_several_markets_arrive_in_the_order_they_are_known():
    events = streamed(MockFeed(), [A, B], ONE, 3_000)
    assert [event.symbol for event in events[:4]] == ["AUSDT", "BUSDT", "AUSDT", "BUSDT"]
    times = [event.bar.ts for event in events if isinstance(event, BarClosed)]
    assert times == sorted(times)


def test_without_an_interval_quotes_and_trades_arrive():
    events = streamed(MockFeed(), [A, B], None, 2_000)
    times = [event.tick.ts if isinstance(event, TickSeen) else event.quote.ts for event in events]  # type: ignore[union-attr]
    assert all(early <= late for early, late in pairwise(times))
    for quote, tick in pairwise(event for event in events if event.symbol == "AUSDT"):
        if isinstance(quote, QuoteSeen):
            assert isinstance(tick, TickSeen)
            assert quote.quote.bid <= tick.tick.price <= quote.quote.ask


def test_trades_make_up_the_bars_of_the_same_feed():
    feed = MockFeed()
    events = streamed(feed, [A], None, 3_000)
    prices = [event.tick.price for event in events if isinstance(event, TickSeen)]
    bar = asyncio.run(feed.history(A, ONE, to_ns("2024-01-01"), to_ns("2024-01-01") + MINUTE)).bar(0)
    assert prices[0] == bar.open
    assert max(prices[: bar.trades]) == bar.high
    assert prices[bar.trades - 1] == bar.close


def test_a_stream_with_a_speed_waits_between_bars(monkeypatch: pytest.MonkeyPatch):
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr("tradebot.feeds.mock.asyncio.sleep", sleep)
    streamed(MockFeed(speed=60), [A], ONE, 3)
    assert waits == [1.0, 1.0, 1.0]


def test_the_feed_says_what_it_can_do():
    abilities = MockFeed().abilities
    assert abilities.ticks
    assert abilities.quotes
    assert abilities.live


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"seed": -1}, "mock feed seed: the seed -1 is negative"),
        ({"speed": 0}, "mock feed speed: 0 is not positive. 1 is real time."),
        ({"live_from": "2020-01-01"}, "mock feed live_from: 2020-01-01T00:00:00Z lies before the market's start"),
    ],
)
def test_impossible_feeds_are_refused(arguments: dict[str, object], sentence: str):
    with pytest.raises(DataError) as caught:
        MockFeed(**arguments)  # type: ignore[arg-type]
    assert sentence in str(caught.value)


def test_seconds_and_times_before_the_market_are_refused():
    with pytest.raises(DataError, match="mock feed AUSDT: no 1s bars. Ask for whole minutes or longer."):
        asyncio.run(MockFeed().history(A, Interval.parse("1s"), NOON, NOON + MINUTE))
    with pytest.raises(DataError, match="no 1m bar opens in 2020-01-01.*the market begins 2024-01-01T00:00:00Z"):
        asyncio.run(MockFeed().history(A, ONE, to_ns("2020-01-01"), to_ns("2020-01-02")))
