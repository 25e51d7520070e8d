"""What the parts ask of each other. Any object of the right shape serves; nothing is inherited."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Protocol

import msgspec

from tradebot.core.account import AccountSnapshot
from tradebot.core.bar import Bar, BarArray, Quote
from tradebot.core.event import AccountEvent, MarketEvent
from tradebot.core.instrument import Instrument
from tradebot.core.interval import Interval
from tradebot.core.order import OrderIntent, OrderType
from tradebot.core.portfolio import Portfolio
from tradebot.core.signal import Signal


class Snapshot(Protocol):
    """The markets at the moment of a decision: nothing in it was unknown then."""

    @property
    def ts(self) -> int:
        """Time of the decision, int64 ns UTC: the close of the latest bar, or the time of the tick or quote."""
        ...

    def bar(self, symbol: str, /) -> Bar | None:
        """Latest closed bar of a market; ``None`` before its first."""
        ...

    def quote(self, symbol: str, /) -> Quote | None:
        """Latest quote of a market; ``None`` where none was seen."""
        ...


class DecisionContext(Protocol):
    """What stays the same over a run."""

    @property
    def run_id(self) -> str:
        """Name of the run; client order ids begin with it."""
        ...

    @property
    def instruments(self) -> Mapping[str, Instrument]:
        """The markets of the run, by symbol."""
        ...


class Policy(Protocol):
    """Decides: from the account and the markets to orders. The engine knows no other kind of strategy.

    A policy does no input or output and asks no clock: the same calls give the same intents.
    """

    def decide(self, portfolio: Portfolio, snapshot: Snapshot, context: DecisionContext) -> Sequence[OrderIntent]:
        """Orders to give now, in order of importance; empty for none. Called once for each event."""
        ...


class Sizer(Protocol):
    """Turns a signal into a quantity."""

    def size(self, signal: Signal, portfolio: Portfolio, instrument: Instrument, price: float) -> float:
        """Units to hold for the signal, zero or more; the engine snaps them down to the lot size.

        Parameters
        ----------
        signal : what the strategy said; its side is already known to be tradable.
        portfolio : the account now.
        instrument : the market.
        price : expected entry price.

        Raises
        ------
        SizingError : the signal lacks what this sizer needs, such as a stop.
        """
        ...


class Verdict(msgspec.Struct, frozen=True):
    """Outcome of a risk review; every one is recorded.

    Parameters
    ----------
    allowed : whether the order may go out.
    rule : name of the rule that decided; empty when none objected.
    reason : one sentence with the figures; empty when none objected.
    """

    allowed: bool
    rule: str = ""
    reason: str = ""


class RiskManager(Protocol):
    """Holds every order against the limits before it leaves."""

    def review(self, intent: OrderIntent, portfolio: Portfolio, snapshot: Snapshot) -> Verdict:
        """Allow or deny one order. An order whose fate is unknown counts as its worst case."""
        ...


class FeedAbilities(msgspec.Struct, frozen=True, kw_only=True):
    """What a feed can deliver, so that a wrong wish fails before start.

    Parameters
    ----------
    intervals : bar intervals it has; empty means any.
    ticks, quotes : whether its stream has trades, and best bids and asks.
    history : whether it answers for the past.
    live : whether it streams the present.
    """

    intervals: tuple[Interval, ...] = ()
    ticks: bool = False
    quotes: bool = False
    history: bool = True
    live: bool = True


class Feed(Protocol):
    """Brings market data in."""

    @property
    def abilities(self) -> FeedAbilities:
        """What this feed can deliver."""
        ...

    async def history(self, instrument: Instrument, interval: Interval, start: int, end: int) -> BarArray:
        """Closed bars that open in ``start <= ts < end`` (int64 ns UTC); gaps are the market's own.

        Raises
        ------
        NoBarsError : no bar lies there.
        DataError : the feed does not have the market or the interval, or does not answer.
        """
        ...

    def stream(self, instruments: Sequence[Instrument], interval: Interval | None) -> AsyncIterator[MarketEvent]:
        """Events in the order they are known, until the caller closes it; ``interval`` ``None`` asks for no bars."""
        ...


class BarStore(Protocol):
    """Keeps bars between runs."""

    def read(
        self, instrument: Instrument, interval: Interval, start: int | None = None, end: int | None = None
    ) -> BarArray:
        """Stored bars that open in ``start <= ts < end``; ``None`` leaves the side open.

        Raises
        ------
        DataError : nothing is stored for the market and interval.
        """
        ...

    def write(self, bars: BarArray) -> None:
        """Store bars; a bar of the same time replaces the earlier one."""
        ...


class BrokerAbilities(msgspec.Struct, frozen=True, kw_only=True):
    """What a broker can hold, so that the order manager knows what it must watch by itself.

    Parameters
    ----------
    order_types : types that rest at the broker; others are watched here, and said so.
    trail_pct : least and largest fraction of the price by which a trailing stop may follow at the broker; others, and
        distances in price, are watched here. ``None`` takes any.
    attaches_exits : whether the stop, target and trailing stop of an intent live at the broker from the entry's fill
        on, so that they need no orders of their own.
    links_orders : whether an order can wait there for another's fill (one-triggers-other), and be taken back by
        another's (one-cancels-other); else a child is sent once its parent has filled, and a partner is taken back from
        here.
    replaces : whether an open order can be changed in place.
    unique_ids : whether a client order id is unique over all orders ever (Alpaca), not only among open ones (Binance).
    """

    order_types: frozenset[OrderType] = frozenset(OrderType)
    trail_pct: tuple[float, float] | None = None
    attaches_exits: bool = False
    links_orders: bool = False
    replaces: bool = True
    unique_ids: bool = False

    def holds(self, intent: OrderIntent) -> bool:
        """Whether an order can rest at the broker."""
        if intent.type not in self.order_types:
            return False
        if intent.type != OrderType.TRAILING_STOP or self.trail_pct is None:
            return True
        least, most = self.trail_pct
        return intent.trail_pct is not None and least <= intent.trail_pct <= most


class ExecutionEngine(Protocol):
    """Brings orders out and their fate back: simulated, paper, or a broker.

    No call sends an order twice, and none raises for what a venue answers: rejections, and answers that do not come
    (``OrderState.UNKNOWN``), arrive as events. An unknown order is asked about with ``query``, never sent again.
    """

    @property
    def abilities(self) -> BrokerAbilities:
        """What this broker can hold."""
        ...

    async def submit(self, order_id: str, intent: OrderIntent) -> None:
        """Send an order under a client id that was never used before. Its fate arrives as events."""
        ...

    async def cancel(self, order_id: str) -> None:
        """Ask for an order to be taken back."""
        ...

    async def replace(
        self,
        order_id: str,
        *,
        quantity: float | None = None,
        price: float | None = None,
        trigger: float | None = None,
    ) -> None:
        """Ask for an open order to be changed; ``None`` keeps a part as it is."""
        ...

    async def query(self, order_id: str) -> None:
        """Ask what became of an order: an ``OrderUpdate``, fills that were missed, or an ``OrderNotFound`` arrives."""
        ...

    def stream_events(self) -> AsyncIterator[AccountEvent]:
        """Every change of every order, every fill at least once, every cash flow, in the order the venue made them."""
        ...

    async def snapshot(self) -> AccountSnapshot:
        """Open orders, positions, balances and recent fills, as the venue knows them now."""
        ...
