"""Heavy questions, answered in a process of their own: who only looks takes no time from the bot."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from threading import Lock, Thread
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
        self._lock = Lock()
        self._pool: ProcessPoolExecutor | None = None
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
            future = self._take(key, question, terms)
            self._waiting += 1
        try:
            return future.result(_PATIENCE_S)
        except (TimeoutError, CancelledError, BrokenProcessPool):
            mend = "Ask for less at a time, or again in a moment."
            raise RequestError(503, "no answer could be made", mend=mend, headers={"Retry-After": "5"}) from None
        finally:
            with self._lock:
                self._waiting -= 1

    def close(self) -> None:
        """End the process."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)

    def _take(self, key: Hashable, question: Callable[..., bytes], terms: tuple[object, ...]) -> Future[bytes]:
        if self._waiting >= _MOST or len(self._asked) >= _MOST:
            mend = "Ask again in a moment."
            raise RequestError(429, f"{_MOST} questions wait already", mend=mend, headers={"Retry-After": "1"})
        if (asked := self._asked.get(key)) is not None:
            return asked
        try:
            future = self._started().submit(question, *terms)
        except BrokenProcessPool:
            self._pool = None
            future = self._started().submit(question, *terms)
        self._asked[key] = future
        future.add_done_callback(lambda done: self._keep(key, done))
        return future

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), initializer=_begin)
        return self._pool

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


def _begin() -> None:
    """In the process: give way to the bot, leave Ctrl-C to the server, and end with it, however it ends."""
    if hasattr(os, "nice"):
        os.nice(_NICE)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        Thread(target=lambda: (parent.join(), os._exit(0)), name="parent-watch", daemon=True).start()
