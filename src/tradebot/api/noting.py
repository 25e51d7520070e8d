"""Notes of operators beside the trades they are about."""

from __future__ import annotations

from collections.abc import Sequence

from tradebot.api.schemas.trading import Fill
from tradebot.api.services import Services
from tradebot.store.operators import OperatorsBook


def with_notes(services: Services, fills: Sequence[Fill]) -> list[Fill]:
    """The trades, each with its note.

    Raises
    ------
    JournalError : the notes cannot be read.
    """
    if services.account is None:
        return list(fills)
    notes = OperatorsBook(services.account).notes((fill.symbol, fill.trade_id) for fill in fills)
    return [
        fill.model_copy(update={"note": note.text}) if (note := notes.get((fill.symbol, fill.trade_id))) else fill
        for fill in fills
    ]
