"""Kinds of values a document holds: numbers as decimals, symbols, intervals, times."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Final, Never

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from tradebot.core.errors import TradebotError
from tradebot.core.instant import to_ns
from tradebot.core.interval import Interval

_LONGEST_SHOWN: Final = 60
# Patterns of the JSON Schema; what they leave open (whether a length is an interval's) only the validator knows.
_SYMBOL: Final = r"[\p{L}\p{N}./_-]*[\p{L}\p{N}][\p{L}\p{N}./_-]*"
INTERVAL: Final = r"^\s*0*[1-9][0-9]*\s*[smhdwMSHDW]\s*$"
_TIME: Final = (
    r"(1[789]|2[01])[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?(Z|[+-][01][0-9]:[0-5][0-9])?)?"
)
_ROLE: Final = "[A-Za-z]+"


class Section(BaseModel):
    """A part of the document: no key but those declared, and no change once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def refuse(fact: str, mend: str) -> Never:
    """Refuse the value being validated."""
    raise PydanticCustomError("ours", "{fact}", {"fact": fact, "mend": mend})


def quoted(text: str) -> str:
    """Text as it stands in JSON, for a message: on one line, and cut where it is long."""
    written = json.dumps(text, ensure_ascii=not text.isprintable())
    return written if len(written) <= _LONGEST_SHOWN else f'{written[:_LONGEST_SHOWN]}…"'


def shown(value: Any) -> str:
    """A value as it stands in JSON, for a message."""
    if isinstance(value, str):
        return quoted(value)
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
    return Decimal(str(value))


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
        refuse(f"{shown(value)} is not a symbol", "Write it as BTCUSDT or SPY.")
    return value.upper()


def _interval(value: Any) -> Any:
    if not isinstance(value, str):
        refuse(f"{shown(value)} is not an interval", "Write it as 1m, 4h or 1d.")
    try:
        Interval.parse(value)
    except TradebotError:
        refuse(f"{shown(value)} is not an interval", "Write it as 1m, 5m, 15m, 30m, 1h, 4h or 1d.")
    return value


def _time(value: Any) -> Any:
    try:
        # The pattern first: what is none of it is no time, whatever else reads it.
        to_ns(value if isinstance(value, str) and re.fullmatch(_TIME, value) else "")
    except TradebotError:
        refuse(f"{shown(value)} is not a time", "Write it as 2025-05-04 or 2025-05-04T12:00.")
    return value


def _role(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(_ROLE, value):
        refuse(f"{shown(value)} is not a role", "Write it as HTF or LTF.")
    return value


# Bounds of an optional number stand before the validator, inside the option: there the JSON Schema sees them.
NUMBER: Final = BeforeValidator(_number)
Number = Annotated[Decimal, NUMBER]
Positive = Annotated[Decimal, Field(gt=0), NUMBER]
Whole = Annotated[int, BeforeValidator(_whole)]
Count = Annotated[int, Field(ge=1), BeforeValidator(_whole)]
Text = Annotated[str, Field(min_length=1)]
Symbol = Annotated[str, BeforeValidator(_symbol), WithJsonSchema({"type": "string", "pattern": f"^{_SYMBOL}$"})]
IntervalText = Annotated[str, BeforeValidator(_interval), WithJsonSchema({"type": "string", "pattern": INTERVAL})]
SymbolList = Annotated[list[Symbol], Field(min_length=1)]
IntervalList = Annotated[list[IntervalText], Field(min_length=1)]
TimeText = Annotated[str, BeforeValidator(_time), WithJsonSchema({"type": "string", "pattern": f"^{_TIME}$"})]
Role = Annotated[str, BeforeValidator(_role), WithJsonSchema({"type": "string", "pattern": f"^{_ROLE}$"})]
