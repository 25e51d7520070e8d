"""How much each sizer holds, and what it refuses."""

from decimal import Decimal
from types import SimpleNamespace

import msgspec
import pytest
from tradebot_native import Signal

from tradebot.core.errors import SizingError
from tradebot.core.instrument import Instrument
from tradebot.sizing import FixedQuantity, FractionOfEquity, RiskPerTrade

MARKET = msgspec.structs.replace(Instrument.mock(), taker_fee=Decimal("0.001"), multiplier=Decimal(2))
RICH = SimpleNamespace(equity=10_000.0)
BROKE = SimpleNamespace(equity=-5.0)


def test_a_fixed_quantity_ignores_equity():
    assert FixedQuantity(3).size(Signal("long"), BROKE, MARKET, 100.0) == 3


def test_a_fraction_pays_for_the_entry_and_its_fee():
    quantity = FractionOfEquity(0.5).size(Signal("long"), RICH, MARKET, 100.0)
    assert quantity * 100.0 * 2 * 1.001 == pytest.approx(5_000.0)


@pytest.mark.parametrize(
    ("signal", "distance"),
    [
        (Signal("long", stop_loss=98.0), 2.0),
        (Signal("short", stop_loss=104.0), 4.0),
        (Signal("long", stop_loss_pct=0.05), 5.0),
        (Signal("long", trailing_stop=1.0), 1.0),
        (Signal("long", trailing_stop_pct=0.03), 3.0),
        (Signal("long", stop_loss=95.0, trailing_stop=1.5), 1.5),
    ],
)
def test_risk_per_trade_loses_its_share_at_the_nearest_stop(signal: Signal, distance: float):
    quantity = RiskPerTrade(0.01).size(signal, RICH, MARKET, 100.0)
    assert quantity * distance * 2 == pytest.approx(100.0)


def test_risk_per_trade_needs_a_stop():
    with pytest.raises(SizingError, match=r"risk: the signal has no stop to measure the risk by\. Give it stop_loss"):
        RiskPerTrade(0.01).size(Signal("long"), RICH, MARKET, 100.0)


def test_nothing_is_held_once_equity_is_gone():
    assert FractionOfEquity(0.5).size(Signal("long"), BROKE, MARKET, 100.0) == 0
    assert RiskPerTrade(0.01).size(Signal("long", stop_loss=98.0), BROKE, MARKET, 100.0) == 0


@pytest.mark.parametrize("number", [0, -1, float("nan"), float("inf")])
@pytest.mark.parametrize(
    ("sizer", "place"),
    [(FixedQuantity, "fixed.quantity"), (FractionOfEquity, "fraction.fraction"), (RiskPerTrade, "risk.fraction")],
)
def test_a_size_that_is_not_above_zero_is_refused(sizer: type, place: str, number: float):
    with pytest.raises(SizingError) as caught:
        sizer(number)
    assert str(caught.value) == f"{place}: {number:g} is not above 0. Give a number above 0."


def test_a_size_that_is_no_number_is_refused():
    with pytest.raises(SizingError, match=r"fixed\.quantity: '1' is not a number"):
        FixedQuantity("1")  # type: ignore[arg-type]


def test_risking_everything_is_refused():
    with pytest.raises(
        SizingError, match=r"risk\.fraction: 1 is the whole of equity or more\. 0\.01 means one percent"
    ):
        RiskPerTrade(1)
