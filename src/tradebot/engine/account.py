"""What every simulated run is set up with and reports about: money, models, the native trader."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import tradebot_native as native

from tradebot.core.asset_class import AssetClass
from tradebot.core.errors import ConfigError
from tradebot.engine.outcome import Assumptions, Costs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tradebot.core.instrument import Instrument
    from tradebot.core.protocols import Sizer
    from tradebot.risk import Protection, RiskLimits


_FREE: Final = native.Slippage.none()


@dataclass(frozen=True, slots=True)
class Simulation:
    """How fills are simulated; see :class:`tradebot.engine.backtest.Backtest`."""

    fill: str = "next_open"
    path: str = "pessimistic"
    touch: bool = True
    participation: float | None = None
    slippage: native.Slippage = _FREE
    leverage: float = 1.0

    def exchange(self, specs: Sequence[native.InstrumentSpec], cash: float, run_id: str) -> native.SimExchange:
        """A simulated exchange of these instruments whose account holds ``cash``."""
        return native.SimExchange(
            specs,
            cash=cash,
            fill=self.fill,
            path=self.path,
            touch=self.touch,
            participation=self.participation,
            slippage=self.slippage,
            leverage=self.leverage,
            run_id=run_id,
        )

    def assumptions(
        self,
        instruments: Sequence[Instrument],
        form: str,
        magnified: Sequence[str] = (),
        notes: tuple[str, ...] = (),
    ) -> Assumptions:
        """What a report says of the run's fills and costs."""
        return Assumptions(
            fill=self.fill,
            path=self.path,
            touch=self.touch,
            participation=self.participation,
            slippage=str(self.slippage),
            leverage=self.leverage,
            fees="; ".join(dict.fromkeys(_fees(instrument) for instrument in instruments)),
            form=form,
            magnified="; ".join(magnified),
            notes=notes,
            costless=all(instrument.costless for instrument in instruments) and self.slippage.is_free,
        )


def check_leverage(leverage: float, instruments: Sequence[Instrument]) -> None:
    """Refuse a leverage that a market does not give.

    Raises
    ------
    ConfigError : naming market and its highest leverage, or that none of the markets has any.
    """
    if leverage == 1:
        return
    perpetuals = [instrument for instrument in instruments if instrument.asset_class is AssetClass.PERPETUAL]
    if not perpetuals:
        fact = f"{instruments[0].symbol} is {instruments[0].asset_class}, which is traded without"
        raise ConfigError(fact, place="leverage", mend="Leave it out, or take a perpetual by the venue.")
    least = min(perpetuals, key=lambda instrument: instrument.max_leverage)
    # Written so that NaN, which no comparison holds for, is refused too.
    if not 1 <= leverage <= float(least.max_leverage):
        fact = f"{leverage:g} is not in 1..{least.max_leverage}, what {least.symbol} gives"
        raise ConfigError(fact, place="leverage", mend=f"Give {least.max_leverage} or less.")


def trader_of(
    instruments: int, sizer: Sizer, risk: RiskLimits | None, protection: Protection | None = None
) -> tuple[native.Trader, bool]:
    """The native trader, and whether it sizes by itself; else the sizer is asked in Python."""
    rule = getattr(sizer, "native", None)
    limits = None if risk is None else risk.native()
    exits = None if protection is None else protection.native()
    return native.Trader(instruments, rule() if rule else native.Sizing.fixed(1.0), limits, exits), bool(rule)


def costs_of(portfolio: native.Portfolio) -> Costs:
    """What the account has paid so far."""
    return Costs(portfolio.fees, portfolio.slippage, portfolio.funding, portfolio.borrow)


@contextmanager
def config_errors() -> Generator[None]:
    """Turns the native core's refusal of a setting into a :class:`ConfigError` that names it."""
    try:
        yield
    except ValueError as error:
        place, _, fact = str(error).partition(": ")
        raise ConfigError(fact or place, place=place if fact else "backtest") from error


def _fees(instrument: Instrument) -> str:
    parts = [f"{instrument.maker_fee * 100:g} % maker, {instrument.taker_fee * 100:g} % taker"]
    if instrument.fee_per_share:
        parts = [f"{instrument.fee_per_share:g} a unit"]
    if instrument.min_fee:
        parts.append(f"at least {instrument.min_fee:g}")
    return f"{instrument.venue}: {', '.join(parts)}"
