"""A least paper broker for tests: the simulated exchange behind the trader's commands, bar by bar."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import tradebot_native as native

from tradebot.core.account import AccountSnapshot
from tradebot.core.bar import BarArray
from tradebot.core.event import BarClosed, Cancel, OrderUpdate, Output, Submit
from tradebot.core.fill import Fill, Liquidity
from tradebot.core.order import OrderState, OrderType, Side, exit_id
from tradebot.core.protocols import BrokerAbilities
from tradebot.engine.plan import Plan
from tradebot.engine.trader import Trader

ABILITIES = BrokerAbilities(order_types=frozenset(OrderType), attaches_exits=True)


class PaperEngine:
    """Matches a trader's orders on bars; an order decided on a bar can fill from the next one's open."""

    def __init__(self, plan: Plan, **simulation: Any) -> None:
        self.trader = Trader(plan)
        self.plan = plan
        self.outputs: list[Output] = []
        self.equity: list[float] = []
        self.fills: list[Fill] = []
        specs = [instrument.native() for instrument in plan.instruments]
        self.exchange = native.SimExchange(specs, cash=plan.cash, leverage=plan.leverage, **simulation)
        self._names: dict[int, str] = {}
        self._exits: dict[tuple[int, str], int] = {}
        empty = AccountSnapshot(ts=0, orders=(), positions=(), balances={}, fills=())
        self.give(empty)

    def give(self, event: Any) -> None:
        """One event to the trader, its commands to the exchange, and what comes of them back."""
        pending = [event]
        while pending:
            outputs = self.handle(pending.pop(0))
            self.outputs += outputs
            for output in outputs:
                self._carry_out(output)
            pending += self._updates()

    def handle(self, event: Any) -> list[Output]:
        """One event into the trader."""
        return self.trader.handle(event)

    def run(self, *bars: BarArray) -> None:
        rows = sorted((bar.ts, n, bar) for n, array in enumerate(bars) for bar in array)
        for _, n, bar in rows:
            symbol, close_ts = bars[n].symbol, self.plan.bars.close_of(bar.ts)
            self.exchange.on_bar(symbol, bar, close_ts)
            for update in self._updates():
                self.give(update)
            self.give(BarClosed(symbol, self.plan.bars, bar))
            self.equity.append(self.trader.portfolio.equity)

    def _carry_out(self, output: Output) -> None:
        if isinstance(output, Submit):
            self._names[self.exchange.submit(output.intent)] = output.order_id
        elif isinstance(output, Cancel):
            number = next(number for number, name in self._names.items() if name == output.order_id)
            self.exchange.cancel(number)

    def _updates(self) -> list[OrderUpdate]:
        return [self._update(event) for event in self.exchange.take_events()]

    def _update(self, event: native.ExecutionEvent) -> OrderUpdate:
        name, fill = self._name(event.order), None
        if event.fill_id is not None:
            rows = self.exchange.fills()
            fill = Fill(
                trade_id=str(event.fill_id),
                order_id=name,
                symbol=event.symbol,
                ts=int(rows["ts"][event.fill_id]),
                side=Side(event.side),
                price=_exactly(event.fill_price),
                quantity=_exactly(event.fill_quantity),
                fee=_exactly(event.fee),
                fee_currency="USDT",
                liquidity=Liquidity.MAKER if rows["liquidity"][event.fill_id] else Liquidity.TAKER,
            )
            self.fills.append(fill)
        state = OrderState(event.state)
        return OrderUpdate(ts=event.ts, order_id=name, symbol=event.symbol, state=state, reason=event.reason, fill=fill)

    def _name(self, number: int) -> str:
        """Client id of an order; that of an exit is derived from its entry's."""
        if number not in self._names:
            order = self.exchange.order(number)
            assert order.parent is not None
            exit_of = (order.parent, order.tag)
            self._exits[exit_of] = self._exits.get(exit_of, 0) + 1
            self._names[number] = exit_id(self._names[order.parent], order.tag, self._exits[exit_of])
        return self._names[number]


def _exactly(value: float | None) -> Decimal:
    return Decimal(repr(value))
