"""An exit bears the name of its entry, also one in the place of another: brokers and records know it by that."""

from __future__ import annotations

import pytest
from tradebot_native import Signal

from live_market import BTC, Live, command, held, of_kind
from tradebot.core.event import Cancel, Replace, Submit
from tradebot.core.instrument import Instrument, instrument_for
from tradebot.core.order import exit_of
from tradebot.core.protocols import BrokerAbilities

SPOT = instrument_for("BTCUSDT", "binance_spot")
STOPPED = Signal("long", stop_loss=90.0)
BRACKETED = Signal("long", stop_loss=90.0, take_profit=120.0)


@pytest.fixture(params=[BTC, SPOT], ids=["perpetual", "spot"])
def market(request: pytest.FixtureRequest) -> Instrument:
    found: Instrument = request.param
    return found


def test_a_stop_that_is_put_back_is_an_exit_of_its_entry_by_its_name(market: Instrument):
    live = held(Live({0: STOPPED}, instruments=[market]))
    (again,) = of_kind(Submit, live.report("run-0-sl", "canceled", "by another"))
    assert (again.order_id, exit_of(again.order_id)) == ("run-0-sl2", ("run-0", "stop_loss"))
    live.report("run-0-sl2", "accepted")
    (third,) = of_kind(Submit, live.report("run-0-sl2", "canceled", "by another"))
    assert third.order_id == "run-0-sl3"


def test_a_trailing_stop_that_is_put_back_is_one_by_its_name(market: Instrument):
    live = Live({0: Signal("long", trailing_stop_pct=0.02)}, instruments=[market])
    live.bar()
    live.trade("run-0", 1.0)
    (again,) = of_kind(Submit, live.report("run-0-ts", "canceled", "by another"))
    assert (again.order_id, exit_of(again.order_id)) == ("run-0-ts2", ("run-0", "trailing_stop"))


def test_an_exit_that_is_made_anew_keeps_the_name_of_its_entry(market: Instrument):
    live = Live({0: BRACKETED}, instruments=[market], abilities=BrokerAbilities(replaces=False))
    live.bar()
    live.trade("run-0", 0.4)
    live.report("run-0-sl", "accepted")
    live.report("run-0-tp", "accepted")
    outputs = live.trade("run-0", 0.6)
    assert [(each.order_id, each.intent.quantity) for each in of_kind(Submit, outputs)] == [
        ("run-0-sl2", 1.0),
        ("run-0-tp2", 1.0),
    ]
    assert [each.order_id for each in of_kind(Cancel, outputs)] == ["run-0-sl", "run-0-tp"]


def test_a_stop_that_is_put_back_and_the_target_are_a_pair_again(market: Instrument):
    live = held(Live({0: BRACKETED}, instruments=[market]))
    live.report("run-0-tp", "accepted")
    live.report("run-0-sl", "canceled", "by another")
    live.report("run-0-sl2", "accepted")
    assert of_kind(Replace, live.trade("run-0-tp", 0.4, 120.0, "sell")) == [Replace("run-0-sl2", quantity=0.6)]
    live.report("run-0-sl2", "accepted")
    assert of_kind(Cancel, live.trade("run-0-tp", 0.6, 120.0, "sell")) == [Cancel("run-0-sl2", "one_cancels_other")]


def test_a_halt_keeps_a_stop_that_was_put_back(market: Instrument):
    live = held(Live({0: STOPPED}, instruments=[market]))
    live.report("run-0-sl", "canceled", "by another")
    live.report("run-0-sl2", "accepted")
    assert of_kind(Cancel, command(live, "halt")) == []
    assert (live.order("run-0-sl2").state, live.position) == ("accepted", 1.0)


def test_a_saved_run_knows_the_names_that_were_given(market: Instrument):
    live = held(Live({0: STOPPED}, instruments=[market]))
    live.report("run-0-sl", "canceled", "by another")
    live.report("run-0-sl2", "accepted")
    again = Live({}, instruments=[market])
    again.trader.restore(live.trader.state())
    (third,) = of_kind(Submit, again.report("run-0-sl2", "canceled", "by another"))
    assert third.order_id == "run-0-sl3"
