"""Heavy questions, answered in a process of their own: who only looks takes no time from the bot."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Final

from tradebot.api.problems import RequestError

_MOST: Final = 16
_PATIENCE_S: Final = 30.0
_REMEMBERED: Final = 32 << 20
_NICE: Final = 10


class Clerk:
    """Answers one question at a time, below the bot's priority, and gives the latest answers again.

    Equal questions at once are one. The process begins with the first of them.

    Parameters
    ----------
    remembered : bytes of answers that are kept.
    """

    def __init__(self, remembered: int = _REMEMBERED) -> None:
        self._remembered = remembered
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None
        self._tie: Connection | None = None
        self._asked: dict[Hashable, Future[bytes]] = {}
        self._answers: OrderedDict[Hashable, bytes] = OrderedDict()
        self._size = 0
        self._waiting = 0

    def ask(self, key: Hashable, question: Callable[..., bytes], *terms: object) -> bytes:
        """The answer to a question.

        Parameters
        ----------
        key : of everything the answer depends on: the question, and the state of the data it is about.
        question : a function of a module; it and its terms are sent to the process.

        Raises
        ------
        RequestError : too many wait (429), or no answer comes (503).
        TradebotError : what the function raised.
        """
        with self._lock:
            if (known := self._answers.get(key)) is not None:
                self._answers.move_to_end(key)
                return known
            future = self._asked.get(key)
            is_new = future is None
            if future is None:
                future = self._take(key, question, terms)
            self._waiting += 1
        if is_new:
            # One that is answered by now calls back in this very thread, which must not hold the lock then.
            future.add_done_callback(lambda done: self._keep(key, done))
        try:
            return future.result(_PATIENCE_S)
        except (TimeoutError, CancelledError, BrokenProcessPool):
            mend = "Ask for less at a time, or again in a moment."
            raise RequestError(503, "no answer could be made", mend=mend, headers={"Retry-After": "5"}) from None
        finally:
            with self._lock:
                self._waiting -= 1

    def close(self) -> None:
        """End the process, whatever it is at."""
        with self._lock:
            pool, self._pool = self._pool, None
            self._loosen()
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)

    def _take(self, key: Hashable, question: Callable[..., bytes], terms: tuple[object, ...]) -> Future[bytes]:
        if self._waiting >= _MOST or len(self._asked) >= _MOST:
            mend = "Ask again in a moment."
            raise RequestError(429, f"{_MOST} questions wait already", mend=mend, headers={"Retry-After": "1"})
        try:
            future = self._started().submit(question, *terms)
        except BrokenProcessPool:
            self._pool = None
            future = self._started().submit(question, *terms)
        self._asked[key] = future
        return future

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._loosen()
            context = multiprocessing.get_context("spawn")
            end, self._tie = context.Pipe(duplex=False)
            self._pool = ProcessPoolExecutor(1, context, initializer=_begin, initargs=(end,))
        return self._pool

    def _loosen(self) -> None:
        if self._tie is not None:
            self._tie.close()
            self._tie = None

    def _keep(self, key: Hashable, done: Future[bytes]) -> None:
        with self._lock:
            self._asked.pop(key, None)
            if done.cancelled() or done.exception() is not None:
                return
            self._answers[key] = done.result()
            self._size += len(done.result())
            while self._size > self._remembered:
                _, forgotten = self._answers.popitem(last=False)
                self._size -= len(forgotten)


def _begin(tie: Connection) -> None:
    """In the process: give way to the bot, leave Ctrl-C to the server, and end when it lets go, or ends itself."""
    if hasattr(os, "nice"):
        os.nice(_NICE)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(tie,), name="parent-watch", daemon=True).start()


def _end_with(tie: Connection) -> None:
    with suppress(EOFError, OSError):
        tie.recv()
    os._exit(0)
