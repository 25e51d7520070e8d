"""What a driver must know of an event: when it was, what market data is in it, and whether it must last."""

from __future__ import annotations

from collections.abc import Sequence

from tradebot.core.account import AccountSnapshot
from tradebot.core.event import (
    Alarm,
    BarClosed,
    Cancel,
    CashFlow,
    Event,
    FeedHealth,
    Halt,
    History,
    MarketEvent,
    OperatorCommand,
    OrderNotFound,
    OrderUpdate,
    Output,
    QuoteSeen,
    Replace,
    Resumed,
    Submit,
    TickSeen,
    Timer,
)


def time_of(event: Event) -> int:
    """When an event became known, int64 ns UTC; 0 where it tells no time."""
    match event:
        case BarClosed(_, interval, bar):
            return interval.close_of(bar.ts)
        case TickSeen(_, tick):
            return tick.ts
        case QuoteSeen(_, quote):
            return quote.ts
        case History(_, interval, bars):
            return interval.close_of(int(bars.ts[-1])) if len(bars) else 0
        case (
            FeedHealth()
            | Timer()
            | OperatorCommand()
            | Resumed()
            | OrderUpdate()
            | OrderNotFound()
            | CashFlow()
            | AccountSnapshot()
            | Alarm()
        ):
            return event.ts


def market_data(event: Event) -> list[MarketEvent]:
    """Market data in an event, as a simulated broker takes it: late bars too, for orders may have rested in them."""
    match event:
        case BarClosed() | TickSeen() | QuoteSeen():
            return [event]
        case History(symbol, interval, bars):
            return [BarClosed(symbol, interval, bar) for bar in bars]
        case _:
            return []


def must_last(event: Event, outputs: Sequence[Output]) -> bool:
    """Whether this must be on the disk before the next step: orders that leave, and what brokers and people said."""
    if isinstance(event, OrderUpdate | OrderNotFound | CashFlow | AccountSnapshot | Alarm | OperatorCommand):
        return True
    return any(isinstance(output, Submit | Cancel | Replace | Halt) for output in outputs)
