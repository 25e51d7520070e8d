"""One stream of numbered messages to many listeners: every one in order, none waited for."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Iterable
from threading import Lock
from typing import Any, Final

import msgspec

from tradebot.api.live.events import News
from tradebot.core.instant import iso

_encoder: Final = msgspec.json.Encoder(decimal_format="string")


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A message of the stream.

    Parameters
    ----------
    seq : its number; every later one is greater, over restarts too.
    topic, type, ts, data : what it tells; ``ts`` in ISO 8601.
    """

    seq: int
    topic: str
    type: str
    ts: str
    data: dict[str, Any]

    @property
    def text(self) -> str:
        """As it goes over the wire."""
        return _encoder.encode(self).decode()


class DroppedError(Exception):
    """A listener is let go; the text says why."""


class Listener:
    """One who listens; made by :meth:`Hub.listen`.

    Parameters
    ----------
    topics : what it wants to hear; empty for all.
    waiting : most messages that wait for it.
    """

    def __init__(self, topics: frozenset[str], waiting: int) -> None:
        self._topics = topics
        self._limit = waiting
        self._waiting: deque[tuple[Message, str]] = deque()
        self._there = asyncio.Event()
        self._dropped = ""

    def wants(self, message: Message) -> bool:
        """Whether the message is for it."""
        return not self._topics or message.topic in self._topics

    def choose(self, topics: frozenset[str]) -> None:
        """Hear of other topics from here on."""
        self._topics = topics

    def give(self, message: Message, text: str) -> bool:
        """Put a message before it; false where it has fallen too far behind and is let go."""
        if len(self._waiting) >= self._limit:
            self.drop(f"too slow: {self._limit} messages were waiting; the last one sent was before {message.seq}")
            return False
        self._waiting.append((message, text))
        self._there.set()
        return True

    def take_up(self, missed: Iterable[tuple[Message, str]]) -> None:
        """Begin with what it missed, however much that is."""
        self._waiting.extend(missed)
        self._limit += len(self._waiting)
        self._there.set()

    def drop(self, reason: str) -> None:
        """Let it go."""
        self._dropped = reason
        self._waiting.clear()
        self._there.set()

    async def messages(self) -> AsyncIterator[tuple[Message, str]]:
        """Messages and their text, in order.

        Raises
        ------
        DroppedError : it was too slow, or the server ends.
        """
        while True:
            while self._waiting:
                yield self._waiting.popleft()
            if self._dropped:
                raise DroppedError(self._dropped)
            self._there.clear()
            await self._there.wait()


class Hub:
    """Takes news from any thread and gives it to the listeners of one event loop.

    Parameters
    ----------
    remembered : messages that can be taken up again.
    waiting : most messages that wait for one listener.
    """

    def __init__(self, remembered: int = 20_000, waiting: int = 1_000) -> None:
        self._past: deque[tuple[Message, str]] = deque(maxlen=remembered)
        self._waiting = waiting
        self._listeners: set[Listener] = set()
        self._incoming: deque[News] = deque()
        self._lock = Lock()
        self._is_due = False
        self._loop: asyncio.AbstractEventLoop | None = None
        # Microseconds of the start: numbers of a later start are greater, and exact in every language.
        self._seq = time.time_ns() // 1_000

    @property
    def last(self) -> int:
        """Number of the newest message."""
        return self._seq

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._listeners)

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Deliver on this loop from here on."""
        with self._lock:
            self._loop = loop
            self._is_due = bool(self._incoming)
        if self._is_due:
            loop.call_soon_threadsafe(self._deliver)

    def close(self) -> None:
        """Let every listener go."""
        with self._lock:
            self._loop = None
        for listener in tuple(self._listeners):
            listener.drop("the server ends")
        self._listeners.clear()

    def publish(self, news: Iterable[News]) -> None:
        """Take news, from any thread. It never waits: the loop gets a hint, and does the work."""
        with self._lock:
            self._incoming.extend(news)
            if self._is_due or self._loop is None or not self._incoming:
                return
            self._is_due = True
            self._loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        with self._lock:
            self._is_due = False
            taken = list(self._incoming)
            self._incoming.clear()
        for each in taken:
            self._seq += 1
            ts = iso(each.ts or time.time_ns())
            message = Message(seq=self._seq, topic=each.topic, type=each.kind, ts=ts, data=each.data)
            text = message.text
            self._past.append((message, text))
            for listener in tuple(self._listeners):
                if listener.wants(message) and not listener.give(message, text):
                    self._listeners.discard(listener)

    def listen(self, topics: frozenset[str], after: int | None = None) -> Listener:
        """A new listener; with ``after`` it first gets every remembered message with a greater number.

        Raises
        ------
        DroppedError : messages after that number are no longer remembered, so there would be a gap.
        """
        listener = Listener(topics, self._waiting)
        if after is not None:
            self._replay(listener, after)
        self._listeners.add(listener)
        return listener

    def _replay(self, listener: Listener, after: int) -> None:
        oldest = self._past[0][0].seq if self._past else self._seq + 1
        if not oldest - 1 <= after <= self._seq:
            fact = f"messages after {after} are not remembered; the oldest is {oldest}, the newest {self._seq}"
            raise DroppedError(f"{fact}. Ask for the present state, and listen from there")
        missed = [each for each in self._past if each[0].seq > after and listener.wants(each[0])]
        listener.take_up(missed)

    def leave(self, listener: Listener) -> None:
        """A listener goes by itself."""
        self._listeners.discard(listener)
