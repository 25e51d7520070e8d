"""One stream of numbered messages to many listeners: every one in order, none waited for."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterable, Sequence
from threading import Lock
from typing import Any, Final

import msgspec
import structlog

from tradebot.api.live.events import News, news_of
from tradebot.core.event import Event, Output
from tradebot.core.instant import iso
from tradebot.core.redaction import Redactor

_encoder: Final = msgspec.json.Encoder(decimal_format="string")
_AT_ONCE: Final = 256
_log: Final = structlog.get_logger("tradebot.api")


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


class Sent(msgspec.Struct, frozen=True):
    """A message as it goes over the wire, encoded once for everybody."""

    seq: int
    topic: str
    text: str


class DroppedError(Exception):
    """A listener is let go; the text says why."""


class CrowdedError(Exception):
    """Nobody more can listen; the text says why."""


class Listener:
    """One who listens; made by :meth:`Hub.listen`.

    Parameters
    ----------
    topics : what it wants to hear; empty for all.
    waiting : most messages that wait for it, beyond those it begins with.
    missed : what it begins with.
    """

    def __init__(self, topics: frozenset[str], waiting: int, missed: Iterable[Sent] = ()) -> None:
        self._topics = topics
        self._waiting = deque(missed)
        self._limit = waiting + len(self._waiting)
        self._there = asyncio.Event()
        self._reason = ""
        self.dropped = asyncio.Event()

    def wants(self, sent: Sent) -> bool:
        """Whether the message is for it."""
        return not self._topics or sent.topic in self._topics

    def choose(self, topics: frozenset[str]) -> None:
        """Hear of other topics from here on."""
        self._topics = topics

    def give(self, sent: Sent) -> bool:
        """Put a message before it; false where it has fallen too far behind and is let go."""
        if len(self._waiting) >= self._limit:
            self.drop(f"too slow: {self._limit} messages were waiting when {sent.seq} came")
            return False
        self._waiting.append(sent)
        self._there.set()
        return True

    def drop(self, reason: str) -> None:
        """Let it go."""
        self._reason = reason
        self._waiting.clear()
        self._there.set()
        self.dropped.set()

    @property
    def reason(self) -> str:
        """Why it was let go; empty where it was not."""
        return self._reason

    async def take(self, patience_s: float) -> list[Sent]:
        """What waits for it, in order, some hundreds of messages at most; nothing where none came in that time.

        Raises
        ------
        DroppedError : it was too slow, or the server ends.
        """
        while not self._waiting:
            if self._reason:
                raise DroppedError(self._reason)
            self._there.clear()
            try:
                # Not wait_for, which makes a task of every wait.
                async with asyncio.timeout(patience_s):
                    await self._there.wait()
            except TimeoutError:
                return []
        return [self._waiting.popleft() for _ in range(min(len(self._waiting), _AT_ONCE))]


class Hub:
    """Takes news from any thread and gives it to the listeners of one event loop.

    Parameters
    ----------
    remembered : messages that can be taken up again.
    waiting : most messages that wait for one listener.
    most : listeners at a time: each costs the process time for every message.
    redactor : takes secrets out of what is told, once for all who listen.
    """

    def __init__(
        self, remembered: int = 20_000, waiting: int = 1_000, most: int = 256, redactor: Redactor | None = None
    ) -> None:
        self._past: deque[Sent] = deque(maxlen=remembered)
        self._waiting = waiting
        self._most = most
        self._redactor = redactor or Redactor()
        self._listeners: set[Listener] = set()
        self._incoming: deque[Iterable[News]] = deque()
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
            self._is_due = True
        loop.call_soon(self._deliver)

    def close(self) -> None:
        """Let every listener go."""
        with self._lock:
            self._loop = None
        for listener in tuple(self._listeners):
            listener.drop("the server ends")
        self._listeners.clear()

    def observe(self, event: Event, outputs: Sequence[Output]) -> None:
        """Take what a bot saw and did; what there is to tell of it is found on the loop, not in the bot's time."""
        self.publish(news_of(event, outputs))

    def publish(self, news: Iterable[News]) -> None:
        """Take news, from any thread. It never waits: the loop gets a hint, and does the work."""
        with self._lock:
            self._incoming.append(news)
            if self._is_due or self._loop is None:
                return
            self._is_due = True
            self._loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        with self._lock:
            self._is_due = False
            taken = list(self._incoming)
            self._incoming.clear()
        for news in taken:
            try:
                for each in news:
                    self._send(each)
            except Exception:  # noqa: BLE001 - what cannot be told keeps nothing else from being heard; no number is lost
                _log.exception("news could not be told")

    def _send(self, news: News) -> None:
        seq, ts = self._seq + 1, iso(news.ts or time.time_ns())
        message = Message(seq=seq, topic=news.topic, type=news.kind, ts=ts, data=self._redactor.value(news.data))
        sent = Sent(seq, news.topic, _encoder.encode(message).decode())
        self._seq = seq
        self._past.append(sent)
        for listener in tuple(self._listeners):
            if listener.wants(sent) and not listener.give(sent):
                self._listeners.discard(listener)

    def listen(self, topics: frozenset[str], after: int | None = None) -> Listener:
        """A new listener; with ``after`` it first gets every remembered message with a greater number.

        Raises
        ------
        CrowdedError : as many listen as can.
        DroppedError : messages after that number are no longer remembered, so there would be a gap.
        """
        if len(self._listeners) >= self._most:
            raise CrowdedError(f"{self._most} listen already, and no more can")
        listener = Listener(topics, self._waiting)
        if after is not None:
            oldest = self._past[0].seq if self._past else self._seq + 1
            if not oldest - 1 <= after <= self._seq:
                fact = f"messages after {after} are not remembered; the oldest is {oldest}, the newest {self._seq}"
                raise DroppedError(f"{fact}. Ask for the present state, and listen from there")
            missed = [sent for sent in self._past if sent.seq > after and listener.wants(sent)]
            listener = Listener(topics, self._waiting, missed)
        self._listeners.add(listener)
        return listener

    def leave(self, listener: Listener) -> None:
        """A listener goes by itself."""
        self._listeners.discard(listener)
