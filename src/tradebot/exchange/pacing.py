"""When the market's events happen: at their time, faster, or when a test says so."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator

import msgspec

from tradebot.core.event import BarClosed, MarketEvent, TickSeen
from tradebot.exchange.tape import Tape


class Phase(msgspec.Struct, frozen=True):
    """A piece of an event: ``name`` is open, rest, tick or quote; ``ts`` when it happens, int64 ns UTC."""

    ts: int
    name: str
    symbol: str
    run: Callable[[], None]
    ends_step: bool = True


class Pacer:
    """Lets a market's events pass on a tape.

    Bars have two phases, their first price and the rest. Those that close together are one step: their candles become
    final after the last of them, as all bars of a backtest's step are known before any decision is made on them.

    Parameters
    ----------
    tape : where events go.
    events : the market, in order of time.
    speed : multiple of real time; ``None`` lets everything pass as fast as it comes.
    origin : time of the market that the start corresponds to; the first event's unless given.
    """

    def __init__(
        self, tape: Tape, events: AsyncIterator[MarketEvent], *, speed: float | None = 1.0, origin: int | None = None
    ) -> None:
        self._tape = tape
        self._events = events
        self._speed = speed
        self._origin = origin
        self._phases = self._all_phases()
        self.is_over = False

    async def step(self) -> Phase | None:
        """Let the next phase pass; ``None`` when the market has ended."""
        phase = await anext(self._phases, None)
        if phase is None:
            self.is_over = True
            return None
        phase.run()
        return phase

    async def run(self) -> None:
        """Let everything pass, each phase at its time."""
        began = time.monotonic()
        async for phase in self._phases:
            if self._speed is not None:
                if self._origin is None:
                    self._origin = phase.ts
                due = began + (phase.ts - self._origin) / 1e9 / self._speed
                await asyncio.sleep(max(0.0, due - time.monotonic()))
            else:
                await asyncio.sleep(0)
            phase.run()
        self.is_over = True

    async def _all_phases(self) -> AsyncIterator[Phase]:
        together: list[BarClosed] = []
        async for event in self._events:
            self._tape.check(event)
            if not isinstance(event, BarClosed):
                name, run = (
                    ("tick", self._tape.on_tick) if isinstance(event, TickSeen) else ("quote", self._tape.on_quote)
                )
                ts = event.tick.ts if isinstance(event, TickSeen) else event.quote.ts
                yield Phase(ts, name, event.symbol, lambda run=run, event=event: run(event))  # type: ignore[arg-type]
                continue
            if together and _close(together[0]) != _close(event):
                for phase in self._step_of(together):
                    yield phase
                together = []
            together.append(event)
        for phase in self._step_of(together):
            yield phase

    def _step_of(self, bars: list[BarClosed]) -> Iterator[Phase]:
        for n, event in enumerate(bars, start=1):
            close_ts, last = _close(event), n == len(bars)
            yield Phase(
                event.bar.ts, "open", event.symbol, lambda event=event: self._tape.open_bar(event), ends_step=False
            )
            yield Phase(
                close_ts,
                "rest",
                event.symbol,
                lambda event=event, close_ts=close_ts, last=last: self._end(event, close_ts, last),
                ends_step=last,
            )

    def _end(self, event: BarClosed, close_ts: int, last: bool) -> None:
        self._tape.close_bar(event)
        if last:
            self._tape.end_step(close_ts)


def _close(event: BarClosed) -> int:
    return event.interval.close_of(event.bar.ts)
