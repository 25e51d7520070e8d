"""What became of an order, step by step, as the journal has it: all times are those of this machine's clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
from tradebot.core.order import is_final
from tradebot.store.journal.reader import JournalReader

# A signal and its review stand a few entries before the order they led to; a late fill, a few after its end.
_AROUND: Final = 100
_MOST: Final = 50_000


def timeline_of(services: Services, order_id: str) -> list[OrderStep]:
    """Signal, review, intent, the venue's answers and the trades of an order, the oldest first.

    Raises
    ------
    RequestError : there is no such order.
    JournalError : the record cannot be read.
    """
    found = read(services, lambda it: it.first_entry(order_id))
    if not found or services.account is None:
        raise RequestError(404, "there is no such order", place="order_id", mend="GET /api/v1/orders lists them.")
    first = found[0]
    steps: list[OrderStep] = []
    closes: dict[str, float] = {}
    with JournalReader(services.account) as journal:
        last = first + _MOST
        for entry in journal.read(max(0, first - _AROUND)):
            if entry.seq > last:
                break
            if isinstance(entry.message, BarClosed):
                closes[entry.message.symbol] = entry.message.bar.close
            steps += _steps(entry, order_id, closes)
            if steps and steps[-1].state and is_final(steps[-1].state):
                last = min(last, entry.seq + _AROUND)
    return steps


def _steps(entry: Entry, order_id: str, closes: Mapping[str, float]) -> Iterator[OrderStep]:
    at = to_datetime(entry.at)
    match entry.message:
        case Signaled(order_id=named, symbol=symbol, action=action, tag=tag, entry=price) if named == order_id:
            # Without a price of its own a signal means the close of its bar.
            meant = closes.get(symbol) if price is None else price
            yield OrderStep(time=at, step="signal", text=f"{action} {tag}".strip(), price=_amount(meant))
        case Reviewed(order_id=named, allowed=allowed, rule=rule, reason=reason) if named == order_id:
            text = "allowed" if allowed else f"refused by {rule}: {reason}"
            yield OrderStep(time=at, step="review", text=text)
        case Submit(named, intent) if named == order_id:
            price = intent.price if intent.price is not None else intent.trigger
            quantity = _amount(intent.quantity)
            yield OrderStep(time=at, step="intent", text=intent.tag, price=_amount(price), quantity=quantity)
        case Cancel(named, reason) if named == order_id:
            yield OrderStep(time=at, step="cancel", text=reason)
        case Replace(order_id=named, price=price, quantity=quantity) if named == order_id:
            yield OrderStep(time=at, step="replace", price=_amount(price), quantity=_amount(quantity))
        case OrderUpdate(order_id=named, state=state, reason=reason, fill=fill) if named == order_id:
            if fill is None:
                yield OrderStep(time=at, step="answer", state=state, text=reason)
            else:
                yield OrderStep(
                    time=at, step="fill", state=state, price=fill.price, quantity=fill.quantity, fee=fill.fee
                )
        case _:
            pass


def _amount(value: float | None) -> Decimal | None:
    return None if value is None else exact(value)
