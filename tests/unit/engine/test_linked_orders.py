"""Orders that wait for another's fill: where they wait, and what keeps them from going out."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from live_market import Live, of_kind
from tradebot.core.event import Cancel, OperatorAction, OperatorCommand, Replace, Submit
from tradebot.core.order import OrderIntent
from tradebot.core.portfolio import Portfolio
from tradebot.core.protocols import BrokerAbilities, DecisionContext, Snapshot, Verdict

LINKS = BrokerAbilities(links_orders=True)
ENTRY = OrderIntent("BTCUSDT", "buy", 1.0, type="limit", price=100.0)
EXITS = {"parent": 0, "oco": 1, "reduce_only": True}
TARGET = OrderIntent("BTCUSDT", "sell", 2.0, type="limit", price=120.0, **EXITS)
STOP = OrderIntent("BTCUSDT", "sell", 2.0, type="stop", trigger=90.0, **EXITS)
AGAIN = OrderIntent("BTCUSDT", "buy", 1.0, type="limit", price=100.0, parent=1)


@dataclass
class Once:
    """Gives its orders at the first bar."""

    orders: list[OrderIntent] = field(default_factory=list)

    def decide(self, portfolio: Portfolio, snapshot: Snapshot, context: DecisionContext) -> list[OrderIntent]:
        orders, self.orders = self.orders, []
        return orders


class NoBuying:
    def review(self, intent: OrderIntent, portfolio: Portfolio, snapshot: Snapshot) -> Verdict:
        return Verdict(intent.side != "buy", "no_buying", "nothing is bought here")


class OnlyOne:
    """Lets one order go."""

    def __init__(self) -> None:
        self.seen = 0

    def review(self, intent: OrderIntent, portfolio: Portfolio, snapshot: Snapshot) -> Verdict:
        self.seen += 1
        return Verdict(self.seen < 2, "only_one", "it is the second to open a position")


def live(*orders: OrderIntent, abilities: BrokerAbilities = LINKS, **options) -> Live:
    return Live({}, strategy=Once(list(orders)), abilities=abilities, **options)


def test_a_broker_that_links_orders_is_told_of_parent_and_partners_at_once():
    sent = of_kind(Submit, live(ENTRY, TARGET, STOP).bar())
    assert [(each.order_id, each.intent.parent, each.intent.oco) for each in sent] == [
        ("run-0", None, None),
        ("run-1", 0, 1),
        ("run-2", 0, 1),
    ]


def test_any_other_gets_a_child_when_its_parent_has_filled_for_what_has_filled():
    run = live(ENTRY, TARGET, abilities=BrokerAbilities())
    assert [each.order_id for each in of_kind(Submit, run.bar())] == ["run-0"]
    (child,) = of_kind(Submit, run.trade("run-0", 0.4))
    assert (child.order_id, child.intent.quantity, child.intent.parent, child.intent.oco) == ("run-1", 0.4, None, None)


def test_a_broker_that_links_orders_grows_shrinks_and_cancels_them_by_itself():
    run = live(ENTRY, TARGET, STOP)
    sent = of_kind(Submit, run.bar())
    assert [each.intent.quantity for each in sent] == [1.0, 2.0, 2.0]
    for number in range(3):
        run.report(f"run-{number}", "accepted")
    outputs = run.trade("run-0", 0.4) + run.trade("run-0", 0.6)
    assert run.order("run-2").quantity == 1.0
    outputs += run.trade("run-1", 0.3, price=120.0, side="sell")
    assert run.order("run-2").quantity == 0.7
    outputs += run.trade("run-1", 0.7, price=120.0, side="sell")
    assert (run.order("run-2").state, run.order("run-2").reason) == ("canceled", "one_cancels_other")
    assert of_kind(Replace, outputs) + of_kind(Cancel, outputs) == []


def test_a_child_that_waits_at_the_broker_is_taken_back_there():
    run = live(ENTRY, TARGET)
    run.bar()
    run.report("run-1", "accepted")
    halted = run.give(OperatorCommand(run.now, OperatorAction.HALT, "me"))
    assert [each.order_id for each in of_kind(Cancel, halted)] == ["run-0", "run-1"]


def test_the_child_of_an_order_that_a_rule_denies_never_goes_out():
    run = live(ENTRY, TARGET, rules=[NoBuying()])
    assert of_kind(Submit, run.bar()) == []
    assert (run.order("run-1").state, run.order("run-1").reason) == ("canceled", "parent_done")


@pytest.mark.parametrize("abilities", [LINKS, BrokerAbilities()], ids=["at the broker", "here"])
def test_a_child_that_opens_a_position_passes_every_rule_and_one_that_closes_it_none(abilities: BrokerAbilities):
    exit_ = OrderIntent("BTCUSDT", "sell", 2.0, type="limit", price=120.0, parent=0)
    run = live(ENTRY, exit_, AGAIN, abilities=abilities, rules=[OnlyOne()])
    run.bar()
    run.trade("run-0", 1.0)
    run.trade("run-1", 1.0, price=120.0, side="sell")
    assert run.submitted() == ["run-0", "run-1"]
    assert run.denials() == [("run-2", "only_one")]


def test_children_of_an_exit_of_the_brokers_own_are_sent_from_here():
    bracket = OrderIntent("BTCUSDT", "buy", 1.0, take_profit=120.0)
    again = OrderIntent("BTCUSDT", "buy", 1.0, parent=1)

    class Twice(Once):
        def decide(self, portfolio: Portfolio, snapshot: Snapshot, context: DecisionContext) -> list[OrderIntent]:
            return [self.orders.pop(0)] if self.orders else []

    abilities = BrokerAbilities(attaches_exits=True, links_orders=True)
    run = Live({}, strategy=Twice([bracket, again]), abilities=abilities)
    run.bar()
    run.trade("run-0", 1.0)
    assert of_kind(Submit, run.bar()) == []
    (sent,) = of_kind(Submit, run.trade("run-0-tp", 1.0, price=120.0, side="sell"))
    assert (sent.order_id, sent.intent.parent) == ("run-2", None)
