"""A naive model of the simulated exchange: one account, many instruments, closed bars.

Written from the text of the semantics alone, to be held against the native exchange. It copies the whole account for
each path of a bar, looks through all orders at every step, and knows no index, cache or queue. `matching.py` has the
walk along a path, `account.py` the money.
"""

from copy import deepcopy

from model.account import (
    NANOSECONDS_PER_DAY,
    equity,
    fee,
    maintenance,
    margin_used,
    pay_fill_free,
    quantity_margin,
)
from model.groups import cancel_orphans
from model.matching import Walk
from model.values import Account, Bar, Order, Request, SlippageModel, Spec, no_slippage


class ModelExchange:
    """The exchange; its account is `account`, which holds orders and fills too."""

    def __init__(
        self,
        specs: list[Spec],
        *,
        cash: float,
        path: str = "pessimistic",
        touch: bool = True,
        participation: float | None = None,
        slippage: SlippageModel = no_slippage,
        leverage: float = 1.0,
    ) -> None:
        self.specs = specs
        self.path = path
        self.touch = touch
        self.participation = participation
        self.slippage = slippage
        self.leverage = leverage
        self.account = Account(cash)
        self.bars = [0] * len(specs)
        self.last_ts: dict[int, int] = {}
        self.funding: dict[int, list[tuple[int, float, float | None]]] = {}
        self.ambiguous_bars = 0
        self.now = 0

    @property
    def equity(self) -> float:
        return equity(self.specs, self.account)

    @property
    def maintenance(self) -> float:
        return maintenance(self.specs, self.account)

    def position(self, instrument: int) -> float:
        return self.account.positions.get(instrument, 0.0)

    def order(self, order_id: int) -> Order:
        return self.account.orders[order_id]

    def submit(self, request: Request) -> int:
        """Take an order in; it may fill from the next bar's open on."""
        order = Order.of(len(self.account.orders), request, self.bars[request.instrument])
        order.extreme = self.account.marks.get(request.instrument)
        order.reason = self.rejection(order)
        if order.reason:
            order.state = "rejected"
        elif order.parent is not None and self.order(order.parent).filled > 0:
            order.quantity = min(order.quantity, self.order(order.parent).filled)
        if order.live_at_once(self.account.orders):
            order.queued = self.account.next_in_queue()
        self.account.orders.append(order)
        cancel_orphans(self.account)
        return order.id

    def rejection(self, order: Order) -> str:
        spec = self.specs[order.instrument]
        mark = self.account.marks.get(order.instrument)
        position = self.position(order.instrument)
        at = order.price or order.trigger or mark
        refused = self.ill_formed(order)
        if refused:
            return refused
        if at is not None and at * order.quantity * spec.multiplier < spec.min_notional:
            return "min_notional"
        waits = not order.live_at_once(self.account.orders)
        if not waits and order.reduce_only and position * order.sign >= 0:
            return "reduce_only"
        if order.sign < 0 and not waits and order.quantity > position:
            if spec.kind == "spot":
                return "insufficient_position"
            if spec.kind == "equity" and not spec.shortable:
                return "not_shortable"
        cost = 0.0 if waits else self.initial_cost(order)
        if cost > max(0.0, self.free_margin):
            return "insufficient_margin"
        crosses = mark is not None and order.price is not None and order.sign * (order.price - mark) >= 0
        if order.post_only and not waits and crosses:
            return "post_only_would_cross"
        return ""

    def ill_formed(self, order: Order) -> str:
        """What an order breaks whatever the account holds."""
        spec = self.specs[order.instrument]
        if order.tif == "gtd" and order.expire_ts is not None and order.expire_ts <= self.now:
            return "time_in_force"
        if spec.lots_down(order.quantity) != order.quantity:
            return "lot"
        if any(price is not None and spec.tick_down(price) != price for price in (order.price, order.trigger)):
            return "tick"
        if order.quantity < spec.min_quantity:
            return "min_quantity"
        if order.quantity > spec.max_quantity:
            return "max_quantity"
        return ""

    def initial_cost(self, order: Order) -> float:
        """Initial margin and fee of the part of the order that opens a position, at the price it asks for."""
        spec, mark = self.specs[order.instrument], self.account.marks.get(order.instrument)
        price = order.price or order.trigger or mark
        opening = order.quantity - max(0.0, -order.sign * self.position(order.instrument))
        if price is None or opening <= 0 or order.reduce_only:
            return 0.0
        paid = fee(spec, price, opening, maker=False)
        return quantity_margin(spec, order.sign * opening, price, self.leverage) + paid

    @property
    def free_margin(self) -> float:
        return self.equity - margin_used(self.specs, self.account, self.leverage)

    def cancel(self, order_id: int) -> None:
        order = self.order(order_id)
        if order.open:
            order.state, order.reason = "canceled", "requested"
            cancel_orphans(self.account)

    def set_funding(self, instrument: int, payments: list[tuple[int, float, float | None]]) -> None:
        """Payments as (time, rate, mark price or None for the last price)."""
        self.funding[instrument] = sorted(payments)

    def on_bar(self, instrument: int, bar: Bar, close_ts: int | None = None) -> None:
        """Let a closed bar pass: what is due before it, its path resolved as `path` says, what fell due inside it."""
        self.pay_funding(instrument, bar.ts, bar.open)
        self.pay_borrow(instrument, bar)
        self.expire(instrument, bar, bar.ts if close_ts is None else close_ts)
        self.now = bar.ts if close_ts is None else close_ts
        low_first, high_first = (bar.low, bar.high), (bar.high, bar.low)
        nearer_low = bar.open - bar.low <= bar.high - bar.open
        adaptive, other = (low_first, high_first) if nearer_low else (high_first, low_first)
        before = self.account
        ends = []
        for extremes in (adaptive, other):
            self.account = deepcopy(before)
            Walk(self).bar(instrument, bar, extremes)
            ends.append((self.account, self.equity))
        (kept, kept_equity), (rival, rival_equity) = ends
        # The same fills in another order leave the last bits of a sum different.
        differs = abs(kept_equity - rival_equity) > 1e-9
        if differs or kept.open_positions != rival.open_positions:
            self.ambiguous_bars += 1
        worse, better = differs and rival_equity < kept_equity, differs and rival_equity > kept_equity
        rival_wins = {"pessimistic": worse, "optimistic": better, "adaptive": False}[self.path]
        self.account = rival if rival_wins else kept
        if close_ts is not None:
            self.pay_funding(instrument, close_ts - 1, bar.close)
        self.bars[instrument] += 1
        self.last_ts[instrument] = bar.ts
        if self.account.liquidated:
            self.account.liquidated = False
            self.liquidate_rest(bar.ts)

    def liquidate_rest(self, ts: int) -> None:
        """A liquidation that leaves too little takes the other positions along that have closed the same bar."""
        for instrument in sorted(self.account.open_positions):
            walk = Walk(self).after(instrument)
            if self.last_ts.get(instrument) == ts and walk.is_bankrupt():
                walk.liquidate(walk.price)

    def pay_funding(self, instrument: int, until: int, last: float) -> None:
        """Longs pay shorts rate x value at each funding time up to `until`; the last price values what has no mark."""
        spec = self.specs[instrument]
        due = [payment for payment in self.funding.get(instrument, []) if payment[0] <= until]
        for _, rate, mark in due:
            paid = self.position(instrument) * (last if mark is None else mark) * spec.multiplier * rate
            self.account.funding += paid
            pay_fill_free(self.account, paid)
        self.funding[instrument] = self.funding.get(instrument, [])[len(due) :]

    def pay_borrow(self, instrument: int, bar: Bar) -> None:
        """A short pays a 365th of its annual rate for each UTC midnight since the last bar, on its last value."""
        position, spec = self.position(instrument), self.specs[instrument]
        if position >= 0 or spec.borrow_rate == 0 or instrument not in self.last_ts:
            return
        nights = bar.ts // NANOSECONDS_PER_DAY - self.last_ts[instrument] // NANOSECONDS_PER_DAY
        paid = -position * self.account.marks[instrument] * spec.multiplier * spec.borrow_rate / 365 * nights
        self.account.borrow += paid
        pay_fill_free(self.account, paid)

    def expire(self, instrument: int, bar: Bar, close_ts: int) -> None:
        """End GTD orders whose time has come or lies in the bar, and DAY orders of a UTC day before."""
        for order in self.account.orders:
            if not order.open or order.instrument != instrument:
                continue
            if order.day is None:
                order.day = bar.ts // NANOSECONDS_PER_DAY
            dated = order.tif == "gtd" and order.expire_ts is not None and close_ts > order.expire_ts
            over = order.tif == "day" and bar.ts // NANOSECONDS_PER_DAY > order.day
            if over or dated or (order.tif == "gtd" and order.expire_ts is not None and bar.ts >= order.expire_ts):
                order.state, order.reason = "expired", "time_in_force"
                cancel_orphans(self.account)
