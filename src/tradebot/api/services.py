"""What the interface stands on; whoever composes it fills this in."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Annotated, Any, cast

from fastapi import Depends
from starlette.requests import HTTPConnection

from tradebot.api.backtests.desk import BacktestDesk
from tradebot.api.bot import BotHandle
from tradebot.api.clerk import Clerk
from tradebot.api.days import Days
from tradebot.api.live.hub import Hub
from tradebot.api.metrics import Metrics
from tradebot.api.overlays import Lines
from tradebot.core.redaction import Redactor
from tradebot.research.runs.store import RunStore
from tradebot.store.ledger.kept_open import KeptOpen
from tradebot.store.library import Library


@dataclass(frozen=True, slots=True)
class Services:
    """What requests are answered with.

    Attributes
    ----------
    library : kept market data.
    runs : kept backtests.
    backtests : runs backtests.
    hub : the stream of what happens.
    bot : the bot beside it; ``None`` where there is none.
    account : folder of the account whose record is shown; the bot's, or one that another process writes.
    log_file : the main log; ``None`` where none is written.
    configuration : file of the bot's configuration.
    redactor : takes secrets out of texts.
    metrics : figures of the process.
    clerk : answers what takes long.
    lines : the indicators that charts draw.
    ledgers : the record of the account, open for the next question.
    days : what the account was worth when the day began.
    writing : held by whoever writes the file of the configuration.
    """

    library: Library
    runs: RunStore
    backtests: BacktestDesk
    hub: Hub
    bot: BotHandle | None = None
    account: Path | None = None
    log_file: Path | None = None
    configuration: Path | None = None
    redactor: Redactor = field(default_factory=Redactor)
    metrics: Metrics = field(default_factory=Metrics)
    clerk: Clerk = field(default_factory=Clerk)
    lines: Lines = field(default_factory=Lines)
    ledgers: KeptOpen = field(default_factory=KeptOpen)
    days: Days = field(default_factory=Days)
    writing: AbstractContextManager[Any] = field(default_factory=Lock)


async def _services_of(connection: HTTPConnection) -> Services:
    return cast("Services", connection.app.state.services)


Given = Annotated[Services, Depends(_services_of)]
"""The services, as a parameter of a route."""
