"""Wishes that can never come true, told before the run or right after it rather than as an empty result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tradebot.core.errors import ConfigError, OrderError, SizingError, StrategyError
from tradebot.sizing import FixedQuantity

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tradebot.core.bar import BarArray
    from tradebot.core.instrument import Instrument
    from tradebot.core.protocols import Sizer
    from tradebot.engine.outcome import RunOutcome
    from tradebot.strategies.registry import Kind

_TOO_SMALL: Final = frozenset({"lot", "min_quantity", "min_notional", "size_too_small", "stop_too_small"})
_MENDS: Final = {
    "max_quantity": "Lower the size by --sizer.",
    "insufficient_margin": "Lower the size by --sizer, or raise --cash or --leverage.",
    "insufficient_position": "A spot market sells only what is held.",
    "not_shortable": "The market cannot be sold short; trade it long, or another kind of it by --venue.",
    "market_closed": "The bars lie outside the market's sessions.",
    "invalid_signal": "Check on which side it puts stop and target, and that it has a stop where the sizer is by risk.",
}


def check_target(option: str, file: Path | None, suffixes: tuple[str, ...]) -> None:
    """Refuse a file name before the run rather than after it.

    Raises
    ------
    ConfigError : it ends otherwise than it should, or is a folder.
    """
    if file is None:
        return
    if file.suffix.lower() not in suffixes:
        raise ConfigError(f'"{file}" does not end in {" or ".join(suffixes)}', place=option, mend="Rename it.")
    if file.is_dir():
        raise ConfigError(f'"{file}" is a folder', place=option, mend="Give the name of a file in it.")


def check_hears_bars(strategy: Kind) -> None:
    """Refuse a strategy that would sit through a run of bars without being asked.

    Raises
    ------
    StrategyError : it decides on ticks or quotes alone.
    """
    if not any(map(strategy.implements, ("on_bar", "rules", "decide"))):
        fact = "it decides on ticks or quotes, and this run is driven by bars"
        raise StrategyError(fact, place=strategy.name, mend="Give it on_bar(self, bar) or rules(self, bars).")


def check_no_sizer(strategy: Kind, sizer: Sizer | None) -> None:
    """Refuse a sizer that nobody would ask.

    Raises
    ------
    ConfigError : one is given for a policy.
    """
    if sizer is not None and "policy" in strategy.forms():
        mend = "Leave it out; its parameters say how much it trades."
        raise ConfigError(f"the policy {strategy.name} sizes its own orders", place="--sizer", mend=mend)


def check_sizer(sizer: Sizer | None, markets: Sequence[BarArray]) -> None:
    """Refuse a fixed quantity that a market's steps cannot hold.

    Raises
    ------
    SizingError : naming market, quantity and the bound it breaks.
    """
    if not isinstance(sizer, FixedQuantity):
        return
    for market in markets:
        instrument, wanted = market.instrument, sizer.quantity
        held = instrument.snap_quantity(wanted)
        if held == 0 or held < instrument.min_quantity:
            least = max(instrument.lot_size, instrument.min_quantity)
            fact = f"{wanted:g} is below the least order of {instrument.symbol}, {least}"
            raise SizingError(fact, place="--sizer fixed", mend=f"Give {least} or more.")
        if instrument.max_quantity is not None and held > instrument.max_quantity:
            fact = f"{wanted:g} is above the largest order of {instrument.symbol}, {instrument.max_quantity}"
            raise SizingError(fact, place="--sizer fixed", mend=f"Give {instrument.max_quantity} or less.")


def check_any_fill(outcome: RunOutcome) -> None:
    """Refuse a run whose every order was rejected: its result says nothing of the strategy.

    Raises
    ------
    OrderError : with the count by reason, and what to change.
    """
    if len(outcome.fills["ts"]) or not outcome.rejections:
        return
    counts = sorted(outcome.rejections.items(), key=lambda item: -item[1])
    told = ", ".join(f"{reason} {count:,}" for reason, count in counts)
    raise OrderError(
        f"not one order was filled; rejected were {told}",
        place=f"{outcome.strategy} on {', '.join(outcome.symbols)}",
        mend=_mend(counts[0][0], [bars.instrument for bars in outcome.bars]),
    )


def _least_order(instrument: Instrument) -> str:
    quantity = max(instrument.lot_size, instrument.min_quantity)
    return f"{instrument.symbol} trades {quantity} and {instrument.min_notional} {instrument.quote} at least"


def _mend(reason: str, instruments: Sequence[Instrument]) -> str:
    if reason in _TOO_SMALL:
        least = "; ".join(map(_least_order, instruments))
        return f"Raise --cash or the size by --sizer: {least}."
    return _MENDS.get(reason, "Loosen --limit." if reason.startswith("max_") else "")
