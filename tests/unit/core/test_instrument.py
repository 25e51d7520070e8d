"""Instruments: steps, bounds, venue defaults."""

from decimal import Decimal
from itertools import pairwise

import msgspec
import pytest

from tradebot.core.errors import ConfigError, OrderError
from tradebot.core.instrument import VENUES, AssetClass, Instrument, instrument_for
from tradebot.core.margin import MarginTier, ladder, ladder_fault, margin_table
from tradebot.core.order_rules import check_order

BTC = Instrument.binance_perpetual("BTCUSDT")


@pytest.mark.parametrize(("mode", "snapped"), [("nearest", "95505.5"), ("up", "95505.5"), ("down", "95505.4")])
def test_a_price_snaps_to_the_tick_the_way_it_is_told(mode: str, snapped: str):
    assert BTC.snap_price("95505.46", mode) == Decimal(snapped)


def test_a_price_half_way_snaps_away_from_zero():
    assert BTC.snap_price("0.05") == Decimal("0.1")


def test_a_quantity_never_grows_long_or_short():
    assert BTC.snap_quantity("0.0019") == Decimal("0.001")
    assert BTC.snap_quantity("-0.0019") == Decimal("-0.001")


def test_the_noise_of_a_double_does_not_cost_a_lot():
    lots = msgspec.structs.replace(BTC, lot_size=Decimal("0.1"), min_quantity=Decimal("0.1"))
    assert lots.snap_quantity(0.1 + 0.7) == Decimal("0.8")
    assert lots.snap_quantity(0.3 / 0.1 / 10) == Decimal("0.3")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"tick_size": 0}, "instrument BTCUSDT tick_size: 0 is out of bounds. It must be above 0."),
        ({"lot_size": -1}, "instrument BTCUSDT lot_size: -1 is out of bounds"),
        ({"min_notional": -5}, "instrument BTCUSDT min_notional: -5 is out of bounds"),
        ({"taker_fee": 5}, "instrument BTCUSDT taker_fee: 5 is out of bounds. Write 0.05 % as 0.0005."),
        ({"max_leverage": "0.5"}, "instrument BTCUSDT max_leverage: 0.5 is out of bounds"),
        ({"max_quantity": "0.0001"}, "instrument BTCUSDT max_quantity: 0.0001 is out of bounds"),
        ({"lot_size": "many"}, "instrument BTCUSDT lot_size: 'many' is not a number"),
        ({"lot_size": float("nan")}, "instrument BTCUSDT lot_size: nan is not a number"),
        ({"asset_class": "perp"}, 'asset_class: "perp" is no asset class. Did you mean "perpetual"?'),
        ({"asset_class": "spot"}, "instrument BTCUSDT shortable: True is out of bounds. A spot holding"),
        ({"symbol": ""}, "instrument.symbol: the symbol is empty"),
        ({"margin_tiers": ladder((5, "10", "0.05"))}, "margin_tiers: the first tier begins at 5 instead of 0"),
    ],
)
def test_a_field_out_of_bounds_is_named(change: dict[str, object], sentence: str):
    with pytest.raises(ConfigError) as caught:
        msgspec.structs.replace(BTC, **change)
    assert sentence in str(caught.value)


def test_numbers_and_text_become_decimals():
    made = msgspec.structs.replace(BTC, tick_size=0.5, lot_size="0.01", multiplier=1)
    assert (made.tick_size, made.lot_size, made.multiplier) == (Decimal("0.5"), Decimal("0.01"), Decimal(1))


@pytest.mark.parametrize(
    ("rungs", "fault"),
    [
        ([(0, "10", "0.05"), (0, "5", "0.1")], "the floor 0 does not lie above 0"),
        ([(0, "10", "0.1"), (5, "5", "0.05")], "the maintenance rate falls from 0.1 to 0.05"),
        ([(0, "0.5", "0.1")], "the leverage 0.5 is below 1"),
        ([(0, "10", "0.2")], "the maintenance rate 0.2 does not lie in 0..1/10"),
        ([], ""),
    ],
)
def test_a_broken_margin_ladder_is_explained(rungs: list[tuple[int, str, str]], fault: str):
    assert ladder_fault(ladder(*rungs)) == fault


def test_binances_own_maintenance_amounts_come_out_of_its_brackets():
    amounts = [deduction for *_, deduction in margin_table(BTC.margin_tiers, Decimal(125))]
    assert amounts[:6] == [0, 300, 1_500, 12_000, 132_000, 482_000]


def test_maintenance_margin_does_not_jump_between_tiers():
    table = margin_table(BTC.margin_tiers, Decimal(125))
    for (_, _, rate, amount), (floor, _, next_rate, next_amount) in pairwise(table):
        assert floor * rate - amount == pytest.approx(floor * next_rate - next_amount)


def test_the_instruments_leverage_caps_every_tier():
    assert max(leverage for _, leverage, *_ in margin_table(BTC.margin_tiers, Decimal(20))) == 20


def test_venues_bring_their_documented_fees():
    assert (BTC.maker_fee, BTC.taker_fee) == (Decimal("0.0002"), Decimal("0.0005"))
    stock = Instrument.us_equity("SPY")
    assert (stock.fee_per_share, stock.min_fee) == (Decimal("0.005"), Decimal("1.00"))


@pytest.mark.parametrize("venue", VENUES)
def test_no_venue_is_free_of_cost(venue: str):
    made = instrument_for("BTC-USD" if venue == "coinbase" else "XYZUSDT", venue)
    assert not made.costless
    assert made.venue == venue
    assert made.id == f"{made.symbol}@{venue}"


@pytest.mark.parametrize(
    ("symbol", "venue", "pair"),
    [
        ("BTCUSDT", "binance_usdm", ("BTC", "USDT")),
        ("ETHBTC", "binance_spot", ("ETH", "BTC")),
        ("BTC-USD", "coinbase", ("BTC", "USD")),
        ("SPY", "us_equity", ("SPY", "USD")),
    ],
)
def test_a_pair_is_split_into_what_is_bought_and_what_is_paid(symbol: str, venue: str, pair: tuple[str, str]):
    made = instrument_for(symbol, venue)
    assert (made.base, made.quote) == pair


def test_an_unknown_venue_offers_the_nearest():
    with pytest.raises(ConfigError, match='"binance" is not a known venue. Did you mean "binance_usdm"'):
        instrument_for("BTCUSDT", "binance")
    with pytest.raises(ConfigError, match="Known are binance_usdm, binance_spot"):
        instrument_for("BTCUSDT", "qqqqq")


@pytest.mark.parametrize("venue", VENUES)
def test_every_venues_instrument_can_be_simulated(venue: str):
    assert instrument_for("BTCUSDT", venue).native() is not None


def test_an_option_is_not_simulated_and_says_so():
    option = msgspec.structs.replace(BTC, asset_class=AssetClass.OPTION)
    with pytest.raises(ConfigError, match="asset_class: options are not simulated. Use spot, perpetual or equity."):
        option.native()


@pytest.mark.parametrize(
    ("quantity", "price", "sentence"),
    [
        ("0", None, "order BTCUSDT quantity: 0 is not positive"),
        ("0.0015", None, "order BTCUSDT quantity: 0.0015 is not a multiple of the lot size 0.001. Use 0.001."),
        (
            "0.002",
            "100000.05",
            "order BTCUSDT price: 100000.05 is not a multiple of the tick size 0.10. Use 100000.10.",
        ),
        ("0.002", "-1", "order BTCUSDT price: -1 is not positive"),
        ("0.001", "50000", "order BTCUSDT notional: 50 USDT is below the minimum 100. Raise the quantity."),
    ],
)
def test_an_order_that_breaks_a_rule_says_which_and_what_would_keep_it(quantity: str, price: str, sentence: str):
    with pytest.raises(OrderError) as caught:
        check_order(BTC, quantity, price)
    assert sentence in str(caught.value)


def test_an_order_outside_the_quantity_bounds_is_refused():
    bounded = msgspec.structs.replace(BTC, min_quantity="0.01", max_quantity="5")
    with pytest.raises(OrderError, match=r"0\.005 is below the minimum 0\.01\. Use 0\.01 or more"):
        check_order(bounded, "0.005")
    with pytest.raises(OrderError, match="6 is above the maximum 5. Split it"):
        check_order(bounded, 6)


def test_an_order_that_keeps_the_rules_passes():
    check_order(BTC, 0.002, 100_000.1)


def test_one_tier_stands_in_for_a_missing_ladder():
    bare = msgspec.structs.replace(BTC, margin_tiers=(), max_leverage=10)
    assert bare.native() is not None
    assert margin_table((MarginTier(Decimal(0), Decimal(10), Decimal("0.05")),), Decimal(10)) == [(0, 10, 0.05, 0)]
