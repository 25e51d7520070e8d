"""What a local exchange is made of."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from tradebot.core.errors import ConfigError
from tradebot.core.instrument import AssetClass, Instrument
from tradebot.core.interval import HOUR, Interval
from tradebot.core.order import Slippage
from tradebot.exchange.faults import Fault

DEMO_KEY: Final = "tradebot-local-exchange-demo-key"
DEMO_SECRET: Final = "tradebot-local-exchange-demo-secret"  # noqa: S105 - it opens nothing but a local simulation


class RateLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Budgets of a client, as exchangeInfo tells them.

    Parameters
    ----------
    weight_per_minute : request weight of an address.
    orders_per_10s, orders_per_minute, orders_per_day : orders of an account; 0 for no such budget.
    strikes : answers 429 within a minute after which the address is banned (418).
    ban : length of a first ban in seconds; each further one doubles, up to three days.
    """

    weight_per_minute: int = 2400
    orders_per_10s: int = 300
    orders_per_minute: int = 1200
    orders_per_day: int = 0
    strikes: int = 10
    ban: int = 120


SPOT_LIMITS: Final = RateLimits(
    weight_per_minute=6_000, orders_per_10s=100, orders_per_minute=0, orders_per_day=200_000
)


class FundingSchedule(msgspec.Struct, frozen=True):
    """Funding payments: times (int64 ns UTC, ascending), rates, and mark prices where known (else NaN)."""

    ts: NDArray[np.int64]
    rate: NDArray[np.float64]
    mark: NDArray[np.float64] | None = None

    @classmethod
    def constant(cls, start: int, rate: float = 0.0001, *, payments: int = 6000) -> FundingSchedule:
        """One rate at 00, 08 and 16 o'clock UTC from ``start`` on; 6,000 payments last five years."""
        first = -(-start // (8 * HOUR))
        ts = np.arange(first, first + payments, dtype=np.int64) * (8 * HOUR)
        return cls(ts, np.full(payments, rate))


class ExchangeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What is traded, by whom, and how orders are matched.

    Parameters
    ----------
    instruments : the perpetuals, or the spot pairs, all in one quote currency.
    cash : money at the start.
    leverage : of every symbol until the client sets another.
    interval : shortest candle; events of bars must have it.
    matching : ``at_once`` fills a market order at the present price, ``next_price`` at the next one, as in a backtest.
    path, touch, participation, slippage : as in the simulated exchange.
    funding : payments by symbol.
    key, secret : of the one account.
    limits : request and order budgets; those of the market unless given.
    balances : of spot: coins at the start.
    commission : of spot: whether fees are ``received`` from what a trade brings in, or paid in ``bnb``.
    bnb_price : what a BNB is worth where it is not traded here.
    listen_key_minutes : life of a listenKey that is not kept alive.
    stream_hours : life of a websocket.
    seed : of everything random: injected faults.
    faults : what goes wrong from the start.

    Raises
    ------
    ConfigError : a field is out of its bounds; the message names it.
    """

    instruments: tuple[Instrument, ...]
    cash: Decimal = Decimal(10_000)
    leverage: int = 20
    interval: Interval = Interval(1, "m")
    matching: Literal["at_once", "next_price"] = "at_once"
    path: str = "pessimistic"
    touch: bool = True
    participation: float | None = None
    slippage: Slippage | None = None
    funding: Mapping[str, FundingSchedule] = {}
    key: str = DEMO_KEY
    secret: str = DEMO_SECRET
    limits: RateLimits | None = None
    balances: Mapping[str, Decimal] = {}
    commission: Literal["received", "bnb"] = "received"
    bnb_price: Decimal = Decimal(600)
    listen_key_minutes: float = 60.0
    stream_hours: float = 24.0
    seed: int = 0
    faults: tuple[Fault, ...] = ()

    def __post_init__(self) -> None:
        if not self.instruments:
            raise ConfigError("nothing is traded", place="exchange.instruments", mend="Name at least one symbol.")
        symbols = [instrument.symbol for instrument in self.instruments]
        for symbol in symbols:
            if symbols.count(symbol) > 1:
                raise ConfigError(f"{symbol} comes twice", place="exchange.instruments", mend="Name it once.")
        kinds = {instrument.asset_class for instrument in self.instruments}
        if kinds not in ({AssetClass.PERPETUAL}, {AssetClass.SPOT}):
            raise ConfigError(
                f"an exchange of {', '.join(sorted(kinds))} is none that is known",
                place="exchange.instruments",
                mend="Use USD-M perpetuals alone, or spot pairs alone.",
            )
        traded = {instrument.base for instrument in self.instruments} | {"BNB"}
        if self.balances and (not self.is_spot or self.balances.keys() - traded):
            fact = f"{', '.join(sorted(self.balances))} cannot be held here"
            raise ConfigError(fact, place="exchange.balances", mend="Name coins of the spot pairs.")
        if len({instrument.quote for instrument in self.instruments}) > 1:
            raise ConfigError(
                "the markets have different quote currencies",
                place="exchange.instruments",
                mend="Run one exchange for each.",
            )
        if self.cash <= 0:
            raise ConfigError(f"{self.cash} is not positive", place="exchange.cash", mend="Give the account money.")

    @property
    def asset(self) -> str:
        """The one margin asset."""
        return self.instruments[0].quote

    @property
    def is_spot(self) -> bool:
        """Whether coins are traded, and not perpetuals."""
        return self.instruments[0].asset_class == AssetClass.SPOT

    @property
    def budgets(self) -> RateLimits:
        """Request and order budgets."""
        return self.limits or (SPOT_LIMITS if self.is_spot else RateLimits())

    @property
    def endowment(self) -> dict[str, Decimal]:
        """Coins at the start, by the market they are sold in."""
        found = {each.symbol: self.balances.get(each.base, Decimal(0)) for each in self.instruments}
        return {symbol: quantity for symbol, quantity in found.items() if quantity}

    @property
    def matched(self) -> tuple[Instrument, ...]:
        """The instruments as the simulated exchange has them: it takes no fee that is taken in coins."""
        if not self.is_spot or self.commission == "bnb":
            return self.instruments
        free = Decimal(0)
        return tuple(msgspec.structs.replace(each, maker_fee=free, taker_fee=free) for each in self.instruments)
