"""Instruments: what is traded, in which steps, and at what cost."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Final, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from tradebot.core import venue_facts as facts
from tradebot.core.asset_class import AssetClass
from tradebot.core.decimals import exact
from tradebot.core.errors import ConfigError, did_you_mean
from tradebot.core.instrument_checks import check_fields, coerce_fields, field_fault
from tradebot.core.margin import MarginTier, margin_table

if TYPE_CHECKING:
    from tradebot_native import InstrumentSpec

__all__ = ["VENUES", "AssetClass", "Instrument", "MarginTier", "Rounding", "instrument_for"]

Rounding = Literal["nearest", "up", "down"]

_ROUNDING: Final = {"nearest": ROUND_HALF_UP, "up": ROUND_CEILING, "down": ROUND_FLOOR}
_ZERO: Final = Decimal(0)


class Instrument(msgspec.Struct, frozen=True, kw_only=True):
    """What is traded: its steps, its limits and its costs.

    Rates are fractions (0.0005 is 0.05 %) and amounts are in the quote currency. Make one by hand, or take
    a venue's documented defaults with :func:`instrument_for`; change a part with
    ``msgspec.structs.replace(instrument, taker_fee=Decimal("0.0004"))``.

    Parameters
    ----------
    symbol, venue : the venue's own name of the market, and the venue: together they are unique.
    asset_class : spot, perpetual, equity or option.
    base, quote : what is bought, and what is paid.
    tick_size : step of prices; positive.
    lot_size : step of quantities; positive.
    min_quantity, max_quantity : bounds of one order; ``None`` means no upper bound.
    min_notional : least price * quantity * multiplier of one order.
    multiplier : quote currency per point and unit.
    maker_fee, taker_fee : fees as fractions of the notional; a negative maker fee is a rebate.
    fee_per_share, min_fee : fee for each unit, and the least fee of one order.
    max_leverage : highest leverage of any position; at least 1.
    margin_tiers : ladder of margin rules in rising order of notional, the first at 0; empty means one tier at
        ``max_leverage`` with half its initial margin as maintenance.
    liquidation_fee : fraction of the notional taken when a position is liquidated.
    borrow_rate : annual fee on the notional of a short.
    shortable : whether the instrument may be sold short; a spot instrument may not.
    calendar : name of the trading calendar (``"XNYS"``); ``None`` trades around the clock.

    Raises
    ------
    ConfigError : a field is out of its bounds; the message names it.
    """

    symbol: str
    venue: str
    asset_class: AssetClass
    base: str
    quote: str
    tick_size: Decimal
    lot_size: Decimal
    min_quantity: Decimal = _ZERO
    max_quantity: Decimal | None = None
    min_notional: Decimal = _ZERO
    multiplier: Decimal = Decimal(1)
    maker_fee: Decimal = _ZERO
    taker_fee: Decimal = _ZERO
    fee_per_share: Decimal = _ZERO
    min_fee: Decimal = _ZERO
    max_leverage: Decimal = Decimal(1)
    margin_tiers: tuple[MarginTier, ...] = ()
    liquidation_fee: Decimal = _ZERO
    borrow_rate: Decimal = _ZERO
    shortable: bool = True
    calendar: str | None = None

    def __post_init__(self) -> None:
        if not self.symbol:
            raise ConfigError("the symbol is empty", place="instrument.symbol", mend="Give the venue's name of it.")
        coerce_fields(self)
        check_fields(self)

    @classmethod
    def binance_perpetual(cls, symbol: str) -> Instrument:
        """A Binance USD-M perpetual with the fees of a regular user: 0.02 % maker, 0.05 % taker."""
        base, quote = facts.split_pair(symbol)
        tick_size, lot_size, min_notional = facts.PERPETUAL_STEPS.get(symbol, facts.UNLISTED)
        tiers = facts.MARGIN_LADDERS.get(symbol, facts.UNLISTED_LADDER)
        return cls(
            symbol=symbol,
            venue="binance_usdm",
            asset_class=AssetClass.PERPETUAL,
            base=base,
            quote=quote or "USDT",
            tick_size=tick_size,
            lot_size=lot_size,
            min_quantity=lot_size,
            min_notional=min_notional,
            maker_fee=facts.PERPETUAL_FEES.maker,
            taker_fee=facts.PERPETUAL_FEES.taker,
            max_leverage=tiers[0].max_leverage,
            margin_tiers=tiers,
            liquidation_fee=facts.LIQUIDATION_FEES.get(symbol, facts.UNLISTED_LIQUIDATION_FEE),
        )

    @classmethod
    def binance_spot(cls, symbol: str) -> Instrument:
        """A Binance spot pair with the fees of a regular user: 0.1 % maker and taker."""
        steps = facts.SPOT_STEPS.get(symbol, facts.UNLISTED_SPOT)
        return cls._spot(symbol, "binance_spot", "USDT", steps, facts.SPOT_FEES)

    @classmethod
    def coinbase_spot(cls, symbol: str) -> Instrument:
        """A Coinbase Advanced spot pair with the fees of the entry tier: 0.4 % maker, 0.6 % taker."""
        steps = facts.COINBASE_STEPS.get(symbol, facts.UNLISTED_COINBASE)
        return cls._spot(symbol, "coinbase", "USD", steps, facts.COINBASE_FEES)

    @classmethod
    def us_equity(cls, symbol: str) -> Instrument:
        """A US stock or fund at 0.005 a share (1.00 an order at least) and 0.25 % a year to borrow."""
        tick_size, lot_size, min_notional = facts.EQUITY_STEPS
        return cls(
            symbol=symbol,
            venue="us_equity",
            asset_class=AssetClass.EQUITY,
            base=symbol,
            quote="USD",
            tick_size=tick_size,
            lot_size=lot_size,
            min_quantity=lot_size,
            min_notional=min_notional,
            fee_per_share=facts.EQUITY_FEE_PER_SHARE,
            min_fee=facts.EQUITY_MIN_FEE,
            max_leverage=facts.EQUITY_MAX_LEVERAGE,
            borrow_rate=facts.EQUITY_BORROW_RATE,
            calendar="XNYS",
        )

    @classmethod
    def mock(cls, symbol: str = "MOCKUSDT") -> Instrument:
        """A market of the built-in mock venue: a perpetual in cents with Binance's fees."""
        like = cls.binance_perpetual(symbol)
        return msgspec.structs.replace(like, venue="mock", tick_size=Decimal("0.01"), max_leverage=Decimal(50))

    @classmethod
    def _spot(cls, symbol: str, venue: str, default_quote: str, steps: facts.Steps, fees: facts.Rates) -> Instrument:
        base, quote = facts.split_pair(symbol)
        return cls(
            symbol=symbol,
            venue=venue,
            asset_class=AssetClass.SPOT,
            base=base,
            quote=quote or default_quote,
            tick_size=steps.tick_size,
            lot_size=steps.lot_size,
            min_quantity=steps.lot_size,
            min_notional=steps.min_notional,
            maker_fee=fees.maker,
            taker_fee=fees.taker,
            shortable=False,
        )

    @property
    def id(self) -> str:
        """Symbol and venue in one unique name: ``BTCUSDT@binance_usdm``."""
        return f"{self.symbol}@{self.venue}"

    @property
    def costless(self) -> bool:
        """Whether trading it costs no fee at all, which a report must say."""
        return not (self.maker_fee or self.taker_fee or self.fee_per_share or self.min_fee)

    def snap_price(self, price: Decimal | float | str, mode: Rounding = "nearest") -> Decimal:
        """The price on the tick grid; halves round away from zero, ``up`` and ``down`` follow the number line.

        A float is read at 15 significant digits, all that a double holds exactly, so that ``0.1 + 0.2`` is 0.3.
        """
        ticks = (exact(price) / self.tick_size).to_integral_value(_ROUNDING[mode])
        return ticks * self.tick_size

    def snap_quantity(self, quantity: Decimal | float | str) -> Decimal:
        """The quantity on the lot grid, rounded toward zero so that an order never grows."""
        lots = (exact(quantity) / self.lot_size).to_integral_value(ROUND_DOWN)
        return lots * self.lot_size

    def native(self, *, sessions: NDArray[np.int64] | None = None, extended_hours: bool = False) -> InstrumentSpec:
        """The instrument in the form the simulated exchange takes.

        Parameters
        ----------
        sessions : trading sessions as int64 ns UTC, shape (n, 2), open and close; ``None`` trades around the clock.
        extended_hours : whether orders may also fill outside the sessions.

        Raises
        ------
        ConfigError : the asset class cannot be simulated.
        """
        if self.asset_class == AssetClass.OPTION:
            raise field_fault(self, "asset_class", "options are not simulated", "Use spot, perpetual or equity.")
        from tradebot_native import InstrumentSpec  # a late import: most of a process never simulates

        return InstrumentSpec(
            self.symbol,
            kind=self.asset_class.value,
            tick_size=float(self.tick_size),
            lot_size=float(self.lot_size),
            min_quantity=float(self.min_quantity),
            max_quantity=float("inf") if self.max_quantity is None else float(self.max_quantity),
            min_notional=float(self.min_notional),
            multiplier=float(self.multiplier),
            maker_fee=float(self.maker_fee),
            taker_fee=float(self.taker_fee),
            fee_per_share=float(self.fee_per_share),
            min_fee=float(self.min_fee),
            margin_tiers=margin_table(self._tiers(), self.max_leverage),
            liquidation_fee=float(self.liquidation_fee),
            borrow_rate=float(self.borrow_rate),
            shortable=self.shortable,
            sessions=sessions,
            extended_hours=extended_hours,
        )

    def _tiers(self) -> tuple[MarginTier, ...]:
        if self.asset_class != AssetClass.PERPETUAL:
            return ()
        return self.margin_tiers or (MarginTier(_ZERO, self.max_leverage, 1 / self.max_leverage / 2),)


VENUES: Final[dict[str, Callable[[str], Instrument]]] = {
    "binance_usdm": Instrument.binance_perpetual,
    "binance_spot": Instrument.binance_spot,
    "coinbase": Instrument.coinbase_spot,
    "us_equity": Instrument.us_equity,
    "mock": Instrument.mock,
}
"""Venues with documented defaults, by name."""


def instrument_for(symbol: str, venue: str) -> Instrument:
    """Instrument with the documented defaults of its venue.

    Parameters
    ----------
    symbol : the venue's own name of the market.
    venue : ``binance_usdm``, ``binance_spot``, ``coinbase``, ``us_equity`` or ``mock``.

    Raises
    ------
    ConfigError : the venue is unknown.
    """
    make = VENUES.get(venue)
    if make is None:
        raise ConfigError(
            f'"{venue}" is not a known venue',
            place="venue",
            mend=did_you_mean(venue, VENUES) or f"Known are {', '.join(VENUES)}.",
        )
    return make(symbol)
