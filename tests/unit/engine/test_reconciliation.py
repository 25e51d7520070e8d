"""The books against a broker's answer: at the start, after a gap, and when all is well."""

from __future__ import annotations

from decimal import Decimal

import pytest
from msgspec.structs import replace
from tradebot_native import Signal

from live_market import Live, held, of_kind
from tradebot.core.account import OpenOrder, OpenPosition
from tradebot.core.event import Adopted, Cancel, Halt, OperatorAction, OperatorCommand, Query, Submit
from tradebot.core.instrument import instrument_for
from tradebot.core.order import OrderState, OrderType, Side
from tradebot.engine.trader import Trader

LONG = Signal("long")


def position(quantity: str, symbol: str = "BTCUSDT") -> OpenPosition:
    return OpenPosition(symbol=symbol, quantity=Decimal(quantity), entry_price=Decimal(100))


def order(order_id: str, filled: str = "0", state: str = "accepted") -> OpenOrder:
    return OpenOrder(
        order_id=order_id,
        venue_id="v",
        symbol="BTCUSDT",
        side=Side.BUY,
        type=OrderType.MARKET,
        state=OrderState(state),
        quantity=Decimal(1),
        filled=Decimal(filled),
    )


@pytest.fixture
def live() -> Live:
    """With an order sent a minute ago."""
    live = Live({0: LONG, 1: LONG})
    live.bar()
    live.report("run-0", "accepted")
    live.now += 60_000_000_000
    return live


def test_nothing_is_opened_before_the_first_answer():
    live = Live({0: LONG, 1: LONG})
    live.trader._reconciliation.begun = False
    live.bar()
    assert live.denials() == [("run-0", "not_reconciled")]
    live.snapshot()
    assert len(of_kind(Submit, live.bar())) == 1


def test_trades_from_before_the_books_began_are_history():
    live = Live({})
    live.trader._reconciliation.begun = False
    old = live.fill("earlier", 1.0)
    live.snapshot(fills=(old,))
    live.report("earlier", "filled", fill=old)
    assert live.position == 0.0
    assert live.trader.status()["halted"] == ""


def test_a_position_that_was_there_before_halts_and_is_named():
    live = Live({})
    live.trader._reconciliation.begun = False
    (halt,) = of_kind(Halt, live.snapshot(positions=(position("2"),)))
    assert halt.reason.endswith("BTCUSDT: the broker holds 2, the books 0")


def test_a_trade_that_was_missed_is_booked_and_explains_the_position(live: Live):
    outputs = live.snapshot(fills=(live.fill("run-0", 1.0),), positions=(position("1"),))
    assert (live.position, live.order("run-0").state) == (1.0, "filled")
    assert of_kind(Halt, outputs) == []
    assert "1 trades had been missed and are booked" in live.notices()


def test_what_the_stream_brings_after_the_snapshot_is_not_booked_twice(live: Live):
    fill = live.fill("run-0", 1.0)
    live.snapshot(fills=(fill,), positions=(position("1"),))
    live.report("run-0", "filled", fill=fill)
    assert live.position == 1.0


def test_an_unknown_order_that_works_is_known_again(live: Live):
    live.report("run-0", "unknown")
    live.snapshot(orders=(order("run-0"),))
    assert live.order("run-0").state == "accepted"
    assert of_kind(Query, live.wait(600)) == []


def test_an_order_of_ours_that_is_not_there_is_asked_about(live: Live):
    live.snapshot()
    assert live.order("run-0").state == "unknown"
    assert [each.order_id for each in of_kind(Query, live.wait(1))] == ["run-0"]


def test_an_order_sent_a_moment_ago_may_be_missing():
    live = Live({0: LONG})
    live.bar()
    live.report("run-0", "accepted")
    live.snapshot()
    assert live.order("run-0").state == "accepted"


def test_a_fill_the_order_shows_and_no_trade_explains_is_asked_for(live: Live):
    live.snapshot(orders=(order("run-0", filled="0.5"),))
    assert [each.order_id for each in of_kind(Query, live.wait(1))] == ["run-0"]


def test_an_order_that_works_though_it_was_given_up_is_taken_back(live: Live):
    live.report("run-0", "rejected", "unknown_order")
    outputs = live.snapshot(orders=(order("run-0"),))
    assert of_kind(Cancel, outputs) == [], "it may have ended while the snapshot was taken"
    (again,) = of_kind(Cancel, live.snapshot(orders=(order("run-0"),)))
    assert again.order_id == "run-0"
    assert live.notices()[-1].startswith("run-0 (BTCUSDT) has ended by the books and works at the broker")
    live.report("run-0", "partially_filled", fill=live.fill("run-0", 1.0))
    assert live.position == 1.0


def test_an_order_that_a_snapshot_shows_a_moment_too_long_is_left_alone(live: Live):
    live.report("run-0", "canceled")
    for shown in ((order("run-0"),), (), (order("run-0"),)):
        assert of_kind(Cancel, live.snapshot(orders=shown)) == []


def test_a_foreign_order_closes_its_market_to_entries(live: Live):
    live.snapshot(orders=(order("run-0"), order("by-hand")))
    live.trade("run-0", 1.0)
    live.trade("run-0", 1.0, side="sell")
    assert any(text.startswith("by-hand (BTCUSDT) was never sent from here") for text in live.notices())


def test_a_liquidation_is_booked_under_its_name_and_closes_the_market(live: Live):
    live.trade("run-0", 1.0)
    live.report("autoclose-7", "filled", fill=live.fill("autoclose-7", 1.0, 80.0, "sell"))
    assert live.position == 0.0
    assert live.order("autoclose-7").tag == "liquidation"
    live.bar()
    assert live.denials() == [("run-2", "quarantined")]


def test_a_difference_must_show_twice_and_opens_nothing_meanwhile(live: Live):
    live.trade("run-0", 1.0)
    live.now += 60_000_000_000
    assert of_kind(Halt, live.snapshot(positions=(position("1.5"),))) == []
    assert of_kind(Halt, live.snapshot(positions=(position("1.7"),))) == []
    (halt,) = of_kind(Halt, live.snapshot(positions=(position("1.7"),)))
    assert halt.reason.endswith("BTCUSDT: the broker holds 1.7, the books 1")


def test_what_is_believed_halts_and_is_in_the_books_from_then_on(live: Live):
    live.trade("run-0", 1.0)
    live.now += 60_000_000_000
    live.snapshot(positions=(position("1.7"),))
    outputs = live.snapshot(positions=(position("1.7"),))
    halt, adopted = (next(each for each in outputs if isinstance(each, kind)) for kind in (Halt, Adopted))
    assert outputs.index(halt) < outputs.index(adopted)
    assert (adopted.quantity, live.position) == (Decimal("1.7"), 1.7)
    assert of_kind(Submit, outputs) == []
    assert any("the books hold 1 and take what the broker holds, 1.7" in text for text in live.notices())
    # A person closes it at the venue, and lets the bot go on.
    live.report("by-hand", "filled", fill=live.fill("by-hand", 1.7, side="sell"))
    live.give(OperatorCommand(live.now, OperatorAction.RELEASE, "ann"))
    assert of_kind(Halt, live.snapshot() + live.snapshot()) == []
    assert live.position == 0.0


def test_a_halted_bot_learns_that_its_position_is_gone_and_takes_its_stop_back():
    live = held(Live({0: Signal("long", stop_loss=90.0)}))
    live.give(OperatorCommand(live.now, OperatorAction.HALT, "ann"))
    live.now += 60_000_000_000
    stop = replace(order("run-0-sl"), type=OrderType.STOP, side=Side.SELL)
    live.snapshot(orders=(stop,))
    outputs = live.snapshot(orders=(stop,))
    assert live.position == 0.0
    assert [each.order_id for each in of_kind(Cancel, outputs)] == ["run-0-sl"]
    assert of_kind(Submit, outputs) == []
    assert live.trader.portfolio.realized_pnl == 0.0, "it is booked at its mark"


def adopted(live: Live, quantity: str, working: OpenOrder) -> None:
    """Have the broker hold a position that is believed."""
    live.now += 60_000_000_000
    positions = (position(quantity),) if Decimal(quantity) else ()
    for _ in range(2):
        live.snapshot(positions=positions, orders=(working,))
    assert live.position == float(quantity)


def test_a_trade_that_is_told_after_its_position_was_taken_moves_it_no_more(live: Live):
    live.trade("run-0", 0.5)
    late = [live.fill("run-0", 0.25, price) for price in (101.0, 102.0)]
    adopted(live, "1", order("run-0", filled="0.5"))
    state, live.trader = live.trader.state(), Trader(live.plan)
    live.trader.restore(state)
    cash = live.trader.portfolio.cash
    for fill in late:
        outputs = live.report("run-0", "partially_filled", fill=fill)
        (again,) = of_kind(Adopted, outputs)
        assert (live.position, again.quantity) == (1.0, 1)
    assert live.order("run-0").state == "filled"
    assert live.trader.portfolio.cash == cash - 0.25 * (1 + 2), "what was paid is the trades' own price"
    live.report("by-hand", "filled", fill=live.fill("by-hand", 0.5, side="sell"))
    assert live.position == 0.5, "what is traded afterwards is booked as ever"


def test_a_stop_that_is_told_after_its_position_was_found_gone_opens_none():
    live = held(Live({0: Signal("long", stop_loss=90.0)}))
    late = live.fill("run-0-sl", 1.0, 90.0, "sell")
    adopted(live, "0", replace(order("run-0-sl"), type=OrderType.STOP, side=Side.SELL))
    live.snapshot(fills=(late,))
    assert (live.position, live.trader.portfolio.cash) == (0.0, 100_000.0 - 10.0)
    assert any("run-0-sl (BTCUSDT) has traded 1.0 before the position was taken" in text for text in live.notices())


def test_a_difference_that_goes_away_is_forgotten(live: Live):
    live.trade("run-0", 1.0)
    live.now += 60_000_000_000
    live.snapshot(positions=(position("1.5"),))
    live.snapshot(positions=(position("1"),))
    live.snapshot(positions=(position("1.5"),))
    assert live.trader.status()["halted"] == ""


def test_an_order_that_filled_while_nobody_listened_is_explained_by_its_answer(live: Live):
    live.snapshot(positions=(position("1"),))
    assert live.trader.status()["halted"] == ""
    (query,) = of_kind(Query, live.wait(1))
    live.report(query.order_id, "filled", fill=live.fill("run-0", 1.0))
    live.now += 60_000_000_000
    live.snapshot(positions=(position("1"),))
    assert (live.position, live.trader.status()["halted"]) == (1.0, "")


def test_money_that_moved_without_a_word_is_told(live: Live):
    live.trade("run-0", 1.0)
    balances = {"USDT": Decimal(250_000)}
    live.snapshot(positions=(position("1"),), balances=balances)
    live.snapshot(positions=(position("1"),), balances=balances)
    assert not any("balance" in text for text in live.notices())
    live.snapshot(positions=(position("1"),), balances={"USDT": Decimal(249_000)})
    text = "the broker's balance has moved by -1000.00 USDT more than trades and cash flows explain"
    assert live.notices().count(text) == 1


def test_a_word_of_filled_without_its_trades_is_asked_about(live: Live):
    live.report("run-0", "filled")
    assert live.order("run-0").state == "accepted"
    assert [each.order_id for each in of_kind(Query, live.wait(1))] == ["run-0"]


def test_a_fee_in_a_third_currency_costs_what_it_is_worth_and_moves_no_balance() -> None:
    live = Live({0: lambda strategy: strategy.long()})
    live.snapshot(balances={"USDT": Decimal(100_000)})
    live.bar()
    (name,) = live.submitted()
    cash = live.trader.portfolio.cash
    fee = {"fee": Decimal(1), "fee_currency": "BNB", "fee_worth": Decimal(600)}
    live.report(name, "filled", fill=live.fill(name, 1.0, **fee))
    assert live.trader.portfolio.fees == 600.0
    assert live.trader.portfolio.cash == cash - 100.0 - 600.0
    live.snapshot(positions=(position("1"),), balances={"USDT": Decimal(100_000)})
    assert not any("balance" in text for text in live.notices())


def test_a_fee_in_a_currency_without_a_price_is_booked_as_nothing_and_told() -> None:
    live = Live({0: lambda strategy: strategy.long()})
    live.bar()
    (name,) = live.submitted()
    live.report(name, "filled", fill=live.fill(name, 1.0, fee=Decimal(1), fee_currency="BNB"))
    assert live.trader.portfolio.fees == 0.0
    assert any("paid 1 BNB, whose price is not known: it is booked as nothing" in text for text in live.notices())


def test_coins_that_the_books_owe_halt_and_are_owed_no_more():
    live = Live({0: LONG}, instruments=[instrument_for("BTCUSDT", "binance_spot")])
    live.bar()
    live.trade("run-0", 1.0)
    live.report("run-0-sl", "filled", fill=live.fill("run-0-sl", 1.5, 100.0, "sell"))
    assert live.position == -0.5
    live.now += 60_000_000_000
    halts = [halt for _ in range(2) for halt in of_kind(Halt, live.snapshot(positions=(position("5"),)))]
    assert [halt.reason.partition(". ")[2] for halt in halts] == [
        "BTCUSDT: the bot has sold 0.5 more than it had bought, of coins that are another's"
    ]
    assert live.position == 0.0
