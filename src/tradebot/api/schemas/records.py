"""Bodies about what is on record beside orders: the audit and the log files."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field


class AuditEntry(BaseModel):
    """What an operator did, and what the bot told."""

    id: str = Field(description="its own among all of the account's")
    run_id: str = Field(description="empty for what was done beside the bot")
    time: datetime | None
    kind: str = Field(
        description="in the bot's record `OperatorCommand`, `Answered`, `Halt`, `Notify`, `RunStarted`, `RunStopped`; "
        "beside it `ConfigurationWritten`, `SimulationReset`, `TradeNoted`; what was begun and not done is followed by "
        "the same with `Failed`"
    )
    operator: str = Field(description="empty where nobody asked for it")
    text: str


class LogFile(BaseModel):
    """A log file."""

    name: str
    size_bytes: int


class LogLines(BaseModel):
    """The end of a log file, the oldest line first."""

    name: str
    files: list[LogFile]
    lines: list[str]
