"""The rules of live trading: each denies what it is there for, with the figures, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from tradebot_native import Exit, OrderIntent, Signal

from live_market import SECOND, Live, of_kind
from tradebot.core.errors import RiskError
from tradebot.core.event import Reviewed, Submit
from tradebot.risk import (
    AllowedSymbols,
    LiquidationDistance,
    OrderRate,
    PriceCollar,
    Protection,
    RepeatedOrders,
    RiskLimits,
)

LONG = Signal("long")


class At:
    """A moment, as a rule sees it."""

    def __init__(self, seconds: float, mark: float = 100.0, **account: float) -> None:
        self.ts = int(seconds * SECOND)
        self.mark_price = mark
        self.__dict__.update(account)

    def position(self, symbol: Any) -> At:
        return self


def verdict(rule: Any, at: At, intent: OrderIntent | None = None) -> Any:
    return rule.review(intent or OrderIntent("BTCUSDT", "buy", 1.0), at, at)


@pytest.mark.parametrize(("price", "allowed"), [(105.0, True), (95.0, True), (105.1, False), (94.9, False)])
def test_a_collar_holds_on_both_sides(price: float, allowed: bool):
    intent = OrderIntent("BTCUSDT", "buy", 1.0, type="limit", price=price)
    assert verdict(PriceCollar(0.05), At(0), intent).allowed is allowed


def test_a_collar_holds_triggers_too_and_lets_market_orders_pass():
    intent = OrderIntent("BTCUSDT", "buy", 1.0, type="stop", trigger=120.0)
    found = verdict(PriceCollar(0.05), At(0), intent)
    assert (found.rule, found.reason) == (
        "price_collar",
        "its trigger 120 is 20.0% from the last price 100; allowed are 5.0%",
    )
    assert verdict(PriceCollar(0.05), At(0)).allowed


def test_a_collar_denies_where_there_is_no_price_to_compare_with():
    intent = OrderIntent("BTCUSDT", "buy", 1.0, type="limit", price=100.0)
    assert not verdict(PriceCollar(0.05), At(0, mark=float("nan")), intent).allowed


def test_the_rate_counts_what_was_allowed_within_its_time():
    rule = OrderRate(2, 10)
    assert [verdict(rule, At(second)).allowed for second in (0, 1, 2, 9, 10, 11)] == [
        True,
        True,
        False,
        False,
        True,
        True,
    ]


def test_repeats_count_for_each_side_and_quantity_of_a_market():
    rule = RepeatedOrders(2, 60)
    other = OrderIntent("BTCUSDT", "buy", 2.0)
    assert [verdict(rule, At(0)).allowed for _ in range(3)] == [True, True, False]
    assert verdict(rule, At(0), other).allowed
    assert verdict(rule, At(0), OrderIntent("ETHUSDT", "buy", 1.0)).allowed
    assert verdict(rule, At(61)).allowed


def test_a_single_repeat_is_a_duplicate():
    rule = RepeatedOrders(1, 5)
    verdict(rule, At(0))
    found = verdict(rule, At(1))
    assert (found.allowed, found.rule) == (False, "duplicate_order")
    assert found.reason == "BTCUSDT buy 1.0 went out 1 times in 5 s; allowed are 1"


def test_markets_that_are_not_listed_are_closed():
    rule = AllowedSymbols(["ETHUSDT"])
    assert verdict(rule, At(0)).rule == "symbol_not_allowed"
    assert verdict(rule, At(0), OrderIntent("ETHUSDT", "buy", 1.0)).allowed


@pytest.mark.parametrize(("equity", "allowed"), [(15.0, True), (14.9, False)])
def test_an_account_near_its_liquidation_opens_nothing_more(equity: float, allowed: bool):
    at = At(0, equity=equity, maintenance_margin=5.0, gross_notional=100.0)
    assert verdict(LiquidationDistance(0.1), at).allowed is allowed


@pytest.mark.parametrize(
    "make",
    [
        lambda: PriceCollar(0.0),
        lambda: PriceCollar(float("nan")),
        lambda: OrderRate(0, 1),
        lambda: OrderRate(1.5, 1),  # type: ignore[arg-type]
        lambda: RepeatedOrders(1, -1),
        lambda: LiquidationDistance(True),
    ],
)
def test_impossible_bounds_are_refused(make):
    with pytest.raises(RiskError):
        make()


class TestInTheTrader:
    """A denied order never goes out; exits always do."""

    def test_the_denial_is_on_record_with_rule_and_figures(self):
        live = Live({0: Signal("long", type="limit", limit=150.0)}, rules=[PriceCollar(0.05)])
        (reviewed,) = of_kind(Reviewed, live.bar())
        assert (reviewed.allowed, reviewed.rule) == (False, "price_collar")
        assert reviewed.reason == "its price 150 is 50.0% from the last price 100; allowed are 5.0%"
        assert live.order("run-0").state == "denied"
        assert live.submitted() == []

    def test_exits_pass_every_rule(self):
        live = Live({0: LONG, 1: Exit()}, rules=[OrderRate(1, 3_600)], protection=Protection(stop_loss_pct=0.1))
        live.bar()
        live.trade("run-0", 1.0)
        assert [each.intent.reduce_only for each in of_kind(Submit, live.bar())] == [True]

    def test_a_denied_entry_counts_in_no_daily_limit(self):
        rules = [PriceCollar(0.05)]
        lines = {0: Signal("long", type="limit", limit=150.0), 1: LONG}
        live = Live(lines, rules=rules, risk=RiskLimits(max_daily_trades=1))
        live.bar()
        assert len(of_kind(Submit, live.bar())) == 1

    def test_the_native_limits_are_on_record_as_well(self):
        live = Live({0: LONG}, risk=RiskLimits(max_order_quantity=0.5))
        (reviewed,) = of_kind(Reviewed, live.bar())
        assert (reviewed.rule, reviewed.reason) == ("max_order_quantity", "1 units are more than 0.5")

    def test_a_rule_of_ones_own_may_have_any_name(self):
        class Never:
            def review(self, intent, portfolio, snapshot):
                from tradebot.core.protocols import Verdict

                return Verdict(allowed=False, rule="never", reason="no")

        live = Live({0: LONG}, rules=[Never()])
        live.bar()
        assert live.denials() == [("run-0", "never")]
        assert live.order("run-0").reason == "risk_rule"
