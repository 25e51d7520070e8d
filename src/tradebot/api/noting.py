"""Notes of operators beside the trades they are about."""

from __future__ import annotations

from collections.abc import Iterable

from tradebot.api.services import Services
from tradebot.store.ledger.rows import FillRow
from tradebot.store.operators import OperatorsBook


def notes_on(services: Services, trades: Iterable[FillRow]) -> dict[tuple[str, str], str]:
    """The notes there are on some trades, by symbol and trade id.

    Raises
    ------
    JournalError : they cannot be read.
    """
    if services.account is None:
        return {}
    found = OperatorsBook(services.account).notes((trade.symbol, trade.trade_id) for trade in trades)
    return {trade: note.text for trade, note in found.items()}
