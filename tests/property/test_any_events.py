"""Whatever a broker says, in whatever order: the trader raises nothing, sends no id twice, counts every trade once."""

from __future__ import annotations

import os
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tradebot_native import Exit, OrderIntent, Signal

from live_market import MINUTE, Live, Script, of_kind
from tradebot.core.account import OpenOrder, OpenPosition
from tradebot.core.event import Answered, FeedHealth, OperatorAction, OperatorCommand, OrderNotFound, Submit
from tradebot.core.journal import Message
from tradebot.core.order import TRANSITIONS, OrderState, OrderType, Side
from tradebot.core.protocols import BrokerAbilities
from tradebot.engine.replay import replay
from tradebot.engine.trader import Trader
from tradebot.risk import OrderRate, Protection, RiskLimits

CASES = int(os.environ.get("TRADEBOT_CASES", "60"))
SAID = (
    None,
    Signal("long"),
    Signal("short"),
    Signal("long", stop_loss=95.0, take_profit=105.0),
    Signal("short", trailing_stop=4.0),
    Signal("long", type="limit", limit=99.0, quantity=2.0),
    Exit(),
    Exit(0.5),
)
ABILITIES = (
    BrokerAbilities(),
    BrokerAbilities(replaces=False),
    BrokerAbilities(attaches_exits=True),
    BrokerAbilities(order_types=frozenset({OrderType.MARKET, OrderType.LIMIT})),
)
# What a venue may say of an order; what is only said here is left out.
STATES = sorted(set(OrderState) - {OrderState.INITIALIZED, OrderState.DENIED, OrderState.SUBMITTED})
ANSWERED = (OperatorAction.PLACE, OperatorAction.CANCEL, OperatorAction.CLOSE)
BY_HAND = (
    None,
    OrderIntent("BTCUSDT", "buy", 2.0, stop_loss=95.0),
    OrderIntent("BTCUSDT", "sell", 3.0, type="limit", price=104.0),
    OrderIntent("BTCUSDT", "buy", 1.5, type="stop", trigger=106.0, take_profit=108.0),
    OrderIntent("BTCUSDT", "sell", 2.0, reduce_only=True),
)
ACTIONS = ("bar", "report", "fill", "again", "absent", "wait", "snapshot", "operator", "health", "foreign")


class Recorded(Live):
    """Keeps its journal and every trade it was told of."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.journal: list[Message] = []
        self.told: dict[str, Any] = {}
        super().__init__(*arguments, **options)

    def give(self, event: Any) -> Any:
        outputs = super().give(event)
        self.journal += [event, *outputs]
        return outputs

    def act(self, data: st.DataObject, action: str) -> None:
        known = [*self.submitted(), "run-0-sl"]
        order_id = data.draw(st.sampled_from(known))
        match action:
            case "bar":
                self.bar(data.draw(st.sampled_from((92.0, 97.0, 100.0, 103.0, 108.0))))
            case "report":
                self.report(order_id, data.draw(st.sampled_from(STATES)), "as it pleases")
            case "fill" | "foreign":
                name = order_id if action == "fill" else "by-hand"
                self.trade_once(
                    name, data.draw(st.sampled_from((0.3, 1.0))), data.draw(st.sampled_from(("buy", "sell")))
                )
            case "again" if self.told:
                fill = data.draw(st.sampled_from(list(self.told.values())))
                self.report(fill.order_id, "partially_filled", fill=fill)
            case "absent":
                self.give(OrderNotFound(self.now, order_id))
            case "wait":
                self.wait(data.draw(st.sampled_from((1.0, 12.0, 90.0))))
            case "snapshot":
                self.truth(data.draw(st.booleans()))
            case "operator":
                command = data.draw(st.sampled_from(list(OperatorAction)))
                intent = data.draw(st.sampled_from(BY_HAND))
                asked = OperatorCommand(self.now, command, "ann", "", intent, order_id, "BTCUSDT")
                assert len(of_kind(Answered, self.give(asked))) == (command in ANSWERED)
            case "health":
                self.give(FeedHealth(self.now, "BTCUSDT", data.draw(st.booleans())))
            case _:
                pass

    def trade_once(self, order_id: str, quantity: float, side: str) -> None:
        number = self.trader._books.find(order_id)
        side = side if number is None else self.trader._books.order(number).side
        fill = self.fill(order_id, quantity, side=side)
        if self.trader._books.find(order_id) is not None or order_id == "by-hand":
            self.told[fill.trade_id] = fill
            self.report(order_id, "partially_filled", fill=fill)

    def truth(self, lists_orders: bool) -> None:
        held = self.held
        positions = [OpenPosition(symbol="BTCUSDT", quantity=held, entry_price=Decimal(100))] if held else []
        orders = [
            OpenOrder(
                order_id=order.client_id,
                venue_id="v",
                symbol="BTCUSDT",
                side=Side(order.side),
                type=OrderType(order.type),
                state=OrderState.ACCEPTED,
                quantity=Decimal(str(order.quantity)),
                filled=Decimal(str(order.filled)),
            )
            for order in self.trader._books.open_orders()
            if lists_orders
        ]
        self.snapshot(orders=tuple(orders), positions=tuple(positions), fills=tuple(self.told.values()))

    @property
    def held(self) -> Decimal:
        return sum((fill.signed_quantity for fill in self.told.values()), Decimal(0))


@settings(max_examples=CASES, suppress_health_check=list(HealthCheck))
@given(st.data(), st.lists(st.sampled_from(SAID), max_size=12), st.sampled_from(ABILITIES))
def test_nothing_is_raised_doubled_or_lost(data: st.DataObject, said: list[Any], abilities: BrokerAbilities):
    options: dict[str, Any] = {
        "abilities": abilities,
        "strategy": Script(),
        "protection": data.draw(st.sampled_from((None, Protection(stop_loss_pct=0.05)))),
        "risk": data.draw(st.sampled_from((None, RiskLimits(max_exposure=2.0, max_drawdown=0.2)))),
    }
    live = Recorded(dict(enumerate(said)), rules=[OrderRate(4, 120)], **options)
    live.bar()
    for action in data.draw(st.lists(st.sampled_from(ACTIONS), min_size=8, max_size=40)):
        live.act(data, action)
        sent = live.submitted()
        assert len(sent) == len(set(sent))
        assert Decimal(str(live.position)) == live.held
        assert all(OrderState(order.state) in TRANSITIONS for order in live.trader._books.open_orders())
        assert live.trader.portfolio.margin_used >= 0.0
    assert all(output.intent.quantity > 0 for output in of_kind(Submit, live.outputs))
    again = Recorded(dict(enumerate(said)), rules=[OrderRate(4, 120)], **options)
    assert replay(lambda: Trader(again.plan), live.journal) is None
    restored = Trader(Recorded(dict(enumerate(said)), rules=[OrderRate(4, 120)], **options).plan)
    restored.restore(live.trader.state())
    assert restored.state() == live.trader.state()
    assert live.now >= MINUTE
