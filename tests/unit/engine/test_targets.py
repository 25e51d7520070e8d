"""A target that was lost with the process that cared for it rests again after the next start, once, and for no more."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tradebot_native import Exit, Signal

from live_market import Live, command, of_kind
from tradebot.core.account import OpenOrder, OpenPosition
from tradebot.core.event import OperatorAction, OperatorCommand, OrderNotFound, Resumed, Submit
from tradebot.core.instrument import Instrument
from tradebot.core.order import OrderState, OrderType, Side
from tradebot.engine.trader import Trader

BOTH = Signal("long", stop_loss=90.0, take_profit=120.0)
LOST = "BTCUSDT lacks its target for 1 units: it is put back"


def resting(order_id: str, kind: OrderType, **prices: Decimal) -> OpenOrder:
    return OpenOrder(
        order_id=order_id,
        venue_id=order_id,
        symbol="BTCUSDT",
        side=Side.SELL,
        type=kind,
        state=OrderState.ACCEPTED,
        quantity=Decimal(1),
        filled=Decimal(0),
        reduce_only=True,
        **prices,
    )


STOP = resting("run-0-sl", OrderType.STOP, trigger=Decimal(90))
TARGET = resting("run-0-tp", OrderType.LIMIT, price=Decimal(120))


def protected(lines: dict[int, Any] | None = None, **options: Any) -> Live:
    """A position of one unit with a stop and a target that rest."""
    live = Live({0: BOTH} | (lines or {}), **options)
    live.bar()
    live.trade("run-0", 1.0)
    live.report("run-0-sl", "accepted")
    live.report("run-0-tp", "accepted")
    return live


def taken_up(live: Live, *orders: OpenOrder, quantity: int = 1, **found: Any) -> None:
    """The next process sees the account."""
    live.give(Resumed(live.now))
    position = OpenPosition(symbol="BTCUSDT", quantity=Decimal(quantity), entry_price=Decimal(100))
    live.snapshot(orders=orders, positions=(position,) if quantity else (), **found)


def sent(live: Live, since: int) -> list[tuple[str, str, float]]:
    """Exits that have left since then: name, type and quantity."""
    submits = of_kind(Submit, live.outputs[since:])
    return [(each.order_id, each.intent.type, each.intent.quantity) for each in submits]


@pytest.mark.parametrize("instrument", [Instrument.binance_perpetual("BTCUSDT"), Instrument.binance_spot("BTCUSDT")])
def test_both_exits_that_are_gone_are_put_back(instrument: Instrument):
    live = protected(instruments=[instrument])
    given = len(live.outputs)
    taken_up(live)
    live.report("run-0-sl", "canceled")
    live.report("run-0-tp", "canceled")
    assert sent(live, given) == [("run-0-sl2", "stop", 1.0), ("run-0-tp2", "limit", 1.0)]
    intent = of_kind(Submit, live.outputs)[-1].intent
    assert (intent.price, intent.reduce_only, intent.side) == (120.0, True, "sell")
    assert live.notices()[-1] == LOST


def test_a_target_that_is_gone_alone_is_put_back_once_over_any_number_of_starts():
    live = protected()
    given = len(live.outputs)
    taken_up(live, STOP)
    live.report("run-0-tp", "canceled")
    assert sent(live, given) == [("run-0-tp2", "limit", 1.0)]
    live.report("run-0-tp2", "accepted")
    again = resting("run-0-tp2", OrderType.LIMIT, price=Decimal(120))
    for _ in range(3):
        taken_up(live, STOP, again)
        live.wait(30.0)
    assert len(sent(live, given)) == 1


def test_one_that_was_on_record_and_never_left_is_put_back():
    live = Live({0: BOTH})
    live.bar()
    live.trade("run-0", 1.0)
    live.report("run-0-sl", "accepted")
    given = len(live.outputs)
    taken_up(live, STOP)
    for _ in range(6):
        live.wait(15.0)
        live.give(OrderNotFound(live.now, "run-0-tp"))
    assert sent(live, given) == [("run-0-tp2", "limit", 1.0)]


def test_it_is_waited_for_until_the_fate_of_every_order_is_known():
    live = protected()
    given = len(live.outputs)
    taken_up(live)
    live.report("run-0-tp", "canceled")
    assert sent(live, given) == [("run-0-sl2", "stop", 1.0)]
    live.trade("run-0-sl", 1.0, 90.0, "sell")
    live.report("run-0-sl", "filled")
    live.wait(30.0)
    assert sent(live, given) == [("run-0-sl2", "stop", 1.0)]


def test_a_start_that_dies_before_it_knows_leaves_it_to_the_next():
    live = protected()
    taken_up(live)
    restored = Trader(live.plan)
    restored.restore(live.trader.state())
    live.trader = restored
    given = len(live.outputs)
    live.report("run-0-tp", "canceled")
    live.report("run-0-sl", "canceled")
    taken_up(live)
    assert ("run-0-tp2", "limit", 1.0) in sent(live, given)


def test_it_closes_no_more_than_what_other_exits_leave_to_it():
    live = protected({1: Exit(0.25)})
    live.bar()
    given = len(live.outputs)
    taken_up(live, STOP)
    live.report("run-0-tp", "canceled")
    live.report("run-3", "accepted")
    assert sent(live, given) == [("run-0-tp2", "limit", 0.75)]


def test_one_that_rests_is_left_alone():
    live = protected()
    given = len(live.outputs)
    taken_up(live, STOP, TARGET)
    live.wait(60.0)
    assert sent(live, given) == []


def test_one_that_ends_while_the_bot_runs_stays_gone():
    live = protected()
    taken_up(live, STOP, TARGET)
    given = len(live.outputs)
    live.report("run-0-tp", "canceled", "by another")
    live.wait(60.0)
    assert sent(live, given) == []


def test_one_that_a_person_has_asked_to_be_taken_back_stays_gone():
    live = protected()
    cancel = OperatorCommand(live.now, OperatorAction.CANCEL, "ann", symbol="BTCUSDT", order_id="run-0-tp")
    live.give(cancel)
    given = len(live.outputs)
    taken_up(live, STOP)
    live.report("run-0-tp", "canceled")
    live.wait(60.0)
    assert sent(live, given) == []


def test_one_whose_position_was_closed_meanwhile_stays_gone():
    live = protected()
    given = len(live.outputs)
    taken_up(live, quantity=0, fills=(live.fill("run-0-sl", 1.0, 90.0, "sell"),))
    live.report("run-0-tp", "canceled")
    live.wait(60.0)
    assert sent(live, given) == []


def test_a_position_that_is_being_closed_gets_none():
    live = protected()
    command(live, "flatten")
    given = len(live.outputs)
    taken_up(live, STOP)
    live.report("run-0-tp", "canceled")
    live.wait(10.0)
    assert [kind for _, kind, _ in sent(live, given) if kind == "limit"] == []
