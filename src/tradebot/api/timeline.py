"""What became of an order, step by step, as the journal has it: all times are those of this machine's clock."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from tradebot.api.problems import RequestError
from tradebot.api.record import read
from tradebot.api.schemas.trading import OrderStep
from tradebot.api.services import Services
from tradebot.core.decimals import exact
from tradebot.core.event import BarClosed, Cancel, OrderUpdate, Replace, Reviewed, Signaled, Submit
from tradebot.core.instant import to_datetime
from tradebot.core.journal import Entry
from tradebot.store.journal.reader import JournalReader
from tradebot.store.ledger.rows import OrderRow

# A signal and its review stand a few entries before the order they led to, and its bar a few before them.
_BEFORE: Final = 100
_MOST: Final = 200_000
_KINDS: Final = tuple(kind.__name__ for kind in (Signaled, Reviewed, Submit, Cancel, Replace, OrderUpdate))


def timeline_of(services: Services, order_id: str) -> list[OrderStep]:
    """Signal, review, intent, the venue's answers and the trades of an order, the oldest first.

    Raises
    ------
    RequestError : there is no such order.
    JournalError : the record cannot be read.
    """
    found = read(services, lambda it: it.orders(order_id=order_id, limit=1))
    if not found or services.account is None:
        raise RequestError(404, "there is no such order", place="order_id", mend="GET /api/v1/orders lists them.")
    order = found[0]
    span = range(max(order.seq - _BEFORE, 1), order.seq + _MOST)
    with JournalReader(services.account) as journal:
        found = [_step(entry, order, journal) for entry in journal.about(order_id, _KINDS, span)]
    redact = services.redactor.text
    return [step.model_copy(update={"text": redact(step.text)}) for step in found if step is not None]


def _step(entry: Entry, order: OrderRow, journal: JournalReader) -> OrderStep | None:
    at = to_datetime(entry.at)
    # The text of its id is part of its exits' ids as well.
    if getattr(entry.message, "order_id", "") != order.order_id:
        return None
    match entry.message:
        case Signaled(symbol=symbol, action=action, tag=tag, entry=price):
            # Without a price of its own a signal means the close of its bar.
            meant = _close_before(journal, entry.seq, symbol) if price is None else price
            return OrderStep(time=at, step="signal", text=f"{action} {tag}".strip(), price=_amount(meant))
        case Reviewed(allowed=allowed, rule=rule, reason=reason):
            text = "allowed" if allowed else f"refused by {rule}: {reason}"
            return OrderStep(time=at, step="review", text=text)
        case Submit(intent=intent):
            price = intent.price if intent.price is not None else intent.trigger
            return OrderStep(
                time=at, step="intent", text=intent.tag, price=_amount(price), quantity=_amount(intent.quantity)
            )
        case Cancel(reason=reason):
            return OrderStep(time=at, step="cancel", text=reason)
        case Replace(price=price, quantity=quantity):
            return OrderStep(time=at, step="replace", price=_amount(price), quantity=_amount(quantity))
        case OrderUpdate(state=state, reason=reason, fill=None):
            told = OrderStep(time=at, step="answer", state=state, text=reason)
            # One that the broker made of its entry was never sent: its first word is all there is to show its terms at.
            return _with_terms(told, order) if entry.seq == order.seq else told
        case OrderUpdate(state=state, fill=fill) if fill is not None:
            return OrderStep(time=at, step="fill", state=state, price=fill.price, quantity=fill.quantity, fee=fill.fee)
        case _:
            return None


def _with_terms(step: OrderStep, order: OrderRow) -> OrderStep:
    price = order.trigger if order.price is None else order.price
    text = step.text or order.tag.replace("_", " ")
    return step.model_copy(update={"text": text, "price": price, "quantity": order.quantity})


def _close_before(journal: JournalReader, seq: int, symbol: str) -> float | None:
    span = range(max(seq - _BEFORE, 1), seq)
    for entry in journal.about(symbol, (BarClosed.__name__,), span, newest_first=True):
        if isinstance(entry.message, BarClosed) and entry.message.symbol == symbol:
            return entry.message.bar.close
    return None


def _amount(value: float | None) -> Decimal | None:
    return None if value is None else exact(value)
