"""What an operator may tell a running bot, and what it says of itself."""

from __future__ import annotations

from decimal import Decimal

from tradebot_native import Exit, OrderIntent, Signal

from live_market import BTC, POSITION, STOP, Live, command, held, of_kind
from tradebot.core.event import (
    Cancel,
    CashFlow,
    CashFlowKind,
    FeedHealth,
    Halt,
    OperatorAction,
    OperatorCommand,
    Query,
    Submit,
)
from tradebot.core.instrument import Instrument
from tradebot.risk import RiskLimits

LONG = Signal("long")
LIMIT = Signal("long", type="limit", limit=99.0, quantity=2.0)
STOPPED = Signal("long", stop_loss=90.0)


def test_a_pause_opens_nothing_and_keeps_exits_working():
    live = Live({0: LONG, 1: Exit(), 2: LONG, 3: LONG})
    live.bar()
    live.trade("run-0", 1.0)
    command(live, "pause")
    assert len(of_kind(Submit, live.bar())) == 1
    live.trade("run-1", 1.0, side="sell")
    assert of_kind(Submit, live.bar()) == []
    assert live.denials() == [("run-2", "paused")]
    command(live, "resume")
    assert len(of_kind(Submit, live.bar())) == 1


def test_a_halt_takes_entries_back_keeps_the_stop_and_latches_until_released():
    live = held(Live({0: STOPPED, 1: Exit(), 2: LONG, 3: LONG}))
    outputs = command(live, "halt")
    assert of_kind(Halt, outputs) == [Halt("by ann: a drill", operator="ann")]
    assert of_kind(Cancel, outputs) == []
    (close,) = of_kind(Submit, live.bar())
    live.trade(close.order_id, 1.0, side="sell")
    assert of_kind(Submit, live.bar()) == []
    assert live.denials()[-1][1] == "halted"
    assert live.trader.status()["state"] == "halted"
    command(live, "release")
    assert len(of_kind(Submit, live.bar())) == 1


def test_a_halt_takes_a_working_entry_back():
    live = Live({0: LIMIT})
    live.bar()
    live.report("run-0", "accepted")
    assert [each.order_id for each in of_kind(Cancel, command(live, "halt"))] == ["run-0"]


def test_a_cancellation_that_a_fill_crosses_and_the_wire_loses_is_asked_for_again():
    live = Live({0: LIMIT})
    live.bar()
    live.report("run-0", "accepted")
    command(live, "halt")
    live.trade("run-0", 0.5, 99.0)
    live.report("run-0", "unknown", "no answer within 10 s")
    assert [each.order_id for each in of_kind(Query, live.wait(5.0))] == ["run-0", "run-0"]
    (again,) = of_kind(Cancel, live.report("run-0", "partially_filled"))
    assert again.order_id == "run-0"


def test_a_cancellation_that_is_never_answered_is_asked_about_and_asked_for_again():
    live = Live({0: LIMIT})
    live.bar()
    live.report("run-0", "accepted")
    command(live, "halt")
    live.report("run-0", "accepted")
    assert of_kind(Query, live.wait(12.0))
    assert [each.order_id for each in of_kind(Cancel, live.report("run-0", "accepted"))] == ["run-0"]


def test_a_halted_bot_asks_again_for_a_cancellation_that_was_refused():
    live = Live({0: LIMIT})
    live.bar()
    live.report("run-0", "accepted")
    command(live, "halt")
    live.report("run-0", "accepted", "-1008 throttled")
    assert any("could not be canceled: -1008" in each for each in live.notices())
    assert [each.order_id for each in of_kind(Cancel, live.snapshot())] == ["run-0"]


def test_flatten_closes_every_position_and_takes_its_exits_back_only_once_it_is_gone():
    live = held(Live({0: STOPPED}))
    outputs = command(live, "flatten")
    (close,) = of_kind(Submit, outputs)
    assert (close.intent.side, close.intent.quantity, close.intent.reduce_only) == ("sell", 1.0, True)
    assert of_kind(Cancel, outputs) == []
    assert of_kind(Submit, live.bar()) == []
    live.trade(close.order_id, 0.4, side="sell")
    assert live.order("run-0-sl").state == "accepted"
    gone = live.trade(close.order_id, 0.6, side="sell")
    assert [each.order_id for each in of_kind(Cancel, gone)] == ["run-0-sl"]


def test_a_flatten_whose_closing_order_is_lost_leaves_the_stop_through_every_comparison():
    live = held(Live({0: STOPPED}))
    (close,) = of_kind(Submit, command(live, "flatten"))
    live.report(close.order_id, "unknown", "no answer")
    for _ in range(3):
        live.wait(10.0)
        live.snapshot(orders=(STOP,), positions=(POSITION,))
    assert of_kind(Cancel, live.outputs) == []
    assert live.order("run-0-sl").state == "accepted"
    (again,) = of_kind(Submit, live.report(close.order_id, "rejected", "it has not arrived"))
    assert (again.intent.type, again.intent.quantity) == ("market", 1.0)


def test_flatten_takes_a_resting_sale_that_is_no_entrys_exit_back_at_once():
    live = held(Live({0: STOPPED}))
    intent = OrderIntent("BTCUSDT", "sell", 0.5, type="limit", price=120.0, reduce_only=True, tag="operator")
    (sale,) = of_kind(Submit, live.give(OperatorCommand(live.now, OperatorAction.PLACE, "ann", intent=intent)))
    live.report(sale.order_id, "accepted")
    assert [each.order_id for each in of_kind(Cancel, command(live, "flatten"))] == [sale.order_id]


def test_a_flatten_that_was_refused_is_tried_again():
    live = held(Live({0: STOPPED}))
    (first,) = of_kind(Submit, command(live, "flatten"))
    again = of_kind(Submit, live.report(first.order_id, "rejected", "busy"))
    assert [each.intent.quantity for each in again if each.intent.type == "market"] == [1.0]


def test_cancel_all_takes_back_what_opens():
    live = Live({0: LIMIT})
    live.bar()
    live.report("run-0", "accepted")
    assert [each.order_id for each in of_kind(Cancel, command(live, "cancel_all"))] == ["run-0"]
    assert live.trader.status()["state"] == "trading"


def test_stale_data_opens_nothing_and_lets_exits_go_on():
    live = Live({0: LONG, 1: Exit(), 2: LONG, 3: LONG})
    live.bar()
    live.trade("run-0", 1.0)
    live.give(FeedHealth(live.now, "BTCUSDT", is_fresh=False))
    assert len(of_kind(Submit, live.bar())) == 1
    live.trade("run-1", 1.0, side="sell")
    live.bar()
    assert live.denials() == [("run-2", "stale_data")]
    live.give(FeedHealth(live.now, "BTCUSDT", is_fresh=True))
    assert len(of_kind(Submit, live.bar())) == 1


def test_a_drawdown_ends_entries_and_is_told_once_until_a_person_releases_it():
    live = Live({0: LONG, 1: Exit(), 2: LONG, 3: LONG, 4: LONG}, risk=RiskLimits(max_drawdown=0.1), cash=1_000.0)
    live.bar(500.0)
    live.trade("run-0", 1.0, 500.0)
    live.bar(300.0)
    live.trade("run-1", 1.0, 300.0, "sell")
    live.bar(300.0)
    live.bar(300.0)
    told = [text for text in live.notices() if text.startswith("max_drawdown is reached")]
    assert (len(told), live.denials()[-1][1]) == (1, "max_drawdown")
    command(live, "release")
    assert len(of_kind(Submit, live.bar(300.0))) == 1


def test_money_moved_without_a_trade_is_booked_once_and_a_withdrawal_is_no_loss():
    live = Live({1: LONG}, risk=RiskLimits(max_drawdown=0.1))
    live.bar()
    for _ in range(2):
        live.give(_flow(live, "f1", CashFlowKind.FUNDING, "-5"))
        live.give(_flow(live, "t1", CashFlowKind.TRANSFER, "-50000"))
    assert live.trader.portfolio.cash == 100_000.0 - 5.0 - 50_000.0
    assert live.trader.portfolio.funding == 5.0
    assert len(of_kind(Submit, live.bar())) == 1


def _flow(live: Live, flow_id: str, kind: CashFlowKind, amount: str) -> CashFlow:

    return CashFlow(ts=live.now, flow_id=flow_id, kind=kind, amount=Decimal(amount), currency="USDT", symbol="BTCUSDT")


def test_a_step_waits_for_every_fresh_market_and_no_longer_than_patience():
    from tradebot.core.bar import Bar
    from tradebot.core.event import BarClosed

    eth = Instrument.binance_perpetual("ETHUSDT")
    live = Live({0: LONG}, instruments=[BTC, eth])
    assert of_kind(Submit, live.bar()) == []
    assert [each.intent.instrument for each in of_kind(Submit, live.wait(2))] == ["BTCUSDT"]
    late = live.give(BarClosed("ETHUSDT", live.plan.bars, Bar(0, 100.0, 100.0, 100.0, 100.0)))
    assert [each.intent.instrument for each in of_kind(Submit, late)] == ["ETHUSDT"]


def test_the_status_is_plain_data():
    import json

    live = held(Live({0: STOPPED}))
    status = live.trader.status()
    assert json.loads(json.dumps(status))["positions"][0]["quantity"] == 1.0
    assert status["orders"][0]["client_id"] == "run-0-sl"
    assert status["performance"]["fills"] == 1
    assert (status["markets"][0]["bars"], status["markets"][0]["is_warm"]) == (1, True)
