"""A position of the ledger against sums in fractions, over any fills in any order."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tradebot.core.fill import Fill, Liquidity
from tradebot.core.order import Side
from tradebot.store.ledger.holding import Holding

amounts = st.decimals(min_value="0.00000001", max_value="1000000", places=8)
trades = st.lists(st.tuples(st.sampled_from(Side), amounts, amounts), max_size=30)


def fill(number: int, side: Side, price: Decimal, quantity: Decimal) -> Fill:
    return Fill(
        trade_id=str(number),
        order_id="R-1",
        symbol="X",
        ts=number,
        side=side,
        price=price,
        quantity=quantity,
        fee=Decimal(0),
        fee_currency="USDT",
        liquidity=Liquidity.TAKER,
    )


@given(trades)
def test_the_quantity_is_exact_and_no_money_appears_or_is_lost(made: list[tuple[Side, Decimal, Decimal]]):
    holding = Holding()
    for number, (side, price, quantity) in enumerate(made):
        holding = holding.after(fill(number, side, price, quantity))
    signed = [(Fraction(quantity) * side.sign, Fraction(price)) for side, price, quantity in made]
    held = sum((quantity for quantity, _ in signed), Fraction(0))
    spent = sum((quantity * price for quantity, price in signed), Fraction(0))
    assert Fraction(holding.quantity) == held
    # What was paid on balance is what the position cost less what was gained.
    left = Fraction(holding.quantity) * Fraction(holding.entry_price) - Fraction(holding.realized)
    assert abs(left - spent) <= Fraction(1, 10**9)


@given(st.integers(1, 10**6), amounts, amounts)
def test_a_closed_position_is_exactly_zero(parts: int, price: Decimal, exit_price: Decimal):
    unit = Decimal("0.00000001")
    holding = (
        Holding().after(fill(1, Side.BUY, price, unit * parts)).after(fill(2, Side.SELL, exit_price, unit * parts))
    )
    assert (holding.quantity, holding.entry_price) == (0, 0)
    assert holding.realized == (exit_price - price) * unit * parts
