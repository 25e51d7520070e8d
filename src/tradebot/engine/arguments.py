"""Arguments of a run that are of another kind than asked for, told by their own names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import tradebot_native as native

from tradebot.core.bar import BarArray
from tradebot.core.errors import ConfigError, DataError
from tradebot.risk import Protection, RiskLimits


def check_bars(name: str, value: object) -> None:
    """Refuse what is neither bars nor several of them.

    Raises
    ------
    DataError : naming the argument and what it is.
    """
    many: Sequence[Any] = cast("Sequence[Any]", value) if isinstance(value, list | tuple) else (value,)
    for each in many:
        if not isinstance(each, BarArray):
            mend = "Read a file with tradebot.read_bars(path), or give a BarArray for each market."
            raise DataError(f"{_kind(each)} is no BarArray", place=name, mend=mend)


def check_settings(*, cash: object, sizer: object, risk: object, protection: object, slippage: object) -> None:
    """Refuse settings of the wrong kind; their values are checked where they are used.

    Raises
    ------
    ConfigError : naming the argument, what it is, and what it should be.
    """
    if isinstance(cash, bool) or not isinstance(cash, int | float):
        raise ConfigError(f"{_kind(cash)} is not a number", place="cash", mend="Write it as 10_000.0.")
    if sizer is not None and not callable(getattr(sizer, "size", None)):
        raise ConfigError(
            f"{_kind(sizer)} sizes nothing", place="sizer", mend="Give FractionOfEquity(0.5), or the like."
        )
    wanted: tuple[tuple[str, object, type, str], ...] = (
        ("risk", risk, RiskLimits, "RiskLimits(max_drawdown=0.2)"),
        ("protection", protection, Protection, "Protection(stop_loss_pct=0.05)"),
        ("slippage", slippage, native.Slippage, "Slippage.bps(2)"),
    )
    for name, value, kind, example in wanted:
        if value is not None and not isinstance(value, kind):
            raise ConfigError(f"{_kind(value)} is no {kind.__name__}", place=name, mend=f"Give {example}, or the like.")


def _kind(value: object) -> str:
    return "None" if value is None else f"a {type(value).__name__}"
