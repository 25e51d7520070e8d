"""The record of the account, read beside the bot that writes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from pydantic import BaseModel

from tradebot.api.schemas.values import moment
from tradebot.api.services import Services
from tradebot.store.account_file import FILE

if TYPE_CHECKING:
    from tradebot.store.ledger.queries import Ledger

Row = TypeVar("Row")
Shown = TypeVar("Shown", bound=BaseModel)


def read(services: Services, question: Callable[[Ledger], list[Row]]) -> list[Row]:
    """The answer of the ledger; nothing where the account has none yet.

    Raises
    ------
    JournalError : it cannot be read.
    """
    folder = services.account
    if folder is None or not (folder / FILE).exists():
        return []
    with services.ledgers.ledger(folder) as ledger:
        return question(ledger)


def shown(services: Services, kind: type[Shown], row: msgspec.Struct, **more: Any) -> Shown:
    """A row of the ledger as an answer, its times as times, with more that the row does not hold."""
    values: dict[str, Any] = msgspec.structs.asdict(row) | more
    if values.get("reason"):
        # In a venue's words, or an exception's.
        values["reason"] = services.redactor.text(values["reason"])
    if "ts" in values:
        values["time"] = moment(values.pop("ts"))
    for name in ("created", "updated"):
        if isinstance(values.get(name), int):
            values[name] = moment(values[name])
    return kind.model_validate(values)
