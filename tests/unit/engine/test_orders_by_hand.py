"""Orders an operator gives by hand go the way of a strategy's, and what became of them is answered."""

from __future__ import annotations

import math
from typing import Any

import pytest
from tradebot_native import OrderIntent, Signal

from live_market import Live, of_kind
from tradebot.core.event import Answered, Cancel, OperatorAction, OperatorCommand, Submit
from tradebot.core.protocols import BrokerAbilities
from tradebot.core.wire import encode
from tradebot.engine.replay import replay
from tradebot.engine.trader import Trader
from tradebot.risk import OrderRate, RiskLimits

STOPPED = Signal("long", stop_loss=90.0, take_profit=120.0)


def ask(live: Live, action: str, **fields: Any) -> tuple[Answered, list]:
    """Tell it something; its answer, and all that came out."""
    outputs = live.give(OperatorCommand(live.now, OperatorAction(action), "ann", "a hunch", **fields))
    (answer,) = of_kind(Answered, outputs)
    assert answer.action == action
    return answer, outputs


def place(live: Live, side: str = "buy", quantity: float = 2.0, **terms: Any) -> tuple[Answered, list]:
    return ask(live, "place", intent=OrderIntent("BTCUSDT", side, quantity, tag="operator", **terms))


def quoted(**options: Any) -> Live:
    """A market at 100, and a strategy that says nothing."""
    live = Live({}, **options)
    live.bar()
    return live


@pytest.mark.parametrize(
    ("kind", "terms"),
    [("market", {}), ("limit", {"price": 99.0}), ("stop", {"trigger": 101.0})],
)
def test_an_order_goes_out_with_its_exits_and_its_id_is_answered(kind: str, terms: dict[str, float]):
    live = quoted(abilities=BrokerAbilities(attaches_exits=True))
    answer, outputs = place(live, type=kind, stop_loss=90.0, take_profit=120.0, **terms)
    (sent,) = of_kind(Submit, outputs)
    assert (answer.allowed, answer.order_id, answer.symbol) == (True, sent.order_id, "BTCUSDT")
    intent = sent.intent
    assert (intent.type, intent.side, intent.quantity, intent.tag) == (kind, "buy", 2.0, "operator")
    assert (intent.stop_loss, intent.take_profit) == (90.0, 120.0)
    assert {name: getattr(intent, name) for name in terms} == terms


def test_a_position_opened_by_hand_is_covered_like_any_other():
    live = quoted()
    answer, _ = place(live, stop_loss=90.0)
    (stop,) = of_kind(Submit, live.trade(answer.order_id, 2.0))
    assert (stop.intent.type, stop.intent.trigger, stop.intent.reduce_only) == ("stop", 90.0, True)


@pytest.mark.parametrize(
    ("word", "rule"), [("halt", "halted"), ("pause", "paused")], ids=["a halted bot", "a paused bot"]
)
def test_what_opens_is_refused_while_entries_are_shut_and_what_closes_is_not(word: str, rule: str):
    live = Live({0: STOPPED})
    live.bar()
    live.trade("run-0", 1.0)
    live.give(OperatorCommand(live.now, OperatorAction(word), "ann"))
    answer, outputs = place(live)
    assert (answer.allowed, answer.rule, of_kind(Submit, outputs)) == (False, rule, [])
    assert live.denials() == [(answer.order_id, rule)]
    closing, outputs = ask(live, "close", symbol="BTCUSDT")
    (close,) = of_kind(Submit, outputs)
    assert (closing.allowed, closing.order_id) == (True, close.order_id)
    assert (close.intent.side, close.intent.quantity, close.intent.tag) == ("sell", 1.0, "operator")


def test_every_limit_and_rule_counts_for_it():
    live = quoted(risk=RiskLimits(max_order_notional=50.0))
    answer, _ = place(live)
    assert (answer.allowed, answer.rule) == (False, "max_order_notional")
    live = quoted(rules=[OrderRate(1, 60.0)])
    assert place(live)[0].allowed
    answer, _ = place(live, quantity=3.0)
    assert not answer.allowed
    assert answer.reason


def test_an_order_that_only_reduces_needs_a_position():
    answer, outputs = place(quoted(), "sell", reduce_only=True)
    assert (answer.allowed, of_kind(Submit, outputs)) == (False, [])


@pytest.mark.parametrize(
    ("terms", "fact"),
    [
        ({"stop_loss": 101.0}, "a stop loss at 101 is beyond the entry at 100"),
        ({"take_profit": 99.0}, "a take profit at 99 is on the losing side of the entry at 100"),
        ({"type": "limit", "price": 80.0, "stop_loss": 90.0}, "a stop loss at 90 is beyond the entry at 80"),
    ],
)
def test_exits_on_the_wrong_side_are_refused(terms: dict[str, Any], fact: str):
    answer, outputs = place(quoted(), **terms)
    assert (answer.allowed, answer.rule, answer.reason) == (False, "invalid_order", fact)
    assert of_kind(Submit, outputs) == []


def test_a_market_that_is_not_traded_and_an_order_that_is_none_are_refused():
    live = quoted()
    intent = OrderIntent("DOGEUSDT", "buy", 1.0)
    assert ask(live, "place", intent=intent)[0].reason == "DOGEUSDT is not traded here"
    assert ask(live, "place")[0].rule == "invalid_order"
    assert place(live, quantity=1e-9)[0].rule == "size_too_small"


def test_before_there_is_a_price_an_order_with_exits_is_refused():
    live = Live({})
    assert math.isnan(live.trader.portfolio.position(0).mark_price) or live.trader.portfolio.position(0).mark_price == 0
    assert not place(live, stop_loss=90.0)[0].allowed


def test_a_working_order_is_taken_back_and_one_that_is_none_is_refused():
    live = quoted()
    answer, _ = place(live, type="limit", price=95.0)
    live.report(answer.order_id, "accepted")
    canceled, outputs = ask(live, "cancel", order_id=answer.order_id)
    assert canceled.allowed
    assert [each.order_id for each in of_kind(Cancel, outputs)] == [answer.order_id]
    live.report(answer.order_id, "canceled")
    for order_id in (answer.order_id, "never-sent"):
        refused, outputs = ask(live, "cancel", order_id=order_id)
        assert (refused.allowed, refused.rule, of_kind(Cancel, outputs)) == (False, "not_working", [])


def test_the_stop_of_a_position_is_not_taken_back_and_its_target_is():
    live = Live({0: STOPPED})
    live.bar()
    live.trade("run-0", 1.0)
    for leg in ("run-0-sl", "run-0-tp"):
        live.report(leg, "accepted")
    refused, outputs = ask(live, "cancel", order_id="run-0-sl")
    assert (refused.allowed, refused.rule, of_kind(Cancel, outputs)) == (False, "protects_position", [])
    assert ask(live, "cancel", order_id="run-0-tp")[0].allowed


def test_a_position_that_is_being_closed_is_not_closed_twice():
    live = Live({0: STOPPED})
    live.bar()
    live.trade("run-0", 1.0)
    assert ask(live, "close", symbol="BTCUSDT")[0].order_id
    again, outputs = ask(live, "close", symbol="BTCUSDT")
    assert (again.allowed, again.order_id, of_kind(Submit, outputs)) == (True, "", [])


def test_there_must_be_a_position_to_close():
    live = quoted()
    for symbol in ("BTCUSDT", "DOGEUSDT"):
        assert ask(live, "close", symbol=symbol)[0].rule == "no_position"


def test_a_replay_and_a_trader_that_was_saved_give_the_same():
    journal: list[Any] = []
    live = Live({0: STOPPED})
    give = live.give

    def recorded(event: Any) -> list:
        outputs = give(event)
        journal.extend([event, *outputs])
        return outputs

    live.give = recorded  # type: ignore[method-assign]
    live.snapshot()
    live.bar()
    live.trade("run-0", 1.0)
    answer, _ = place(live, type="limit", price=95.0, stop_loss=90.0)
    live.report(answer.order_id, "accepted")
    saved = live.trader.state()
    at = len(journal)
    ask(live, "cancel", order_id=answer.order_id)
    place(live, quantity=1e9)
    ask(live, "close", symbol="BTCUSDT")
    assert replay(lambda: Trader(live.plan), journal) is None
    restored = Trader(live.plan)
    restored.restore(saved)
    assert replay(lambda: restored, journal[at:]) is None
    assert all(encode(message) for message in journal)
