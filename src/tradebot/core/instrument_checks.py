"""The bounds an instrument's fields must keep."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

import msgspec

from tradebot.core.asset_class import AssetClass
from tradebot.core.decimals import exact
from tradebot.core.errors import ConfigError, did_you_mean
from tradebot.core.margin import ladder_fault

if TYPE_CHECKING:
    from tradebot.core.instrument import Instrument

_DECIMALS: Final = (
    "tick_size",
    "lot_size",
    "min_quantity",
    "max_quantity",
    "min_notional",
    "multiplier",
    "maker_fee",
    "taker_fee",
    "fee_per_share",
    "min_fee",
    "max_leverage",
    "liquidation_fee",
    "borrow_rate",
)


def coerce_fields(instrument: Instrument) -> None:
    """Accept numbers and text for decimals, and text for the asset class, as a person writes them."""
    for name in _DECIMALS:
        value = getattr(instrument, name)
        if value is None:
            continue
        try:
            number = exact(value)
        except (ArithmeticError, TypeError, ValueError):
            number = Decimal("NaN")
        if not number.is_finite():
            raise field_fault(instrument, name, f"{value!r} is not a number", 'Write it as Decimal("0.01").')
        msgspec.structs.force_setattr(instrument, name, number)
    kinds = [kind.value for kind in AssetClass]
    if instrument.asset_class not in kinds:
        mend = did_you_mean(instrument.asset_class, kinds) or f"Known are {', '.join(kinds)}."
        raise field_fault(instrument, "asset_class", f'"{instrument.asset_class}" is no asset class', mend)
    msgspec.structs.force_setattr(instrument, "asset_class", AssetClass(instrument.asset_class))


def check_fields(instrument: Instrument) -> None:
    """Refuse an instrument with a field out of its bounds, by a ``ConfigError`` that names the field."""
    for name in ("tick_size", "lot_size", "multiplier"):
        _require(instrument, name, getattr(instrument, name) > 0, "It must be above 0.")
    for name in ("min_quantity", "min_notional", "fee_per_share", "min_fee", "borrow_rate"):
        _require(instrument, name, getattr(instrument, name) >= 0, "It must be 0 or more.")
    for name in ("maker_fee", "taker_fee"):
        _require(instrument, name, abs(getattr(instrument, name)) < 1, "Write 0.05 % as 0.0005.")
    _require(instrument, "liquidation_fee", 0 <= instrument.liquidation_fee < 1, "Write 1 % as 0.01.")
    _require(instrument, "max_leverage", instrument.max_leverage >= 1, "It must be 1 or more.")
    most = instrument.max_quantity
    _require(instrument, "max_quantity", most is None or most >= instrument.min_quantity, "Raise it to min_quantity.")
    short_spot = instrument.shortable and instrument.asset_class == AssetClass.SPOT
    _require(instrument, "shortable", not short_spot, "A spot holding cannot be sold short: set it to False.")
    fault = ladder_fault(instrument.margin_tiers)
    if fault:
        raise field_fault(instrument, "margin_tiers", fault, "Correct the ladder.")


def _require(instrument: Instrument, name: str, kept: bool, mend: str) -> None:
    if not kept:
        raise field_fault(instrument, name, f"{getattr(instrument, name)} is out of bounds", mend)


def field_fault(instrument: Instrument, name: str, fact: str, mend: str) -> ConfigError:
    """Error that names the field of an instrument."""
    return ConfigError(fact, place=f"instrument {instrument.symbol} {name}", mend=mend)
