"""What an operator may tell a running bot, and what it says of itself."""

from __future__ import annotations

from tradebot_native import Exit, Signal

from live_market import BTC, Live, of_kind
from tradebot.core.event import (
    Cancel,
    CashFlow,
    CashFlowKind,
    FeedHealth,
    Halt,
    OperatorAction,
    OperatorCommand,
    Query,
    Replace,
    Submit,
)
from tradebot.core.instrument import Instrument
from tradebot.core.order import OrderType
from tradebot.core.protocols import BrokerAbilities
from tradebot.risk import Protection, RiskLimits

LONG = Signal("long")
LIMIT = Signal("long", type="limit", limit=99.0, quantity=2.0)
STOPPED = Signal("long", stop_loss=90.0)


def command(live: Live, action: str) -> list:
    return live.give(OperatorCommand(live.now, OperatorAction(action), "ann", "a drill"))


def held(live: Live) -> Live:
    """With one unit, and its stop accepted."""
    live.bar()
    live.trade("run-0", 1.0)
    live.report("run-0-sl", "accepted")
    return live


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


def test_flatten_closes_every_position_and_takes_everything_back():
    live = held(Live({0: STOPPED}))
    outputs = command(live, "flatten")
    (close,) = of_kind(Submit, outputs)
    assert (close.intent.side, close.intent.quantity, close.intent.reduce_only) == ("sell", 1.0, True)
    assert [each.order_id for each in of_kind(Cancel, outputs)] == ["run-0-sl"]
    assert of_kind(Submit, live.bar()) == []


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
    from decimal import Decimal

    return CashFlow(ts=live.now, flow_id=flow_id, kind=kind, amount=Decimal(amount), currency="USDT", symbol="BTCUSDT")


class TestProtection:
    """An open position whose entry asked for a stop has one resting, or is closed."""

    def test_a_stop_that_is_gone_is_put_back(self):
        live = held(Live({0: STOPPED}))
        (stop,) = of_kind(Submit, live.report("run-0-sl", "canceled", "by another"))
        assert (stop.intent.type, stop.intent.trigger, stop.intent.quantity, stop.intent.reduce_only) == (
            "stop",
            90.0,
            1.0,
            True,
        )

    def test_one_of_unknown_fate_covers_nothing(self):
        live = Live({0: STOPPED})
        live.bar()
        live.trade("run-0", 1.0)
        (stop,) = of_kind(Submit, live.report("run-0-sl", "unknown", "timeout"))
        assert stop.intent.trigger == 90.0

    def test_what_is_refused_twice_is_closed_at_the_market(self):
        live = held(Live({0: STOPPED}))
        (again,) = of_kind(Submit, live.report("run-0-sl", "rejected", "-2021"))
        live.bar()
        (close,) = of_kind(Submit, live.report(again.order_id, "rejected", "-2021"))
        assert (close.intent.type, close.intent.quantity) == ("market", 1.0)
        assert "BTCUSDT: its stop was refused, so its position of 1 is closed" in live.notices()

    def test_a_price_beyond_the_stop_closes_at_once(self):
        live = held(Live({0: STOPPED}))
        live.bar(89.0)
        (close,) = of_kind(Submit, live.report("run-0-sl", "expired", "-2021"))
        assert (close.intent.type, close.intent.quantity) == ("market", 1.0)

    def test_the_next_position_starts_with_a_clean_slate(self):
        live = held(Live({0: STOPPED, 2: STOPPED}))
        live.bar(89.0)
        (close,) = of_kind(Submit, live.report("run-0-sl", "expired", "-2021"))
        live.trade(close.order_id, 1.0, 89.0, "sell")
        (entry,) = of_kind(Submit, live.bar(100.0))
        live.trade(entry.order_id, 1.0)
        (stop,) = of_kind(Submit, live.report(f"{entry.order_id}-sl", "canceled"))
        assert stop.intent.type == "stop"

    def test_a_close_of_unknown_fate_is_told_once_and_never_resent(self):
        live = held(Live({0: STOPPED}))
        live.bar(89.0)
        (close,) = of_kind(Submit, live.report("run-0-sl", "expired", "-2021"))
        live.report(close.order_id, "unknown", "timeout")
        for _ in range(3):
            live.bar(89.0)
        assert len([text for text in live.notices() if "is closed" in text]) == 1
        assert live.submitted() == ["run-0", "run-0-sl", close.order_id]

    def test_an_exit_under_way_needs_no_stop(self):
        live = held(Live({0: STOPPED, 1: Exit()}))
        live.bar()
        assert of_kind(Submit, live.report("run-0-sl", "canceled")) == []

    def test_the_stop_of_the_run_counts_as_asked_for(self):
        live = Live({0: LONG}, protection=Protection(stop_loss_pct=0.1))
        live.bar()
        live.trade("run-0", 1.0)
        (stop,) = of_kind(Submit, live.report("run-0-sl", "canceled"))
        assert stop.intent.trigger == 90.0

    def test_a_position_that_asked_for_none_is_left_alone(self):
        live = Live({0: LONG})
        live.bar()
        assert of_kind(Submit, live.trade("run-0", 1.0)) == []


def test_a_flattening_exit_that_is_refused_on_and_on_is_tried_ever_more_slowly():
    live = held(Live({0: STOPPED}))
    command(live, "flatten")
    tried = len(live.submitted())
    for _ in range(10):
        live.report(live.submitted()[-1], "rejected", "-2022")
    at_once = len(live.submitted())
    assert at_once <= tried + 3
    for _ in range(60):
        for again in of_kind(Submit, live.wait(1.0)):
            live.report(again.order_id, "rejected", "-2022")
    assert 3 <= len(live.submitted()) - at_once <= 8


def test_a_stop_and_the_exit_in_its_place_that_are_refused_on_and_on_are_tried_ever_more_slowly():
    live = held(Live({0: STOPPED}))
    live.bar(89.0)
    live.report("run-0-sl", "expired", "-2021")
    tried = len(live.submitted())
    for _ in range(10):
        live.report(live.submitted()[-1], "rejected", "-2022")
    assert len(live.submitted()) == tried + 1


class TestExitsTheBrokerCannotHold:
    """They are watched here, and the operator is told."""

    ABILITIES = BrokerAbilities(order_types=frozenset({OrderType.MARKET, OrderType.LIMIT}))

    def live(self, entry: Signal) -> Live:
        live = Live({0: entry}, abilities=self.ABILITIES)
        live.bar()
        live.trade("run-0", 1.0)
        return live

    def test_a_stop_goes_out_as_a_market_order_when_a_bar_touches_it(self):
        live = self.live(STOPPED)
        assert live.submitted() == ["run-0"]
        text = "run-0-sl (BTCUSDT): the broker holds no stop order, so it is watched here"
        assert text in live.notices()
        assert of_kind(Submit, live.bar(95.0, low=90.1)) == []
        (close,) = of_kind(Submit, live.bar(95.0, low=90.0))
        assert (close.order_id, close.intent.type, close.intent.reduce_only) == ("run-0-sl", "market", True)
        live.trade("run-0-sl", 1.0, 90.0, "sell")
        assert (live.position, live.order("run-0-sl").state) == (0.0, "filled")

    def test_a_trailing_stop_of_a_distance_that_the_broker_has_not_follows_here(self):
        for entry, held in ((Signal("long", trailing_stop_pct=0.02), 1), (Signal("long", trailing_stop=2.0), 0)):
            live = Live({0: entry}, abilities=BrokerAbilities(trail_pct=(0.001, 0.1)))
            live.bar()
            live.trade("run-0", 1.0)
            assert live.submitted() == ["run-0", "run-0-ts"][: 1 + held]
        text = "run-0-ts (BTCUSDT): the broker holds no such trailing_stop, so it is watched here"
        assert text in live.notices()
        assert of_kind(Submit, live.bar(110.0, low=109.0, high=111.0)) == []
        (close,) = of_kind(Submit, live.bar(108.0, low=108.0, high=109.5))
        assert (close.order_id, close.intent.type, close.intent.reduce_only) == ("run-0-ts", "market", True)

    def test_one_that_grows_while_it_waits_goes_out_as_it_is_then(self):
        live = Live({0: STOPPED}, abilities=self.ABILITIES)
        live.bar()
        live.trade("run-0", 0.4)
        live.trade("run-0", 0.6)
        (close,) = of_kind(Submit, live.bar(95.0, low=89.0))
        assert close.intent.quantity == 1.0
        assert of_kind(Replace, live.report("run-0-sl", "accepted")) == []

    def test_a_trailing_stop_follows_here(self):
        live = self.live(Signal("long", trailing_stop=10.0))
        live.bar(120.0)
        assert of_kind(Submit, live.bar(115.0, low=110.1, high=120.0)) == []
        (close,) = of_kind(Submit, live.bar(112.0, low=109.0, high=115.0))
        assert close.order_id == "run-0-ts"

    def test_one_that_waits_here_is_taken_back_here(self):
        live = self.live(Signal("long", stop_loss=90.0, take_profit=120.0))
        outputs = live.trade("run-0-tp", 1.0, 120.0, "sell")
        assert of_kind(Cancel, outputs) == []
        assert live.order("run-0-sl").state == "canceled"


class TestStrategiesThatFail:
    """A failure in a person's code stops neither the bot nor its exits."""

    @staticmethod
    def fails(strategy: object) -> None:
        raise ZeroDivisionError

    def test_the_strategy_starts_again_and_the_position_stays(self):
        live = Live({0: LONG, 1: self.fails, 2: LONG})
        live.bar()
        live.trade("run-0", 1.0)
        live.bar()
        assert live.position == 1.0
        assert any("starts again from its bars" in text for text in live.notices())
        live.bar()
        assert live.trader.status()["markets"][0]["failures"] == 0

    def test_one_that_fails_on_and_on_is_left_alone(self):
        live = Live(dict.fromkeys(range(20), self.fails), failures=2)
        for _ in range(10):
            live.bar()
        assert len([text for text in live.notices() if "starts again" in text]) == 2
        assert len([text for text in live.notices() if "is left alone" in text]) == 1


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
