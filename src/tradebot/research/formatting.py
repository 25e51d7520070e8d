"""How figures are written for people, in the terminal and in reports alike."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from tradebot.research.statistics.definitions import Unit

UNDEFINED = "–"
MINUS = "−"


def write_number(value: float, unit: Unit, *, signed: bool = False) -> str:
    """A figure as text: grouped thousands, a true minus sign, a dash where it is undefined.

    Parameters
    ----------
    value : the figure; fractions for ``percent``.
    unit : what it counts.
    signed : whether gains carry a plus sign.
    """
    if math.isnan(value):
        return UNDEFINED
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    sign = "+" if signed else ""
    match unit:
        case "count":
            text = f"{value:{sign},.0f}"
        case "percent":
            text = _percent(value * 100.0, sign)
        case "days":
            return write_duration(value * 24.0)
        case "hours":
            return write_duration(value)
        case "bars":
            text = f"{value:{sign},.1f}"
        case "money" | "ratio":
            text = f"{value:{sign},.2f}"
    return _without_negative_zero(text).replace("-", MINUS)


def _percent(value: float, sign: str) -> str:
    digits = 2 if abs(value) < 1_000 else 0
    return f"{value:{sign},.{digits}f} %" if abs(value) < 1e9 else f"{value:{sign}.2e} %"


def _without_negative_zero(text: str) -> str:
    return text.removeprefix("-") if text.startswith("-") and not any(c in "123456789" for c in text) else text


def write_duration(hours: float) -> str:
    """Hours as the two largest units that matter: ``3 d 4 h``, ``2 h 5 min``, ``41 s``; a dash where undefined."""
    if math.isnan(hours):
        return UNDEFINED
    seconds = round(hours * 3600.0)
    if seconds < 60:
        return f"{seconds} s"
    minutes, seconds = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes} min {seconds} s" if seconds else f"{minutes} min"
    whole_hours, minutes = divmod(minutes, 60)
    if whole_hours < 24:
        return f"{whole_hours} h {minutes} min" if minutes else f"{whole_hours} h"
    days, whole_hours = divmod(whole_hours, 24)
    if days >= 100 or not whole_hours:
        return f"{days:,} d"
    return f"{days} d {whole_hours} h"


def write_time(ns: int) -> str:
    """int64 ns UTC as ``2025-05-04 13:45``, with seconds where they are not zero."""
    moment = datetime.fromtimestamp(ns // 1_000_000_000, tz=UTC)
    return moment.strftime("%Y-%m-%d %H:%M:%S" if moment.second else "%Y-%m-%d %H:%M")


def write_params(params: dict[str, object]) -> str:
    """Parameters of a strategy as ``fast=10, slow=30``."""
    return ", ".join(f"{name}={value}" for name, value in params.items())
