"""Market data without a hole: every bar once and in order, whatever the stream does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from tradebot.core.bar import BarArray
from tradebot.core.errors import DataError, NoBarsError
from tradebot.core.event import BarClosed, FeedHealth, History, MarketEvent
from tradebot.core.instrument import Instrument
from tradebot.core.interval import MINUTE, Interval
from tradebot.core.protocols import FeedAbilities
from tradebot.engine.live.feeding import Feeding, Patience
from tradebot.feeds.mock import mock_bars

MINUTELY = Interval.parse("1m")
BARS = mock_bars("MOCKUSDT", "1m", 60, seed=3)
QUICK = Patience(first_s=0.01, longest_s=0.02, silence_s=0.05)


class Hand:
    """A clock moved by hand that counts as real."""

    is_real = True

    def __init__(self, ts: int) -> None:
        self.ts = ts

    def now(self) -> int:
        return self.ts


class Script:
    """A feed whose streams follow a script: bars by index, seconds to pass, an error to raise, None for silence."""

    abilities = FeedAbilities()

    def __init__(self, clock: Hand, *sessions: Sequence[int | float | Exception | None]) -> None:
        self.clock = clock
        self.sessions = list(sessions)
        self.asked: list[tuple[int, int]] = []

    async def history(self, instrument: Instrument, interval: Interval, start: int, end: int) -> BarArray:
        self.asked.append((start, end))
        found = BARS.between(start, end)
        if not len(found):
            raise NoBarsError("no bars there")
        return found

    async def stream(self, instruments: Sequence[Instrument], interval: Interval | None) -> AsyncIterator[MarketEvent]:
        for step in self.sessions.pop(0) if self.sessions else [None]:
            if step is None:
                await asyncio.sleep(3600)
            elif isinstance(step, Exception):
                raise step
            elif isinstance(step, float):
                self.clock.ts += int(step * 1e9)
            else:
                self.clock.ts = max(self.clock.ts, int(BARS.close_ts[step]))
                yield BarClosed("MOCKUSDT", MINUTELY, BARS[step])


def at(index: int) -> int:
    return int(BARS.close_ts[index])


async def told(feeding: Feeding, last: int) -> list[MarketEvent | History | FeedHealth]:
    """Events until the bar of this index has come."""
    found: list[MarketEvent | History | FeedHealth] = []

    async def collect() -> None:
        async for event in feeding.events():
            found.append(event)
            if isinstance(event, BarClosed) and event.bar.ts == BARS.ts[last]:
                return

    await asyncio.wait_for(collect(), 5)
    return found


def opened(events: Sequence[object]) -> list[int]:
    """Indices of the bars in the events, those of histories included."""
    ts: list[int] = []
    for event in events:
        if isinstance(event, BarClosed):
            ts.append(event.bar.ts)
        elif isinstance(event, History):
            ts += event.bars.ts.tolist()
    return [(each - int(BARS.ts[0])) // MINUTE for each in ts]


def feeding(*sessions: Sequence[int | float | Exception | None], now: int = 9) -> tuple[Feeding, Script]:
    clock = Hand(at(now))
    script = Script(clock, *sessions)
    made = Feeding(script, [BARS.instrument], MINUTELY, clock=clock, patience=QUICK)
    made.resume("MOCKUSDT", int(BARS.ts[now]))
    return made, script


async def test_a_hole_in_the_stream_is_filled_from_history():
    made, _ = feeding([10, 11, 15])
    assert opened(await told(made, 15)) == [10, 11, 12, 13, 14, 15]
    assert made.filled == 3


async def test_bars_that_come_twice_or_late_are_given_once():
    made, _ = feeding([10, 11, 11, 10, 12])
    assert opened(await told(made, 12)) == [10, 11, 12]


async def test_a_broken_stream_is_opened_again_and_what_was_missed_is_made_up():
    made, _ = feeding([10, ConnectionResetError("reset")], [14])
    events = await told(made, 14)
    assert opened(events) == [10, 11, 12, 13, 14]
    assert made.reconnects == 1


async def test_bars_that_others_have_followed_come_as_history_on_which_nothing_is_decided():
    made, _ = feeding([], [20], now=9)
    made._clock.ts = at(18)  # type: ignore[attr-defined]
    events = await told(made, 20)
    histories = [event for event in events if isinstance(event, History)]
    assert opened(histories)[:8] == list(range(10, 18))
    assert opened(events) == list(range(10, 21))


async def test_a_silent_stream_is_told_stale_and_fresh_again_with_the_next_bar():
    made, _ = feeding([120.0, 10, None], [12])
    events = await told(made, 12)
    health = [event.is_fresh for event in events if isinstance(event, FeedHealth)]
    assert health == [False, True]
    assert opened(events) == [10, 11, 12]
    assert "nothing has come" in made.fault


async def test_a_gap_of_the_market_itself_is_no_fault():
    made, script = feeding([10, 13])
    script.history = lambda *_: _nothing()  # type: ignore[method-assign]
    assert opened(await told(made, 13)) == [10, 13]
    assert made.reconnects == 0


async def _nothing() -> BarArray:
    raise NoBarsError("no bars there")


async def test_a_gap_that_could_not_be_asked_about_is_asked_about_again():
    made, script = feeding([10, 13], [14])
    asked = script.history
    failing = [_failing]
    script.history = lambda *wish: (failing.pop() if failing else asked)(*wish)  # type: ignore[method-assign]
    assert opened(await told(made, 14)) == [10, 11, 12, 13, 14]
    assert made.reconnects == 1


async def _failing(*_: object) -> BarArray:
    raise DataError("no answer")


async def test_the_history_before_the_stream_ends_with_the_last_closed_bar():
    made = Feeding(Script(Hand(at(9))), [BARS.instrument], MINUTELY, clock=Hand(at(9)), patience=QUICK)
    (history,) = await made.history(5)
    assert opened([history]) == [5, 6, 7, 8, 9]


async def test_a_market_that_goes_on_after_a_bar_on_record_is_asked_for_no_history():
    made, script = feeding([10], now=9)
    assert await made.history(5) == []
    assert not script.asked


@pytest.mark.parametrize("error", [ConnectionResetError("reset"), DataError("refused"), TimeoutError()])
async def test_whatever_breaks_the_stream_its_fault_is_kept_for_the_status(error: Exception):
    made, _ = feeding([error], [10])
    await told(made, 10)
    assert made.fault == (str(error) or "TimeoutError")
