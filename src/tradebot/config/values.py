"""Kinds of values a document holds: numbers as decimals, symbols, intervals, times."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Never

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic_core import PydanticCustomError

from tradebot.core.errors import TradebotError
from tradebot.core.instant import to_ns
from tradebot.core.interval import Interval


class Section(BaseModel):
    """A part of the document: no key but those declared, and no change once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def refuse(fact: str, mend: str) -> Never:
    """Refuse the value being validated."""
    raise PydanticCustomError("ours", "{fact}", {"fact": fact, "mend": mend})


def shown(value: Any) -> str:
    """A value as it stands in JSON, for a message."""
    if isinstance(value, str):
        return f'"{value}"'
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "an object"
    return "a list" if isinstance(value, list) else f"{value}"


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        refuse(f"{shown(value)} is not a number", "Write a number, without quotes.")
    number = Decimal(str(value))
    if not number.is_finite():
        refuse(f"{value} is not a number", "Write a finite number.")
    return number


def _whole(value: Any) -> Any:
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        refuse(f"{shown(value)} is not a whole number", "Write a whole number.")
    return value


def _symbol(value: Any) -> Any:
    if not isinstance(value, str) or not value.strip():
        refuse(f"{shown(value)} is not a symbol", "Write it as BTCUSDT or SPY.")
    if not value.replace("-", "").replace("/", "").replace(".", "").replace("_", "").isalnum():
        refuse(f'"{value}" is not a symbol', "Write it as BTCUSDT or SPY.")
    return value.strip().upper()


def _interval(value: Any) -> Any:
    if not isinstance(value, str):
        refuse(f"{value} is not an interval", "Write it as 1m, 4h or 1d.")
    try:
        Interval.parse(value)
    except TradebotError:
        refuse(f'"{value}" is not an interval', "Write it as 1m, 5m, 15m, 30m, 1h, 4h or 1d.")
    return value


def _time(value: Any) -> Any:
    if not isinstance(value, str):
        refuse(f"{value} is not a time", "Write it as 2025-05-04 or 2025-05-04T12:00.")
    try:
        to_ns(value)
    except TradebotError:
        refuse(f'"{value}" is not a time', "Write it as 2025-05-04 or 2025-05-04T12:00.")
    return value


Number = Annotated[Decimal, BeforeValidator(_number)]
Whole = Annotated[int, BeforeValidator(_whole)]
Symbol = Annotated[str, BeforeValidator(_symbol)]
IntervalText = Annotated[str, BeforeValidator(_interval)]
TimeText = Annotated[str, BeforeValidator(_time)]
