"""From what the simulated exchange did to the exchange's records, and to the messages about it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from tradebot_native import ExecutionEvent

from tradebot.core.decimals import exact
from tradebot.exchange import user_messages as messages
from tradebot.exchange.intents import algo_intent
from tradebot.exchange.margins import Margins
from tradebot.exchange.orders import ZERO, Algo, Order
from tradebot.exchange.refusals import Refusal
from tradebot.exchange.state import Outlet, State

_REDUCING: Final = ("position_closed", "reduce_only")
_EXPIRY_REASONS: Final = {
    "immediate_or_cancel": "2",
    "position_closed": "4",
    "reduce_only": "4",
    "liquidation": "5",
    "insufficient_margin": "9",
}
_LIMIT_KINDS: Final = ("STOP", "TAKE_PROFIT")

Split = Callable[[Order, Decimal], list[Decimal]]
"""How an execution comes in pieces: their quantities."""


def _whole(_order: Order, quantity: Decimal) -> list[Decimal]:
    return [quantity]


class Executions:
    """Takes the simulated exchange's events into the records, and tells the client.

    Parameters
    ----------
    state, outlet : what changes, and who is told.
    split : in which pieces an execution comes; one unless faults say otherwise.
    """

    def __init__(self, state: State, outlet: Outlet, split: Split | None = None) -> None:
        self._state = state
        self._outlet = outlet
        self._split = split or _whole
        self._dormant: dict[int, Algo] = {}
        self._called = False

    def settle(self) -> None:
        """Take in everything the simulated exchange has done since the last time."""
        for event in self._state.sim.take_events():
            self._take(event)
        self._wake()

    def amended(self, order: Order) -> None:
        """Tell of an order's new terms."""
        for event in self._state.sim.take_events():
            if event.order != order.native:
                self._take(event)
        self._tell(order, "AMENDMENT", self._state.now)

    def cancel_dormant(self, algo: Algo) -> bool:
        """Take back a conditional order that waits for a position; false where it does not."""
        if self._dormant.pop(algo.algo_id, None) is None:
            return False
        self._end_algo(algo, "CANCELED", self._state.now)
        return True

    def reject_dormant(self, symbol: str, low: float, high: float) -> None:
        """Conditional orders that trigger while there is no position to reduce are rejected by the matching engine."""
        for algo in list(self._dormant.values()):
            if algo.symbol != symbol or not algo.trigger:
                continue
            rises = (algo.side == "BUY") == algo.kind.startswith("STOP")
            if (exact(high) >= algo.trigger) if rises else (exact(low) <= algo.trigger):
                del self._dormant[algo.algo_id]
                algo.reason = "ReduceOnly Order is rejected."
                algo.trigger_time = self._state.now
                self._end_algo(algo, "REJECTED", self._state.now)

    def watch_margin(self) -> None:
        """Call for margin once when equity comes near the maintenance margin."""
        portfolio = self._state.sim.portfolio
        near = portfolio.maintenance_margin > 0.8 * portfolio.equity > 0
        if near and not self._called:
            state = self._state
            margins = Margins(state)
            maintenance = {symbol: margins.of(symbol)[1] for symbol in state.markets}
            call = messages.margin_call(state.account, state.marks(), maintenance, state.clock.now_ms())
            self._outlet.user(call)
        self._called = near

    def _take(self, event: ExecutionEvent) -> None:
        owner = self._state.owners.get(event.order)
        if isinstance(owner, Algo):
            self._algo(owner, event)
        elif owner is not None or event.state != "rejected":  # a refused order was never ours
            self._order(owner or self._forced(event), event)

    def _order(self, order: Order, event: ExecutionEvent) -> None:
        if event.fill_id is not None:
            self._fill(order, event)
        elif event.state == "accepted" and not order.status:
            order.status = "NEW"
            self._tell(order, "NEW", event.ts)
        elif event.state in ("canceled", "expired", "rejected") and order.is_open:
            requested = event.reason == "requested"
            order.status = "CANCELED" if requested else "EXPIRED"
            order.expiry_reason = _EXPIRY_REASONS.get(event.reason, "0")
            self._state.orders.settle(order.order_id)
            self._tell(order, order.status, event.ts)

    def _algo(self, algo: Algo, event: ExecutionEvent) -> None:
        if event.state == "accepted":
            if not algo.status:
                algo.status = "NEW"
                self._tell_algo(algo, event.ts)
            return
        if algo.order is None and (event.state == "triggered" or event.fill_id is not None):
            self._trigger(algo, event.ts)
        if algo.order is not None:
            self._order(algo.order, event)
            if not algo.order.is_open and algo.status != "FINISHED":
                self._end_algo(algo, "FINISHED", event.ts)
            return
        if event.reason in _REDUCING and not algo.close_position:
            # The algo service keeps a conditional order whose position has gone: it meets its end when it triggers.
            algo.native = None
            self._dormant[algo.algo_id] = algo
        else:
            self._end_algo(algo, "CANCELED" if event.reason == "requested" else "EXPIRED", event.ts)

    def _trigger(self, algo: Algo, ts: int) -> None:
        state = self._state
        limited = algo.kind in _LIMIT_KINDS
        held = abs(state.account.positions[algo.symbol].quantity)
        algo.order = Order(
            order_id=state.orders.next_id(),
            client_id=algo.client_id,
            symbol=algo.symbol,
            side=algo.side,
            kind="LIMIT" if limited else "MARKET",
            original_kind=algo.kind,
            tif=algo.tif,
            quantity=held if algo.close_position else algo.quantity,
            price=algo.price,
            stop_price=algo.trigger,
            activate_price=algo.activate_price,
            callback_rate=algo.callback_rate,
            reduce_only=algo.reduce_only,
            close_position=algo.close_position,
            working_type=algo.working_type,
            price_protect=algo.price_protect,
            self_trade=algo.self_trade,
            good_till=algo.good_till,
            time=ts,
            native=algo.native,
        )
        state.orders.put(algo.order.order_id, algo.order)
        algo.trigger_time = ts
        algo.status = "TRIGGERING"
        state.algos.settle(algo.algo_id)
        self._tell_algo(algo, ts)
        algo.status = "TRIGGERED"
        self._tell_algo(algo, ts)
        algo.order.status = "NEW"
        self._tell(algo.order, "NEW", ts)

    def _fill(self, order: Order, event: ExecutionEvent) -> None:
        whole, price, fee = (exact(each or 0.0) for each in (event.fill_quantity, event.fill_price, event.fee))
        forced = order.client_id.startswith("autoclose-")
        pieces = self._split(order, whole)
        paid = ZERO
        for n, quantity in enumerate(pieces, start=1):
            share = fee - paid if n == len(pieces) else exact(float(fee * quantity / whole))
            paid += share
            trade = self._state.account.book(order, price, quantity, share, bool(event.maker), event.ts)
            order.status = "FILLED" if order.executed >= order.quantity else "PARTIALLY_FILLED"
            if order.status == "FILLED":
                self._state.orders.settle(order.order_id)
            order.update_time = event.ts
            now = self._state.clock.now_ms()
            self._outlet.user(messages.trade_lite(trade, event.ts, now))
            self._tell_account("ORDER", [order.symbol], ZERO, event.ts)
            execution = "CALCULATED" if forced else "TRADE"
            asset = self._state.settings.asset
            self._outlet.user(messages.order_update(order, execution, trade, asset, event.ts, now))

    def fund(self, symbol: str, paid: Decimal, ts: int) -> None:
        """Book a funding payment and tell of it."""
        income = self._state.account.fund(symbol, paid, ts)
        update = self._account_update("FUNDING_FEE", [symbol], income.amount, ts)
        self._outlet.user(messages.funding_update(update, income))

    def _forced(self, event: ExecutionEvent) -> Order:
        """The order of a liquidation, which nobody sent."""
        state = self._state
        taken = state.sim.order(event.order)
        order = Order(
            order_id=state.orders.next_id(),
            client_id=f"autoclose-{event.ts // 1_000_000}{event.order}",
            symbol=event.symbol,
            side=event.side.upper(),
            kind="LIMIT",
            original_kind="LIMIT",
            tif="IOC",
            quantity=exact(taken.quantity),
            price=exact(event.fill_price or 0.0),
            reduce_only=True,
            time=event.ts,
            status="NEW",
            native=event.order,
        )
        state.orders.put(order.order_id, order)
        state.owners[event.order] = order
        self._tell(order, "NEW", event.ts)
        return order

    def _wake(self) -> None:
        """Conditional orders whose position is back go to the simulated exchange again."""
        for algo in list(self._dormant.values()):
            if self._state.account.positions[algo.symbol].quantity * algo.sign < 0:
                del self._dormant[algo.algo_id]
                try:
                    self._state.submit(algo, algo_intent(algo, self._state.instruments[algo.symbol]))
                except Refusal as refusal:
                    algo.reason = refusal.text
                    self._end_algo(algo, "REJECTED", self._state.now)
                self.settle()

    def _end_algo(self, algo: Algo, status: str, ts: int) -> None:
        algo.status = status
        self._state.algos.settle(algo.algo_id)
        self._tell_algo(algo, ts)

    def _tell(self, order: Order, execution: str, ts: int) -> None:
        order.update_time = ts
        state = self._state
        update = messages.order_update(order, execution, None, state.settings.asset, ts, state.clock.now_ms())
        self._outlet.user(update)

    def _tell_algo(self, algo: Algo, ts: int) -> None:
        algo.update_time = ts
        self._outlet.user(messages.algo_update(algo, algo.status, ts, self._state.clock.now_ms()))

    def _tell_account(self, reason: str, symbols: list[str], change: Decimal, ts: int) -> None:
        self._outlet.user(self._account_update(reason, symbols, change, ts))

    def _account_update(self, reason: str, symbols: list[str], change: Decimal, ts: int) -> messages.Message:
        state = self._state
        return messages.account_update(
            state.account,
            reason,
            symbols,
            change,
            state.settings.asset,
            state.marks(),
            state.margin_types,
            ts,
            state.clock.now_ms(),
        )
