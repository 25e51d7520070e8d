"""The audit of an account: the bot's record, and what operators did beside it, in one order of time."""

from __future__ import annotations

from heapq import merge

from tradebot.api.record import read
from tradebot.api.schemas.records import AuditEntry
from tradebot.api.schemas.values import LARGEST, Page, moment, page, place_of
from tradebot.api.services import Services
from tradebot.store.ledger.rows import AuditRow
from tradebot.store.operators import Act, OperatorsBook


def audit_of(services: Services, run_id: str | None, limit: int, cursor: str | None) -> Page[AuditEntry]:
    """Entries, the newest first; those of one run alone where it is given, to which nothing beside the bot belongs.

    Parameters
    ----------
    cursor : where the page before ended in the record and among the acts, ``SEQ.SEQ``.

    Raises
    ------
    JournalError : they cannot be read.
    """
    places = list(place_of(cursor) or (LARGEST, LARGEST))
    told = read(services, lambda it: it.audit(run_id=run_id, before=places[0], limit=limit + 1))
    acts: list[Act] = []
    if run_id is None and services.account is not None:
        acts = OperatorsBook(services.account).acts(before=places[1], limit=limit + 1)
    every: list[AuditRow | Act] = list(merge(told, acts, key=lambda each: each.ts, reverse=True))
    for each in every[:limit]:
        places[isinstance(each, Act)] = each.seq
    return page(every, limit, shown=lambda each: _shown(services, each), mark=lambda _: f"{places[0]}.{places[1]}")


def _shown(services: Services, each: AuditRow | Act) -> AuditEntry:
    is_act = isinstance(each, Act)
    return AuditEntry(
        id=f"{'operators' if is_act else 'journal'}-{each.seq}",
        run_id="" if is_act else each.run_id,
        time=moment(each.ts),
        kind=each.kind,
        operator=each.operator,
        text=services.redactor.text(each.text),
    )
