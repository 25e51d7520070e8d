"""The log of a process: one line an event, rotated, errors in a file of their own, no secret in any of it.

Everything that logs ends here, our own parts through structlog and libraries through ``logging``, and passes one
redactor as the finished line, tracebacks and all. A log that cannot be written never stops a run: the journal is the
record.
"""

from __future__ import annotations

import contextlib
import logging
import sys
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, Final, Self

import structlog

from tradebot.core.redaction import Redactor

_BYTES: Final = 10_000_000
_FILES: Final = 10
# They tell every request and frame; at INFO they would bury what happened.
_TALKATIVE: Final = (
    "asyncio",
    "ccxt",
    "httpcore",
    "httpx2",
    "urllib3",
    "websockets",
    "uvicorn.access",
    "uvicorn.error",
)


class _Redacted(logging.Formatter):
    """Finishes a line as another formatter does, and takes the secrets out of it."""

    def __init__(self, finish: logging.Formatter, redactor: Redactor) -> None:
        super().__init__()
        self._finish = finish
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        return self._redactor.text(self._finish.format(record))


class RotatedFile(RotatingFileHandler):
    """A file of at most 10 MB, with the nine before it kept; made when the first line comes.

    Parameters
    ----------
    file : where it is; its folder is made where it is missing.
    heading : first line of every new file.
    """

    def __init__(self, file: Path, heading: str = "") -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._heading = heading
        super().__init__(file, maxBytes=_BYTES, backupCount=_FILES - 1, encoding="utf-8", delay=True)

    def _open(self) -> TextIOWrapper:
        stream = super()._open()
        if self._heading and not stream.tell():
            stream.write(f"{self._heading}\n")
        return stream

    def write(self, line: str) -> None:
        """Add a line as it is."""
        self.handle(logging.makeLogRecord({"msg": line}))

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name is logging's
        """Lose the line, and begin anew with the next: a full disk stops no run."""
        with contextlib.suppress(OSError, ValueError):
            super().close()

    def close(self) -> None:
        """Let go of the file."""
        with contextlib.suppress(OSError):
            super().close()


class Logs:
    """The main log and the log of errors; use it as a context manager, or close it.

    Parameters
    ----------
    file : the main log; errors go to a file beside it: ``bot.log`` and ``bot.errors.log``.
    level : least level of the main log.
    redactor : takes secrets out of every line.
    """

    def __init__(self, file: Path, *, level: str = "INFO", redactor: Redactor) -> None:
        self._handlers = [RotatedFile(file), RotatedFile(beside(file, "errors.log"))]
        self._handlers[1].setLevel(logging.ERROR)
        line = _Redacted(_line(), redactor)
        root = logging.getLogger()
        self._level_before = root.level
        root.setLevel(level)
        for handler in self._handlers:
            handler.setFormatter(line)
            root.addHandler(handler)
        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)
        self._before = structlog.get_config()
        structlog.configure(
            processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
            logger_factory=structlog.stdlib.LoggerFactory(),
            wrapper_class=structlog.stdlib.BoundLogger,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the files; what was to be heard before them is heard again."""
        root = logging.getLogger()
        for handler in self._handlers:
            root.removeHandler(handler)
            handler.close()
        root.setLevel(self._level_before)
        structlog.configure(**self._before)


def quieten() -> None:
    """Where no log file is open, only warnings and errors are told, on standard error."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


_SHARED: Final[list[Any]] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]


def _line() -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"], drop_missing=True),
        ],
    )


def beside(file: Path, ending: str) -> Path:
    """A file beside the main log: ``bot.log`` and ``trades.jsonl`` make ``bot.trades.jsonl``."""
    return file.with_name(f"{file.stem}.{ending}")
