"""The queue of backtests: worker processes, progress, cancellation."""

from __future__ import annotations

import multiprocessing
import time
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from threading import Lock, Thread
from typing import Any, Final
from uuid import UUID

import msgspec

from tradebot.api.backtests.studies import perform
from tradebot.api.backtests.work import CanceledError, Work, begin
from tradebot.api.live.events import News
from tradebot.api.live.hub import Hub
from tradebot.api.problems import RequestError
from tradebot.core.errors import TradebotError
from tradebot.core.redaction import Redactor

_MOST_WAITING: Final = 64
_REMEMBERED: Final = 256


@dataclass(slots=True)
class Job:
    """A backtest, a grid or a verification that was asked for.

    Attributes
    ----------
    state : ``queued``, ``running``, ``done``, ``failed`` or ``canceled``.
    progress : share of it that is done.
    created : when it was asked for, int64 ns UTC.
    result : what came of it, once it is done.
    error : why it failed.
    """

    work: Work
    created: int
    state: str = "queued"
    progress: float = 0.0
    result: dict[str, Any] | None = None
    error: str = ""

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes of it."""
        return self.state in ("done", "failed", "canceled")


class BacktestDesk:
    """Runs backtests, grids and verifications, a few at a time, each in a worker process.

    Parameters
    ----------
    hub : is told of progress.
    workers : how many run at once.
    redactor : takes secrets out of what a strategy or a library says as it fails.
    """

    def __init__(self, hub: Hub, workers: int = 1, redactor: Redactor | None = None) -> None:
        self._hub = hub
        self._redactor = redactor or Redactor()
        self._workers = workers
        self._jobs: dict[UUID, Job] = {}
        self._futures: dict[UUID, Future[dict[str, Any]]] = {}
        self._lock = Lock()
        self._context = multiprocessing.get_context("spawn")
        self._pool: ProcessPoolExecutor | None = None
        self._flags: Any = None
        self._reports: Any = None

    @property
    def waiting(self) -> int:
        """Backtests that wait or run."""
        return sum(not job.is_over for job in tuple(self._jobs.values()))

    def jobs(self, kind: str = "backtest", *, before: int | None = None) -> list[Job]:
        """What was asked for of a kind since the start, or between it and a time (int64 ns UTC), the newest first."""
        of_kind = [job for job in tuple(self._jobs.values()) if job.work.kind == kind]
        found = [job for job in of_kind if before is None or job.created < before]
        return sorted(found, key=lambda job: -job.created)

    def job(self, wanted: UUID, kind: str = "backtest") -> Job | None:
        """One of them."""
        job = self._jobs.get(wanted)
        return job if job is not None and job.work.kind == kind else None

    def submit(self, work: Work) -> Job:
        """Queue a backtest, a grid or a verification.

        Raises
        ------
        RequestError : too many wait.
        """
        with self._lock:
            work = msgspec.structs.replace(work, slot=self._free_slot())
            pool = self._started()
            self._flags[work.slot] = 0
            job = Job(work, time.time_ns())
            self._jobs[work.id] = job
            try:
                future = pool.submit(perform, work)
            except BrokenProcessPool:
                self._pool = None
                future = self._started().submit(perform, work)
            self._futures[work.id] = future
            self._forget()
        future.add_done_callback(lambda done: self._finish(job, done))
        self._tell(job)
        return job

    def cancel(self, job: Job) -> None:
        """End a backtest that is no longer wanted; one that is over stays as it is."""
        if job.is_over:
            return
        self._flags[job.work.slot] = 1
        if (future := self._futures.get(job.work.id)) is not None:
            future.cancel()

    def close(self) -> None:
        """End all of them."""
        for job in tuple(self._jobs.values()):
            self.cancel(job)
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._reports.put(None)
            self._pool = None

    def _free_slot(self) -> int:
        taken = {job.work.slot for job in self._jobs.values() if not job.is_over}
        slot = next((slot for slot in range(_MOST_WAITING) if slot not in taken), None)
        if slot is None:
            mend = "Wait for some of them, or cancel one."
            raise RequestError(429, f"{_MOST_WAITING} backtests wait already", mend=mend, headers={"Retry-After": "5"})
        return slot

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._flags = self._context.Array("b", _MOST_WAITING, lock=False)
            self._reports = self._context.Queue()
            self._pool = ProcessPoolExecutor(
                self._workers, self._context, initializer=begin, initargs=(self._flags, self._reports)
            )
            Thread(target=self._hear, args=(self._reports,), name="backtest-progress", daemon=True).start()
        return self._pool

    def _hear(self, reports: Any) -> None:
        while (told := reports.get()) is not None:
            wanted, done, total = told
            job = self._jobs.get(wanted)
            if job is not None and not job.is_over:
                job.state, job.progress = "running", done / max(total, 1)
                self._tell(job)

    def _finish(self, job: Job, future: Future[dict[str, Any]]) -> None:
        try:
            job.result = future.result()
            job.progress, job.state = 1.0, "done"
        except (CancelledError, CanceledError):
            job.state = "canceled"
        except TradebotError as error:
            job.error, job.state = str(error), "failed"
        except BrokenProcessPool:
            job.error, job.state = "The worker process ended. Ask for less at a time.", "failed"
        except Exception as error:  # noqa: BLE001 - a strategy may raise anything; it is told
            job.error, job.state = f"{type(error).__name__}: {error}", "failed"
        job.error = self._redactor.text(job.error)
        self._futures.pop(job.work.id, None)
        self._tell(job)

    def _forget(self) -> None:
        over = [job for job in self._jobs.values() if job.is_over]
        for job in over[:-_REMEMBERED]:
            del self._jobs[job.work.id]

    def _tell(self, job: Job) -> None:
        data = {"id": str(job.work.id), "state": job.state, "progress": job.progress, "error": job.error}
        self._hub.publish([News("backtests", job.work.kind, 0, data)])
