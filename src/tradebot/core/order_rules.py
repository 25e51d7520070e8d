"""An instrument's rules for one order: steps, bounds and least notional."""

from __future__ import annotations

from decimal import Decimal

from tradebot.core.decimals import exact
from tradebot.core.errors import OrderError
from tradebot.core.instrument import Instrument


def check_order(
    instrument: Instrument, quantity: Decimal | float | str, price: Decimal | float | str | None = None
) -> None:
    """Hold an order against its instrument's steps and limits.

    Parameters
    ----------
    instrument : the market the order is for.
    quantity : positive number of units.
    price : limit or trigger price; ``None`` (a market order) leaves price and notional unchecked.

    Raises
    ------
    OrderError : the first rule broken, with the nearest value that keeps it.
    """
    amount = exact(quantity)
    _check_quantity(instrument, amount)
    if price is not None:
        _check_price(instrument, amount, exact(price))


def _check_quantity(instrument: Instrument, quantity: Decimal) -> None:
    place = f"order {instrument.symbol} quantity"
    if not quantity > 0:
        raise OrderError(f"{quantity} is not positive", place=place, mend="Give the side apart from the quantity.")
    if quantity % instrument.lot_size:
        raise OrderError(
            f"{quantity} is not a multiple of the lot size {instrument.lot_size}",
            place=place,
            mend=f"Use {instrument.snap_quantity(quantity)}.",
        )
    if quantity < instrument.min_quantity:
        least = instrument.min_quantity
        raise OrderError(f"{quantity} is below the minimum {least}", place=place, mend=f"Use {least} or more.")
    most = instrument.max_quantity
    if most is not None and quantity > most:
        raise OrderError(f"{quantity} is above the maximum {most}", place=place, mend="Split it into several orders.")


def _check_price(instrument: Instrument, quantity: Decimal, price: Decimal) -> None:
    place = f"order {instrument.symbol} price"
    if not price > 0:
        raise OrderError(f"{price} is not positive", place=place, mend="Give a price above zero.")
    if price % instrument.tick_size:
        raise OrderError(
            f"{price} is not a multiple of the tick size {instrument.tick_size}",
            place=place,
            mend=f"Use {instrument.snap_price(price)}.",
        )
    notional = quantity * price * instrument.multiplier
    if notional < instrument.min_notional:
        raise OrderError(
            f"{notional.normalize():f} {instrument.quote} is below the minimum {instrument.min_notional}",
            place=f"order {instrument.symbol} notional",
            mend="Raise the quantity.",
        )
