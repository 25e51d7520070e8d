"""Clock, fills, events: small values."""

from decimal import Decimal

import msgspec
import pytest
import tradebot_native as native

from tradebot.core.bar import Bar, Quote, Tick
from tradebot.core.clock import SimulatedClock
from tradebot.core.errors import TradebotError
from tradebot.core.event import Cancel, Halt, OperatorAction, OperatorCommand, Timer
from tradebot.core.fill import Fill, Liquidity
from tradebot.core.order import OrderIntent, Side
from tradebot.core.signal import Exit, Signal


def test_a_simulated_clock_tells_the_time_of_the_latest_event():
    clock = SimulatedClock(5)
    clock.advance(7)
    clock.advance(7)
    assert clock.now() == 7


def test_a_simulated_clock_never_runs_back():
    with pytest.raises(TradebotError, match="clock: an event of 1970-01-01T00:00:00Z came after 1970-01-01T00:00:01Z"):
        SimulatedClock(1_000_000_000).advance(0)


def test_a_fill_changes_the_position_by_its_signed_quantity():
    fill = Fill(
        trade_id="t1",
        order_id="run-1",
        symbol="BTCUSDT",
        ts=1,
        side=Side.SELL,
        price=Decimal("100.1"),
        quantity=Decimal("0.3"),
        fee=Decimal("0.01"),
        fee_currency="USDT",
        liquidity=Liquidity.TAKER,
    )
    assert fill.signed_quantity == Decimal("-0.3")
    assert msgspec.json.decode(msgspec.json.encode(fill), type=Fill) == fill


@pytest.mark.parametrize(
    "value", [Timer(1, "close"), OperatorCommand(1, OperatorAction.HALT, "ana"), Cancel("run-1"), Halt("too late")]
)
def test_events_and_commands_cannot_be_changed(value: msgspec.Struct):
    with pytest.raises(AttributeError, match="immutable"):
        setattr(value, value.__struct_fields__[0], None)


def test_the_vocabulary_is_the_native_one():
    assert (Bar, Tick, Quote) == (native.Bar, native.Tick, native.Quote)
    assert (Signal, Exit, OrderIntent) == (native.Signal, native.Exit, native.OrderIntent)
