"""Coins on spot that are worth less than the least order are told once, count as no position, and are not offered."""

from __future__ import annotations

from typing import Any

import pytest
from tradebot_native import Exit, OrderIntent, Signal

from live_market import Live, command, of_kind
from tradebot.core.event import Answered, Cancel, OperatorAction, OperatorCommand, Submit
from tradebot.core.instrument import Instrument
from tradebot.engine.trader import Trader
from tradebot.risk import RiskLimits
from tradebot.sizing import FixedQuantity
from tradebot.strategies import Strategy

SPOT = Instrument.binance_spot("BTCUSDT")
ENTER, LEAVE = Signal("long"), Exit()
STAYS = "0.06 BTC worth 4.80 USDT stays: below the least order of 5 USDT"


def on_spot(lines: dict[int, Any], **options: Any) -> Live:
    """A spot market whose least order is 5 USDT, and entries of 6 USDT at a price of 100."""
    return Live(lines, **({"instruments": [SPOT], "sizer": FixedQuantity(0.06)} | options))


def bought(lines: dict[int, Any], **options: Any) -> Live:
    """Six USDT worth of coins were bought."""
    live = on_spot({0: ENTER} | lines, **options)
    live.bar()
    live.trade("run-0", 0.06)
    return live


def fallen(lines: dict[int, Any], **options: Any) -> Live:
    """And have become dust."""
    live = bought(lines, **options)
    live.bar(80.0)
    return live


def test_it_is_told_once_and_never_offered_for_sale():
    live = fallen(dict.fromkeys(range(1, 20), LEAVE))
    for _ in range(10):
        live.bar(80.0)
        live.wait(30.0)
    assert [text for text in live.notices() if "stays" in text] == [STAYS]
    assert live.submitted() == ["run-0"]
    assert live.denials() == []
    assert live.trader.portfolio.equity == pytest.approx(100_000.0 - 6.0 + 4.8)


def test_it_is_sold_as_any_position_once_it_is_worth_enough_again():
    live = fallen({2: LEAVE})
    live.bar(100.0)
    assert live.submitted() == ["run-0", "run-1"]


def test_a_market_that_holds_it_is_bought_again_and_the_next_sale_takes_it_along():
    live = fallen({2: Signal("long", quantity=0.1), 3: LEAVE})
    live.bar(80.0)
    live.trade("run-1", 0.1, 80.0)
    (sale,) = of_kind(Submit, live.bar(80.0))
    assert (sale.intent.side, sale.intent.quantity) == ("sell", 0.16)


def test_a_strategy_sees_no_position():
    seen: list[float] = []

    def look(strategy: Strategy) -> None:
        seen.append(strategy.position)

    live = bought({1: look, 2: look})
    live.bar(100.0)
    live.bar(80.0)
    assert seen == [0.06, 0.0]


def test_it_fills_no_limit_of_positions():
    live = fallen({2: Signal("long", quantity=0.1)}, risk=RiskLimits(max_positions=1))
    live.bar(80.0)
    assert live.denials() == []
    assert live.submitted() == ["run-0", "run-1"]


def test_a_partial_exit_that_would_leave_it_sells_the_whole():
    live = bought({1: Exit(0.5)})
    (sale,) = of_kind(Submit, live.bar())
    assert sale.intent.quantity == 0.06


def test_a_part_worth_less_than_the_least_order_is_denied_before_it_is_sent():
    live = on_spot({0: Signal("long", quantity=1.0), 1: Exit(0.04)})
    live.bar()
    live.trade("run-0", 1.0)
    live.bar()
    assert live.denials() == [("run-1", "min_notional")]
    assert live.submitted() == ["run-0"]


def test_exits_of_what_a_sale_has_left_as_dust_are_taken_back():
    live = on_spot({0: Signal("long", quantity=1.0, stop_loss=90.0)})
    live.bar()
    live.trade("run-0", 1.0)
    live.report("run-0-sl", "accepted")
    intent = OrderIntent("BTCUSDT", "sell", 0.97, tag="operator")
    live.give(OperatorCommand(live.now, OperatorAction.PLACE, "ann", intent=intent))
    outputs = live.trade("run-2", 0.97, side="sell")
    assert [each.order_id for each in of_kind(Cancel, outputs)] == ["run-0-sl"]
    live.report("run-0-sl", "canceled")
    live.wait(120.0)
    assert live.submitted() == ["run-0", "run-0-sl", "run-2"]
    assert live.notices()[-1] == "0.03 BTC worth 3.00 USDT stays: below the least order of 5 USDT"


def test_a_halt_that_flattens_leaves_it_and_waits_for_nothing():
    live = fallen({})
    command(live, "flatten")
    assert live.submitted() == ["run-0"]
    assert "flatten" not in live.timers


def test_whoever_closes_it_by_hand_is_told_why_it_stays():
    live = fallen({})
    close = OperatorCommand(live.now, OperatorAction.CLOSE, "ann", symbol="BTCUSDT")
    (answer,) = of_kind(Answered, live.give(close))
    assert (answer.allowed, answer.rule, answer.reason) == (False, "min_notional", STAYS)


def test_it_is_not_told_again_after_a_restart():
    live = fallen({})
    restored = Trader(live.plan)
    restored.restore(live.trader.state())
    live.trader, live.outputs = restored, []
    live.bar(80.0)
    assert live.notices() == []


def test_a_perpetual_is_closed_however_small():
    live = Live({0: ENTER, 1: LEAVE}, sizer=FixedQuantity(1.0))
    live.bar()
    live.trade("run-0", 1.0)
    assert len(of_kind(Submit, live.bar(1.0))) == 1


def with_a_bare_part() -> Live:
    """Of an addition too little has filled for a stop of its own, beside a position whose stop rests."""
    entry = Signal("long", quantity=1.0, stop_loss=90.0, add=True)
    live = on_spot({0: entry, 1: entry})
    live.bar()
    live.trade("run-0", 1.0)
    live.report("run-0-sl", "accepted")
    live.bar()
    live.report("run-2", "accepted")
    live.trade("run-2", 0.03)
    live.report("run-2-sl", "rejected", "min_notional")
    return live


BARE = "0.03 BTC worth 3.00 USDT has no stop: below the least order of 5 USDT"


def test_a_part_that_is_too_small_for_a_stop_is_told_once():
    live = with_a_bare_part()
    for _ in range(3):
        live.bar()
        live.wait(30.0)
    assert live.notices().count(BARE) == 1
    assert live.submitted() == ["run-0", "run-0-sl", "run-2", "run-2-sl"]


def test_it_is_told_once_over_a_restart_and_again_where_it_is_another():
    live = with_a_bare_part()
    restored = Trader(live.plan)
    restored.restore(live.trader.state())
    live.trader, live.outputs = restored, []
    live.bar()
    assert live.notices() == []
    live.trade("run-2", 0.01)
    live.report("run-2-sl2", "rejected", "min_notional")
    assert "0.04 BTC worth 4.00 USDT has no stop: below the least order of 5 USDT" in live.notices()


def test_a_part_whose_stop_is_on_its_way_is_not_told():
    live = with_a_bare_part()
    live.outputs.clear()
    live.trade("run-2", 0.97)
    live.report(live.submitted()[-1], "accepted")
    live.wait(30.0)
    assert not any("has no stop" in text for text in live.notices())
    assert live.trader.bare == {}
