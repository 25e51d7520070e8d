"""The configuration: shown without secrets, checked, and written."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import msgspec
from fastapi import APIRouter

from tradebot.api.access.roles import Operator, Viewer
from tradebot.api.bot import BotHandle
from tradebot.api.problems import RequestError, responses
from tradebot.api.schemas.trading import ConfigurationCheck, ConfigurationProblem, ConfigurationShown
from tradebot.api.services import Given, Services
from tradebot.app.strategy import strategy_of
from tradebot.config import ConfigurationError, load
from tradebot.config.reading import read_document
from tradebot.config.schema import json_schema
from tradebot.store.durable import write_durably

router = APIRouter(prefix="/config", tags=["trading"], responses=responses(401, 422, 429))


@router.get("", responses=responses(404))
def show(services: Given) -> ConfigurationShown:
    """The configuration in force; secrets are never part of one."""
    if services.bot is None:
        raise RequestError(404, "no bot is served here", mend="`tradebot up CONFIG` serves one.")
    source = "" if services.configuration is None else services.configuration.name
    found: dict[str, Any] = services.redactor.value(dict(services.bot.configuration))
    pending = _is_pending(services, services.bot)
    return ConfigurationShown(source=source, configuration=found, document=_document(services), is_pending=pending)


@router.get("/schema")
def schema() -> dict[str, Any]:
    """JSON Schema of a configuration."""
    return json_schema()


@router.post("/validate", responses=responses(403, 413, 415))
def validate(viewer: Viewer, document: dict[str, Any]) -> ConfigurationCheck:
    """Everything that is wrong with a configuration; nothing is written."""
    found = _problems(document)
    return ConfigurationCheck(is_valid=not found, problems=found)


@router.put("", responses=responses(403, 404, 413, 415))
def write(services: Given, operator: Operator, document: dict[str, Any]) -> ConfigurationCheck:
    """Write a configuration that has nothing wrong with it to the bot's file.

    The bot goes on as it is, over stops and starts too: the next `tradebot up` takes the file, until then GET tells
    that it is pending. A paper account belongs to the configuration its record was made with: a changed one takes
    another `engine.account`, or a reset.
    """
    if services.configuration is None:
        raise RequestError(404, "the bot has no file of a configuration", mend="`tradebot up CONFIG` serves one.")
    found = _problems(document)
    if not found:
        write_durably(services.configuration, msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n")
    return ConfigurationCheck(is_valid=not found, problems=found)


def _is_pending(services: Services, bot: BotHandle) -> bool:
    """Whether the file says something else than what is in force."""
    if services.configuration is None:
        return False
    try:
        written = load(services.configuration, os.environ).configuration
    except ConfigurationError:
        return True
    return written.model_dump(mode="json") != dict(bot.configuration)


def _document(services: Services) -> dict[str, Any] | None:
    file = services.configuration
    if file is None:
        return None
    # Refuses what holds a secret; the numbers it gives are decimals, which JSON has no word for.
    read_document(file)
    return json.loads(file.read_bytes())


def _problems(document: dict[str, Any]) -> list[ConfigurationProblem]:
    """What loading the document as a file would say, with nothing of the server's environment."""
    with tempfile.TemporaryDirectory(prefix="tradebot-") as folder:
        file = Path(folder) / "configuration.json"
        file.write_bytes(msgspec.json.encode(document))
        try:
            strategy_of(load(file, {}))
        except ConfigurationError as error:
            return [
                ConfigurationProblem(
                    path=each.path, fact=each.fact.replace(f"{folder}/", ""), mend=each.mend.replace(f"{folder}/", "")
                )
                for each in error.problems
            ]
    return []
