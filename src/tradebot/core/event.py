"""Events that go into the trader; with the commands and the records that come out of it, all that a journal keeps."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

import msgspec
from tradebot_native import ExecutionEvent

from tradebot.core.account import AccountSnapshot
from tradebot.core.bar import Bar, BarArray, Quote, Tick
from tradebot.core.command import Cancel, Halt, Notify, Query, Replace, SetTimer, Severity, Submit
from tradebot.core.fill import Fill
from tradebot.core.interval import Interval
from tradebot.core.operator import Answered, OperatorAction, OperatorCommand
from tradebot.core.order import OrderState
from tradebot.core.record import Adopted, Concluded, EquityMarked, Reviewed, Signaled

__all__ = [
    "AccountEvent",
    "Adopted",
    "Alarm",
    "Answered",
    "BarClosed",
    "Cancel",
    "CashFlow",
    "CashFlowKind",
    "Command",
    "Concluded",
    "EquityMarked",
    "Event",
    "ExecutionEvent",
    "FeedHealth",
    "Halt",
    "History",
    "MarketEvent",
    "Notify",
    "OperatorAction",
    "OperatorCommand",
    "OrderNotFound",
    "OrderUpdate",
    "Output",
    "Query",
    "QuoteSeen",
    "Record",
    "Replace",
    "Resumed",
    "Reviewed",
    "SetTimer",
    "Severity",
    "Signaled",
    "Submit",
    "TickSeen",
    "Timer",
]


class History(msgspec.Struct, frozen=True):
    """Bars that closed before trading begins: indicators take them, nothing is decided on them."""

    symbol: str
    interval: Interval
    bars: BarArray


class BarClosed(msgspec.Struct, frozen=True):
    """A bar that is known: it has closed and will not change."""

    symbol: str
    interval: Interval
    bar: Bar


class TickSeen(msgspec.Struct, frozen=True):
    """A trade that was printed in the market."""

    symbol: str
    tick: Tick


class QuoteSeen(msgspec.Struct, frozen=True):
    """A change of the best bid or ask."""

    symbol: str
    quote: Quote


class FeedHealth(msgspec.Struct, frozen=True):
    """Whether the data of a market is fresh, judged by the age of the data, never by the state of a socket."""

    ts: int
    symbol: str
    is_fresh: bool


class OrderUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """What a broker says happened to an order.

    Parameters
    ----------
    ts : the venue's time of it, int64 ns UTC.
    order_id : our client order id; for an order we never sent (a liquidation, a person's), the venue's name for it.
    symbol : the market.
    state : state the order is in now; ``unknown`` where no answer came.
    venue_id : the broker's own id, once it is known.
    reason : the venue's reason for a rejection, an expiry or a cancellation, with its code.
    fill : the trade, for an execution. Applied once, by its trade id.
    quantity, price, trigger : new terms, where the order was replaced.
    """

    ts: int
    order_id: str
    symbol: str
    state: OrderState
    venue_id: str = ""
    reason: str = ""
    fill: Fill | None = None
    quantity: Decimal | None = None
    price: Decimal | None = None
    trigger: Decimal | None = None


class OrderNotFound(msgspec.Struct, frozen=True):
    """The broker does not know an order it was asked about. Just after a send that is no answer yet."""

    ts: int
    order_id: str


class CashFlowKind(StrEnum):
    """Why money moved without a trade."""

    FUNDING = "funding"
    BORROW = "borrow"
    FEE = "fee"
    DIVIDEND = "dividend"
    TRANSFER = "transfer"


class CashFlow(msgspec.Struct, frozen=True, kw_only=True):
    """Money that moved without a trade.

    Parameters
    ----------
    ts : when, int64 ns UTC.
    flow_id : the venue's own id of the movement; it is booked once by it.
    kind : why.
    amount : positive into the account.
    currency : of the amount.
    symbol : the market it concerns; empty for the whole account.
    """

    ts: int
    flow_id: str
    kind: CashFlowKind
    amount: Decimal
    currency: str
    symbol: str = ""


class Resumed(msgspec.Struct, frozen=True):
    """Another process drives the run from here on: nothing is under way, and what had no answer may never have left."""

    ts: int


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """Something at the venue, or between it and this machine, that a person must know of.

    Parameters
    ----------
    ts : when, int64 ns UTC.
    text : one sentence.
    stops_entries : whether nothing may be opened until a person releases the bot.
    severity : how much it matters; what stops entries is critical whatever is said here.
    """

    ts: int
    text: str
    stops_entries: bool = False
    severity: Severity = Severity.WARNING


class Timer(msgspec.Struct, frozen=True):
    """A moment that was asked for with ``SetTimer``, by the name it was asked under."""

    ts: int
    name: str


MarketEvent = BarClosed | TickSeen | QuoteSeen
"""What a feed delivers."""

AccountEvent = OrderUpdate | OrderNotFound | CashFlow | AccountSnapshot | Alarm
"""What a broker delivers. A snapshot is what the books are reconciled with."""

Event = MarketEvent | AccountEvent | History | FeedHealth | Resumed | Timer | OperatorCommand
"""What a trader takes, one at a time."""

Command = Submit | Cancel | Replace | Query | SetTimer | Halt | Notify
"""What a trader asks its driver to do."""

Record = Signaled | Reviewed | Answered | Concluded | Adopted | EquityMarked
"""What a trader only tells, for the journal."""

Output = Command | Record
"""What a trader gives back for an event, in order."""
