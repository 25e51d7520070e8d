"""Events that go into the trader, and what comes out of it: commands to carry out and records to keep."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any

import msgspec
from tradebot_native import ExecutionEvent

from tradebot.core.account import AccountSnapshot
from tradebot.core.bar import Bar, BarArray, Quote, Tick
from tradebot.core.fill import Fill, Liquidity
from tradebot.core.interval import Interval
from tradebot.core.operator import Answered, OperatorAction, OperatorCommand
from tradebot.core.order import OrderIntent, OrderState, Side

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
    """

    ts: int
    text: str
    stops_entries: bool = False


class Timer(msgspec.Struct, frozen=True):
    """A moment that was asked for with ``SetTimer``, by the name it was asked under."""

    ts: int
    name: str


class Submit(msgspec.Struct, frozen=True):
    """Send an order under its client id, which is used once."""

    order_id: str
    intent: OrderIntent


class Cancel(msgspec.Struct, frozen=True):
    """Take an open order back."""

    order_id: str
    reason: str = ""


class Replace(msgspec.Struct, frozen=True):
    """Change an open order; ``None`` keeps a part as it is."""

    order_id: str
    quantity: float | None = None
    price: float | None = None
    trigger: float | None = None


class Halt(msgspec.Struct, frozen=True):
    """Stop trading until a person releases it.

    Parameters
    ----------
    reason : one sentence for the operator.
    flatten : also close every position.
    operator : who asked for it; empty where the bot halts by itself.
    """

    reason: str
    flatten: bool = False
    operator: str = ""


class Severity(StrEnum):
    """How much a notice matters to the person who gets it."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Notify(msgspec.Struct, frozen=True):
    """Tell the operator something."""

    severity: Severity
    text: str


class Query(msgspec.Struct, frozen=True):
    """Ask the broker what became of an order; the answer is an ``OrderUpdate`` or an ``OrderNotFound``."""

    order_id: str


class SetTimer(msgspec.Struct, frozen=True):
    """Wake the trader with a ``Timer`` of this name; a second one of the name replaces the first."""

    ts: int
    name: str


class Signaled(msgspec.Struct, frozen=True, kw_only=True):
    """A strategy spoke: kept beside the order it led to, or the verdict that stopped it.

    Parameters
    ----------
    ts : close of the bar, or time of the tick, it was decided on.
    symbol : the market.
    action : ``long``, ``short`` or ``exit``.
    order_id : client id of the order it became; empty where it became none.
    entry, stop_loss, take_profit, confidence, tag, metadata : as in the signal.
    """

    ts: int
    symbol: str
    action: str
    order_id: str = ""
    entry: float | None = None
    stop_loss: float | None = None
    take_profit: float | None = None
    confidence: float = 1.0
    tag: str = ""
    metadata: Mapping[str, Any] | None = None


class Reviewed(msgspec.Struct, frozen=True, kw_only=True):
    """The risk review of one order: every verdict is kept, with the rule that decided."""

    ts: int
    order_id: str
    symbol: str
    allowed: bool
    rule: str = ""
    reason: str = ""


class Concluded(msgspec.Struct, frozen=True, kw_only=True):
    """The state an order is taken to be in that no report tells of.

    Parameters
    ----------
    ts : when, int64 ns UTC.
    order_id : client id of the order.
    symbol : the market.
    state : ``unknown`` where an answer is overdue; ``rejected`` or ``canceled`` where the broker has said often and
        long enough that it does not know the order; or what a snapshot shows.
    """

    ts: int
    order_id: str
    symbol: str
    state: OrderState


class Adopted(msgspec.Struct, frozen=True, kw_only=True):
    """A position as the broker holds it, taken into the books though no trade explains it.

    Parameters
    ----------
    ts : when, int64 ns UTC.
    symbol : the market.
    quantity : signed units that are held from here on.
    price : at which the difference is booked, without a fee.
    currency : of the account.
    """

    ts: int
    symbol: str
    quantity: Decimal
    price: Decimal
    currency: str

    @property
    def order_id(self) -> str:
        """Name under which the difference is booked: of an order and of a trade that nobody made."""
        return f"adopted-{self.symbol}-{self.ts}"

    def fill(self, held: Decimal) -> Fill | None:
        """The trade that would have brought the position here from ``held`` units; ``None`` where it was here."""
        gap = self.quantity - held
        if not gap:
            return None
        return Fill(
            trade_id=self.order_id,
            order_id=self.order_id,
            symbol=self.symbol,
            ts=self.ts,
            side=Side.BUY if gap > 0 else Side.SELL,
            price=self.price,
            quantity=abs(gap),
            fee=Decimal(0),
            fee_currency=self.currency,
            liquidity=Liquidity.TAKER,
        )


class EquityMarked(msgspec.Struct, frozen=True, kw_only=True):
    """What the account is worth by our books, told as often as the equity curve shall have a point.

    Parameters
    ----------
    ts : the time it is worth that, int64 ns UTC.
    cash : settled cash, in the account's currency.
    equity : cash and the value of every position at its mark.
    """

    ts: int
    cash: float
    equity: float


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
