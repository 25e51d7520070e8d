"""The audit of an account: the bot's record, and what operators did beside it, in one order of time."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge
from itertools import islice

from tradebot.api.record import read
from tradebot.api.schemas.trading import AuditEntry
from tradebot.api.schemas.values import moment
from tradebot.api.services import Services
from tradebot.store.ledger.rows import AuditRow
from tradebot.store.operators import Act, OperatorsBook


def audit_of(services: Services, run_id: str | None, limit: int) -> list[AuditEntry]:
    """Entries, the newest first; those of one run alone where it is given, to which nothing beside the bot belongs.

    Raises
    ------
    JournalError : they cannot be read.
    """
    told = read(services, lambda it: it.audit(run_id=run_id, limit=limit))
    acts = acts_of(services, limit) if run_id is None else []
    return list(islice(_in_order(told, acts), limit))


def acts_of(services: Services, limit: int) -> list[Act]:
    """What operators did beside the bot, the newest first."""
    return [] if services.account is None else OperatorsBook(services.account).acts(limit=limit)


def _in_order(told: list[AuditRow], acts: list[Act]) -> Iterator[AuditEntry]:
    for each in merge(told, acts, key=lambda each: each.ts, reverse=True):
        is_act = isinstance(each, Act)
        yield AuditEntry(
            id=f"{'operators' if is_act else 'journal'}-{each.seq}",
            run_id="" if is_act else each.run_id,
            time=moment(each.ts),
            kind=each.kind,
            operator=each.operator,
            text=each.text,
        )
