"""An entry on spot whose stop would be worth less than the least order is refused before it is sent."""

from __future__ import annotations

from typing import Any

import pytest
from tradebot_native import OrderIntent, Signal

from live_market import Live, of_kind
from tradebot.core.event import OperatorAction, OperatorCommand, Reviewed
from tradebot.core.instrument import Instrument
from tradebot.risk import Protection
from tradebot.sizing import FixedQuantity

SPOT = Instrument.binance_spot("BTCUSDT")
REFUSED = [("run-0", "stop_too_small")]
WORDS = "a stop of it would be worth less than the market's least order, so it could not be protected"


def entered(signal: Signal, quantity: float = 0.055, **options: Any) -> Live:
    """An entry, worth 5.50 USDT at the price of 100, in a market whose least order is 5 USDT."""
    live = Live({0: signal}, **({"instruments": [SPOT], "sizer": FixedQuantity(quantity)} | options))
    live.bar()
    return live


@pytest.mark.parametrize(
    "exits",
    [
        {"stop_loss": 90.0},
        {"stop_loss_pct": 0.1},
        {"trailing_stop": 10.0},
        {"trailing_stop_pct": 0.1},
        {"trailing_stop_pct": 0.2, "trailing_activation_pct": 0.05},
        {"stop_loss": 95.0, "trailing_stop": 10.0},
    ],
)
def test_it_is_refused_whatever_form_the_stop_has(exits: dict[str, float]):
    live = entered(Signal("long", **exits))
    assert live.denials() == REFUSED
    assert live.submitted() == []
    (verdict,) = of_kind(Reviewed, live.outputs)
    assert verdict.reason == WORDS


@pytest.mark.parametrize(
    "exits",
    [
        {},
        {"take_profit": 120.0},
        {"stop_loss": 92.0},
        {"stop_loss_pct": 0.08},
        {"trailing_stop_pct": 0.1, "trailing_activation_pct": 0.05},
    ],
)
def test_it_is_sent_where_the_stop_is_worth_enough_or_none_is_asked_for(exits: dict[str, float]):
    live = entered(Signal("long", **exits))
    assert (live.denials(), live.submitted()) == ([], ["run-0"])


@pytest.mark.parametrize(("stop", "refused"), [(95.05, REFUSED), (95.06, [])])
def test_of_what_it_buys_the_fee_takes_whole_lots(stop: float, refused: list[tuple[str, str]]):
    # Of 5,266 lots 5,260 are left, worth 4.9996 USDT at the lower price; all of them would be worth 5.005.
    live = entered(Signal("long", stop_loss=stop), quantity=0.05266)
    assert live.denials() == refused


def test_a_limit_order_is_judged_at_its_price():
    live = entered(Signal("long", type="limit", limit=98.0, stop_loss_pct=0.08))
    assert live.denials() == REFUSED


def test_the_stop_that_the_configuration_gives_counts():
    assert entered(Signal("long"), protection=Protection(stop_loss_pct=0.1)).denials() == REFUSED


def test_an_order_by_hand_is_refused_too():
    live = entered(Signal("long", stop_loss=95.0), protection=Protection(stop_loss_pct=0.1))
    live.trade("run-0", 0.055)
    intent = OrderIntent("BTCUSDT", "buy", 0.055, tag="operator")
    live.give(OperatorCommand(live.now, OperatorAction.PLACE, "ann", intent=intent))
    assert [rule for _, rule in live.denials()] == ["stop_too_small"]


def test_the_stop_of_a_perpetual_may_be_worth_less_than_the_least_order():
    instrument = Instrument.binance_perpetual("BTCUSDT")
    quantity = float(instrument.min_notional) / 100.0
    live = entered(Signal("long", stop_loss=50.0), quantity, instruments=[instrument])
    assert (live.denials(), live.submitted()) == ([], ["run-0"])
