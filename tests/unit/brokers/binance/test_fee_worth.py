"""What a fee that was paid in another coin is worth."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tradebot.brokers.binance.fees import worth_of
from tradebot.core.fill import Fill, Liquidity
from tradebot.core.instrument import Instrument
from tradebot.core.order import Side

SPOT = replace(Instrument.binance_spot("BTCUSDT"), maker_fee=Decimal("0.00075"), taker_fee=Decimal("0.0009"))
RATES = {Liquidity.MAKER: SPOT.maker_fee, Liquidity.TAKER: SPOT.taker_fee}
PLACE = Decimal("0.00000001")


def paid(price: Decimal, quantity: Decimal, fee: Decimal, liquidity: Liquidity = Liquidity.TAKER) -> Fill:
    return Fill(
        trade_id="1",
        order_id="run-1",
        symbol="BTCUSDT",
        ts=0,
        side=Side.BUY,
        price=price,
        quantity=quantity,
        fee=fee,
        fee_currency="BNB",
        liquidity=liquidity,
    )


def amounts(low: str, high: str, places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(Decimal(low), Decimal(high), places=places)


@given(
    price=amounts("0.01", "200000", 2),
    quantity=amounts("0.00001", "9000", 5),
    bnb=amounts("1", "5000", 2),
    drift=amounts("-0.009", "0.009", 4),
    liquidity=st.sampled_from(Liquidity),
)
def test_it_is_the_account_s_rate_on_the_trade_whatever_places_the_venue_has_cut(
    price: Decimal, quantity: Decimal, bnb: Decimal, drift: Decimal, liquidity: Liquidity
):
    due = price * quantity * RATES[liquidity]
    fee = (due / bnb).quantize(PLACE, ROUND_DOWN)
    assert worth_of(paid(price, quantity, fee, liquidity), SPOT, bnb * (1 + drift)) == due


@pytest.mark.parametrize("rate", ["0.0006", "0.00081", "0.001", "-0.00005"])
def test_an_account_that_has_come_to_another_rate_pays_what_the_coin_s_price_says(rate: str):
    fee = (Decimal(50_000) * Decimal(rate) / 600).quantize(PLACE, ROUND_DOWN)
    assert worth_of(paid(Decimal(50_000), Decimal(1), fee), SPOT, Decimal(600)) == fee * 600
