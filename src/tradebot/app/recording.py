"""What a bot leaves beside its journal while it runs: log files for people, and its status for other terminals."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

import msgspec
import structlog

from tradebot.core.event import Event, Halt, Notify, OperatorAction, OperatorCommand, Output, Severity
from tradebot.core.redaction import Redactor
from tradebot.telemetry.logs import Logs
from tradebot.telemetry.records import RecordFiles

if TYPE_CHECKING:
    from tradebot.config import Configuration

STATUS_FILE: Final = "status.json"
_EVERY_S: Final = 1.0
_LEVELS: Final = {Severity.INFO: "info", Severity.WARNING: "warning", Severity.CRITICAL: "critical"}
_LOUDNESS: Final = {OperatorAction.HALT: Severity.CRITICAL, OperatorAction.FLATTEN: Severity.CRITICAL}


class Recording:
    """Writes the files that section ``logging`` asks for, and hands notices on; use it as a context manager.

    Parameters
    ----------
    configuration : the bot's.
    environment : its secrets are kept out of every line.
    tell : is given each notice, without secrets.
    """

    def __init__(
        self,
        configuration: Configuration,
        environment: Mapping[str, str],
        tell: Callable[[Notify], None] = lambda _notice: None,
    ) -> None:
        wanted = configuration.logging
        self._redactor = Redactor.of_environment(environment)
        self._tell = tell
        self._opened = ExitStack()
        self._records: RecordFiles | None = None
        if wanted.log_file is not None:
            file = Path(wanted.log_file).expanduser()
            self._opened.enter_context(Logs(file, level=wanted.level, redactor=self._redactor))
            records = RecordFiles(
                file, redactor=self._redactor, trades=wanted.save_trades, equity=wanted.save_equity_curve
            )
            self._records = self._opened.enter_context(records)
        self._log: Any = structlog.get_logger("tradebot.bot")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None and self._records is not None:
            self._log.error("the bot has failed", exc_info=error)
        self._opened.close()

    def seen(self, event: Event, outputs: Sequence[Output]) -> None:
        """An event was handled; what came out of it is on record."""
        if isinstance(event, OperatorCommand):
            self.say(Notify(_LOUDNESS.get(event.action, Severity.INFO), f"{event.operator}: {event}"))
        for output in outputs:
            if isinstance(output, Notify):
                self.say(output)
            elif isinstance(output, Halt) and not output.operator:
                self.say(Notify(Severity.CRITICAL, f"halted: {output.reason}"))
        if self._records is not None:
            self._records.write([event, *outputs], now=time.time_ns())

    def say(self, told: Notify) -> None:
        """Hand a notice on, without secrets: to the log, and to whoever is told."""
        notice = Notify(told.severity, self._redactor.text(told.text))
        if self._records is not None:
            getattr(self._log, _LEVELS[notice.severity])(notice.text)
        self._tell(notice)


class StatusFile:
    """Publishes a bot's status at most once a second, whole or not at all; reading it needs no word with the bot.

    Parameters
    ----------
    folder : folder of the account.
    status : gives the status, as plain data.
    """

    def __init__(self, folder: Path, status: Callable[[], Mapping[str, Any]]) -> None:
        self._file = folder / STATUS_FILE
        self._status = status
        self._due = 0.0

    def seen(self, event: Event, outputs: Sequence[Output]) -> None:
        """An event was handled: publish if it is time."""
        now = time.monotonic()
        if now >= self._due:
            self._due = now + _EVERY_S
            self.publish()

    async def keep(self) -> None:
        """Publish every second, for good: a quiet market makes no status old."""
        while True:
            await asyncio.sleep(_EVERY_S)
            self.publish()

    def publish(self) -> None:
        """Write the status now. A disk that takes none stops no bot: what counts is the journal."""
        content = msgspec.json.encode({"written": time.time_ns(), **self._status()})
        unfinished = self._file.with_name(f".{self._file.name}.unfinished")
        with suppress(OSError):
            unfinished.write_bytes(content)
            unfinished.replace(self._file)


def read_status(folder: Path) -> dict[str, Any] | None:
    """The status that an account's bot published last; ``None`` where there is none that can be read."""
    try:
        return msgspec.json.decode((folder / STATUS_FILE).read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.MsgspecError):
        return None
