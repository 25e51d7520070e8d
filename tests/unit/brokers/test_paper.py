"""The paper broker: the simulated exchange, told in a broker's words."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
import tradebot_native as native

from tradebot.brokers.paper import PaperBroker
from tradebot.core.bar import Bar, Quote, Tick
from tradebot.core.errors import OrderError
from tradebot.core.event import (
    BarClosed,
    Cancel,
    CashFlow,
    OrderNotFound,
    OrderUpdate,
    Query,
    QuoteSeen,
    Replace,
    Submit,
    TickSeen,
)
from tradebot.core.instrument import instrument_for
from tradebot.core.interval import HOUR, Interval
from tradebot.core.order import OrderIntent, OrderState

BTC = instrument_for("BTCUSDT", "binance_usdm")
HOURLY = Interval.parse("1h")


def broker(cash: float = 10_000.0) -> PaperBroker:
    return PaperBroker([BTC], native.SimExchange([BTC.native()], cash=cash, leverage=5.0))


def bar(n: int, low: float, high: float, open_: float | None = None, close: float | None = None) -> BarClosed:
    start, end = open_ or (low + high) / 2, close or (low + high) / 2
    return BarClosed("BTCUSDT", HOURLY, Bar(n * HOUR, start, high, low, end, 10.0))


def buy(quantity: float = 10, **terms: object) -> OrderIntent:
    return OrderIntent("BTCUSDT", "buy", quantity, **terms)  # type: ignore[arg-type]


def updates(events: list[object]) -> list[tuple[str, str]]:
    return [(event.order_id, str(event.state)) for event in events if isinstance(event, OrderUpdate)]


def test_an_order_decided_on_a_bar_fills_at_the_next_open():
    paper = broker()
    paper.on_market(bar(1, 99, 101))
    assert updates(paper.apply(Submit("r-1", buy()))) == [("r-1", "accepted")]
    (filled,) = paper.on_market(bar(2, 99, 103, open_=102.0))
    assert isinstance(filled, OrderUpdate)
    assert (filled.order_id, filled.state) == ("r-1", OrderState.FILLED)
    assert filled.fill is not None
    assert (filled.fill.price, filled.fill.quantity, filled.fill.ts) == (Decimal("102.0"), Decimal("10.0"), 2 * HOUR)


@pytest.mark.parametrize("price", [0.0, float("nan"), float("inf"), -1.0])
@pytest.mark.parametrize("kind", ["bar", "tick", "quote"])
def test_a_price_that_is_none_moves_nothing(kind: str, price: float):
    paper = broker()
    paper.on_market(bar(1, 99, 101))
    paper.apply(Submit("r-1", buy()))
    before, ts = paper.state(), 2 * HOUR
    wrong = {
        "bar": BarClosed("BTCUSDT", HOURLY, Bar(ts, price, price, price, price, 1.0)),
        "tick": TickSeen("BTCUSDT", Tick(ts, price, 1.0, 1)),
        "quote": QuoteSeen("BTCUSDT", Quote(ts, price, price, 1.0, 1.0)),
    }
    assert paper.on_market(wrong[kind]) == []
    assert paper.state() == before
    assert updates(paper.on_market(bar(2, 99, 103))) == [("r-1", "filled")]


def test_exits_live_from_the_entrys_fill_on_and_are_named_after_it():
    paper = broker()
    paper.on_market(bar(1, 99, 101))
    paper.apply(Submit("r-7", buy(10, stop_loss=95.0, take_profit=120.0)))
    told = updates(paper.on_market(bar(2, 94, 101, open_=100.0)))
    assert ("r-7", "filled") in told
    assert ("r-7-sl", "filled") in told
    assert ("r-7-tp", "canceled") in told
    assert paper.account().positions == ()


def test_a_child_waits_for_the_parent_that_its_run_knows_by_number():
    paper = broker()
    paper.on_market(bar(1, 99, 101))
    paper.apply(Submit("r-4", buy(10, type="limit", price=98.0)))
    paper.apply(Submit("r-9", OrderIntent("BTCUSDT", "sell", 10, type="limit", price=110.0, parent=4)))
    told = updates(paper.on_market(bar(2, 97, 111, open_=100.0)))
    assert ("r-4", "filled") in told
    with pytest.raises(OrderError, match="parent 77 was never sent"):
        paper.apply(Submit("r-10", OrderIntent("BTCUSDT", "sell", 10, type="limit", price=110.0, parent=77)))


def test_a_client_id_is_taken_once():
    paper = broker()
    paper.on_market(bar(1, 99, 101))
    paper.apply(Submit("r-1", buy()))
    with pytest.raises(OrderError, match="used before"):
        paper.apply(Submit("r-1", buy()))


def test_a_query_tells_what_became_of_an_order():
    paper = broker()
    paper.on_market(bar(1, 99, 101))
    paper.apply(Submit("r-1", buy(10, type="limit", price=90.0)))
    (known,) = paper.apply(Query("r-1"))
    assert isinstance(known, OrderUpdate)
    assert (known.state, known.price) == (OrderState.ACCEPTED, Decimal("90.0"))
    assert paper.apply(Query("r-2")) == [OrderNotFound(2 * HOUR, "r-2")]


def test_cancel_and_replace_answer_with_the_state_that_holds():
    paper = broker()
    paper.on_market(bar(1, 99, 101))
    paper.apply(Submit("r-1", buy(10, type="limit", price=90.0)))
    (changed,) = paper.apply(Replace("r-1", price=91.0))
    assert isinstance(changed, OrderUpdate)
    assert changed.state == OrderState.ACCEPTED
    assert paper.account().orders[0].price == Decimal("91.0")
    assert updates(paper.apply(Cancel("r-1"))) == [("r-1", "canceled")]
    assert updates(paper.apply(Cancel("r-1"))) == [("r-1", "canceled")]


def test_money_that_moves_without_a_trade_is_told_once():
    import numpy as np

    exchange = native.SimExchange([BTC.native()], cash=10_000.0)
    exchange.set_funding("BTCUSDT", np.array([3 * HOUR]), np.array([0.01]))
    paper = PaperBroker([BTC], exchange)
    paper.on_market(bar(1, 99, 101))
    paper.apply(Submit("r-1", buy(10)))
    paper.on_market(bar(2, 99, 101))
    flows = [event for event in paper.on_market(bar(3, 99, 101)) if isinstance(event, CashFlow)]
    assert [(flow.kind, flow.symbol) for flow in flows] == [("funding", "BTCUSDT")]
    assert float(flows[0].amount) == pytest.approx(-10.0)
    assert not [event for event in paper.on_market(bar(4, 99, 101)) if isinstance(event, CashFlow)]


def test_the_balance_of_a_perpetual_is_what_was_realised():
    paper = broker()
    paper.on_market(bar(1, 99, 101))
    assert paper.account().balances == {"USDT": Decimal("10000.0")}
    paper.apply(Submit("r-1", buy(10)))
    paper.on_market(bar(2, 99, 101, open_=100.0))
    # Only the fee of the entry, 0.05 % of 1,000, is gone.
    assert float(paper.account().balances["USDT"]) == pytest.approx(9_999.5)


def test_a_snapshot_shows_the_fills_since_the_one_before_the_last():
    paper, shown = broker(), []
    for n in range(1, 6):
        paper.on_market(bar(n, 99, 101, open_=100.0))
        shown.append([fill.order_id for fill in paper.account().fills])
        paper.apply(Submit(f"r-{n}", buy(1)))
    assert shown == [[], ["r-1"], ["r-1", "r-2"], ["r-2", "r-3"], ["r-3", "r-4"]]


def test_a_restored_broker_goes_on_as_the_saved_one():
    one = broker()
    one.on_market(bar(1, 99, 101))
    one.apply(Submit("r-1", buy(10, stop_loss=90.0)))
    one.on_market(bar(2, 98, 102))
    other = broker()
    other.restore(one.state())
    assert other.account() == one.account()
    assert other.on_market(bar(3, 85, 101)) == one.on_market(bar(3, 85, 101))
    assert msgspec.msgpack.decode(other.state()) == msgspec.msgpack.decode(one.state())
