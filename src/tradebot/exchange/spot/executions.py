"""From what the simulated exchange did to the spot account, and to the messages about it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from tradebot_native import ExecutionEvent

from tradebot.core.decimals import exact
from tradebot.exchange.spot import messages
from tradebot.exchange.spot.account import SpotAccount
from tradebot.exchange.spot.orders import NO_LIST, WAITING, OrderList, SpotOrder
from tradebot.exchange.state import Outlet, State

Split = Callable[[str, Decimal], list[Decimal]]
"""How an execution of a symbol comes in pieces: their quantities."""


class SpotExecutions:
    """Takes the simulated exchange's events into the account, and tells the client."""

    def __init__(self, state: State, account: SpotAccount, outlet: Outlet, split: Split) -> None:
        self._state = state
        self._account = account
        self._outlet = outlet
        self._split = split

    def settle(self) -> None:
        """Take in everything the simulated exchange has done since the last time."""
        while events := self._state.sim.take_events():
            for event in events:
                owner = self._account.owners.get(event.order)
                if owner is not None:
                    self._take(owner, event)

    def reject_dormant(self, symbol: str, low: float, high: float) -> None:
        """Nothing waits on spot for coins that it could sell."""

    def fund(self, symbol: str, paid: Decimal, ts: int) -> None:
        """Nothing is paid on spot for holding coins."""

    def watch_margin(self) -> None:
        """Nothing is borrowed on spot."""

    def begun(self, pair: OrderList) -> None:
        """Tell of a new pair of orders."""
        self._outlet.user(messages.list_status(pair, self._state.now, self._state.clock.now_ms()))

    def _take(self, order: SpotOrder, event: ExecutionEvent) -> None:
        if event.fill_id is not None:
            self._fill(order, event)
        elif event.state == "accepted" and not order.status:
            order.status = "NEW"
            if order.kind not in WAITING:
                order.working_time = event.ts
            self._tell(order, "NEW", event.ts)
        elif event.state == "triggered":
            self._work(order, event.ts)
        elif event.state in ("canceled", "expired", "rejected") and order.is_open:
            order.status = "CANCELED" if event.reason == "requested" else "EXPIRED"
            self._end(order, event.ts)

    def _work(self, order: SpotOrder, ts: int) -> None:
        """An order has come to the book; its partner goes."""
        if not order.working_time:
            order.working_time = ts
        if order.list_id == NO_LIST:
            return
        pair = self._account.pairs.find(order.list_id, "")
        other = pair.other(order) if pair else None
        if other is not None and other.is_open and other.native is not None:
            self._state.sim.cancel(other.native)
            other.status = "EXPIRED"
            self._end(other, ts)

    def _fill(self, order: SpotOrder, event: ExecutionEvent) -> None:
        whole, price = exact(event.fill_quantity or 0.0), exact(event.fill_price or 0.0)
        if not order.status:
            order.status = "NEW"
            self._tell(order, "NEW", event.ts)
        self._work(order, event.ts)
        for quantity in self._split(order.symbol, whole):
            trade = self._account.wallet.book(
                order,
                price,
                quantity,
                maker=bool(event.maker),
                bnb_price=self._account.bnb_price(),
                ts=event.ts,
            )
            order.status = "FILLED" if order.executed >= order.quantity else "PARTIALLY_FILLED"
            order.update_time = event.ts
            if order.status == "FILLED":
                self._account.orders.settle(order.order_id)
            report = messages.execution_report(order, "TRADE", trade, event.ts, self._state.clock.now_ms())
            self._outlet.user(report)
            self._tell_coins(order.symbol, trade.fee_asset)
        if not order.is_open:
            self._finish_pair(order, event.ts)

    def _end(self, order: SpotOrder, ts: int) -> None:
        self._account.orders.settle(order.order_id)
        self._tell(order, order.status, ts)
        self._finish_pair(order, ts)

    def _finish_pair(self, order: SpotOrder, ts: int) -> None:
        pair = self._account.pairs.find(order.list_id, "") if order.list_id != NO_LIST else None
        if pair is not None and not pair.is_open and pair in self._account.pairs.open():
            self._account.pairs.settle(pair.list_id)
            self._outlet.user(messages.list_status(pair, ts, self._state.clock.now_ms()))

    def _tell(self, order: SpotOrder, execution: str, ts: int) -> None:
        order.update_time = ts
        self._outlet.user(messages.execution_report(order, execution, None, ts, self._state.clock.now_ms()))
        self._tell_coins(order.symbol)

    def _tell_coins(self, symbol: str, fee_asset: str = "") -> None:
        instrument, wallet = self._state.instruments[symbol], self._account.wallet
        assets = sorted({instrument.base, instrument.quote, fee_asset} - {""})
        told = messages.account_position(wallet.totals, self._account.locked(), assets, self._state.clock.now_ms())
        self._outlet.user(told)
