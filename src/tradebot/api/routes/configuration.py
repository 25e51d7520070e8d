"""The configuration: shown without secrets, checked, and written."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, nullcontext
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec
import structlog
from fastapi import APIRouter, Response

from tradebot.api.access.roles import Identity, Operator, Viewer
from tradebot.api.bot import BotHandle
from tradebot.api.changes import Difference, described, differences, spelled_alike
from tradebot.api.etag import Unchanged, require_unchanged, tag_of
from tradebot.api.problems import RequestError, responses
from tradebot.api.routes.bot import bot_of
from tradebot.api.schemas.configuration import (
    ConfigurationChange,
    ConfigurationCheck,
    ConfigurationProblem,
    ConfigurationShown,
)
from tradebot.api.services import Given, Services
from tradebot.app.strategy import strategy_of
from tradebot.config import ConfigurationError, load
from tradebot.config.problems import Problem
from tradebot.config.reading import read_bytes, read_document
from tradebot.config.schema import json_schema
from tradebot.store.durable import write_durably
from tradebot.store.operators import OperatorsBook

router = APIRouter(prefix="/config", tags=["trading"], responses=responses(401, 422, 429))

_TAGGED: Final[dict[int | str, dict[str, Any]]] = {
    200: {"headers": {"ETag": {"description": "tag of the file, for `If-Match`", "schema": {"type": "string"}}}}
}
_READER: Final = msgspec.json.Decoder(float_hook=Decimal)
_WRITER: Final = msgspec.json.Encoder(decimal_format="number")
_log: Final = structlog.get_logger("tradebot.api")


@router.get("", responses=responses(404) | _TAGGED)
def show(services: Given, response: Response) -> ConfigurationShown:
    """The configuration in force, and its file; secrets are never part of one. The `ETag` is the file's."""
    bot, file = bot_of(services), services.configuration
    found: dict[str, Any] = services.redactor.value(dict(bot.configuration))
    if file is None:
        return ConfigurationShown(
            source="", etag="", configuration=found, document=None, is_pending=False, changes=[], problems=[]
        )
    # Refuses what cannot be read or holds a secret; the numbers it gives are decimals, which JSON has no word for.
    read_document(file)
    written = read_bytes(file)
    tag = response.headers["ETag"] = tag_of(written)
    changes, problems = _pending(file, bot)
    return ConfigurationShown(
        source=file.name,
        etag=tag,
        configuration=found,
        document=json.loads(written),
        is_pending=bool(changes or problems),
        changes=[
            ConfigurationChange(
                path=each.path,
                running=services.redactor.value(each.before),
                written=services.redactor.value(each.after),
            )
            for each in changes
        ],
        problems=[ConfigurationProblem(**each._asdict()) for each in problems],
    )


@router.get("/schema", response_model=dict[str, Any])
def schema() -> Response:
    """JSON Schema of a configuration."""
    return Response(_schema(), media_type="application/json")


@router.post("/validate", responses=responses(403, 413, 415))
def validate(viewer: Viewer, document: dict[str, Any]) -> ConfigurationCheck:
    """Everything that is wrong with a configuration; nothing is written."""
    found = [ConfigurationProblem(**each._asdict()) for each in _problems(document)]
    return ConfigurationCheck(is_valid=not found, problems=found)


@router.put("", responses=responses(403, 404, 412, 413, 415, 428, 503) | _TAGGED)
def write(
    services: Given, operator: Operator, document: dict[str, Any], response: Response, if_match: Unchanged = None
) -> ConfigurationCheck:
    """Write a configuration that has nothing wrong with it to the bot's file.

    `If-Match` must be the `ETag` of the document that was changed, as GET told it: who has changed another one is
    refused (412), so that two who edit at once do not undo each other's work.

    The bot goes on as it is, over stops and starts too: the next `tradebot up` takes the file, until then GET tells
    that it is pending. A paper account belongs to the configuration its record was made with: a changed one takes
    another `engine.account`, or a reset.
    """
    file = services.configuration
    if file is None:
        raise RequestError(404, "the bot has no file of a configuration", mend="`tradebot up CONFIG` serves one.")
    if found := _problems(document):
        raise ConfigurationError(file.name, found)
    with services.writing:
        before = read_bytes(file)
        require_unchanged(tag_of(before), if_match)
        after = msgspec.json.format(_WRITER.encode(spelled_alike(_read(before), document)), indent=2) + b"\n"
        with _audited(services, operator, f"wrote {file.name}: {described(before, after)}"):
            _put(file, after)
    response.headers["ETag"] = tag_of(after)
    return ConfigurationCheck(is_valid=True, problems=[])


def _read(written: bytes) -> Any:
    try:
        return _READER.decode(written)
    except msgspec.DecodeError:
        return None


@cache
def _schema() -> bytes:
    return msgspec.json.encode(json_schema())


def _put(file: Path, content: bytes) -> None:
    try:
        write_durably(file, content)
    except OSError as error:
        fact, mend = f"it cannot be written ({error.strerror})", "Free space on the disk, or check its permissions."
        raise RequestError(503, fact, place=file.name, mend=mend) from None


@contextmanager
def _audited(services: Services, operator: Identity, text: str) -> Generator[None]:
    book = nullcontext()
    if services.account is not None:
        book = OperatorsBook(services.account).act("ConfigurationWritten", operator.name, text)
    with book:
        yield
    _log.info("operator", action="configure", operator=operator.name, way=operator.way, text=text)


def _pending(file: Path, bot: BotHandle) -> tuple[list[Difference], list[Problem]]:
    """What the file says otherwise than what is in force, and what is wrong with it."""
    try:
        written = load(file, os.environ).configuration
    except ConfigurationError as error:
        return [], list(error.problems)
    return list(differences(dict(bot.configuration), written.model_dump(mode="json"))), []


def _problems(document: dict[str, Any]) -> list[Problem]:
    """What loading the document as a file would say, with nothing of the server's environment."""
    with tempfile.TemporaryDirectory(prefix="tradebot-") as folder:
        file = Path(folder) / "configuration.json"
        file.write_bytes(msgspec.json.encode(document))
        try:
            strategy_of(load(file, {}))
        except ConfigurationError as error:
            # The file is ours, and none of whoever asks.
            return [
                Problem(each.path, each.fact.replace(f"{folder}/", ""), each.mend.replace(f"{folder}/", ""))
                for each in error.problems
            ]
    return []
