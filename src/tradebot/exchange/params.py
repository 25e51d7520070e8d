"""Parameters of a request, read one by one; what is missing or malformed is refused with Binance's code."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from decimal import Decimal, InvalidOperation
from typing import Final

from tradebot.exchange.orders import ZERO
from tradebot.exchange.refusals import Refusal

FUTURES_IDS: Final = r"^[\.A-Z\:/a-z0-9_-]{1,36}$"
SPOT_IDS: Final = "^[a-zA-Z0-9-_]{1,36}$"
"""The legal ranges of client ids, as the venue's refusals tell them."""
_LONGEST_CLIENT_ID: Final = 36
_LARGEST_EXPONENT: Final = 18
_DAY_MS: Final = 86_400_000
_LATEST_MS: Final = 9_000_000_000_000  # what int64 nanoseconds hold


class Params:
    """The parameters of one request."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def __contains__(self, name: str) -> bool:
        return bool(self._values.get(name))

    def text(self, name: str, default: str | None = None) -> str:
        """A word; refused when it is missing and there is no default."""
        value = self._values.get(name, "")
        if value:
            return value
        if default is None:
            raise Refusal(-1102, name=name)
        return default

    def word(self, name: str, choices: tuple[str, ...], code: int, default: str | None = None) -> str:
        """One of some words; any other is refused with ``code``."""
        value = self.text(name, default)
        if value not in choices:
            raise Refusal(code, name=name)
        return value

    def decimal(self, name: str, *, needed: bool = False) -> Decimal:
        """A number; zero when it is missing and not needed."""
        if name not in self and not needed:
            return ZERO
        try:
            number = Decimal(self.text(name))
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or abs(number.adjusted()) > _LARGEST_EXPONENT:
            raise Refusal(-1102, name=name)
        return number

    def integer(self, name: str, default: int | None = None) -> int | None:
        """A whole number."""
        if name not in self:
            return default
        try:
            return int(self.text(name))
        except ValueError:
            raise Refusal(-1102, name=name) from None

    def needed_integer(self, name: str) -> int:
        """A whole number that must be there."""
        number = self.integer(name)
        if number is None:
            raise Refusal(-1102, name=name)
        return number

    def moment(self, name: str) -> int:
        """A time in milliseconds; zero when it is missing."""
        moment = self.integer(name, 0) or 0
        if not 0 <= moment <= _LATEST_MS:
            raise Refusal(-1102, name=name)
        return moment

    def window(self, now: int, days: int) -> tuple[int, int]:
        """Times that a look-up covers, in milliseconds; where it names neither end, the last days.

        Raises
        ------
        Refusal : it covers more than so many days.
        """
        longest = days * _DAY_MS
        end = self.integer("endTime")
        start = self.integer("startTime", (now if end is None else end) - longest) or 0
        end = start + longest if end is None else end
        if end - start > longest:
            raise Refusal(-1127, hours=24 * days)
        return start, end

    def boolean(self, name: str) -> bool:
        """A truth value; false when it is missing."""
        return self.text(name, "false").lower() == "true"

    def symbols(self, known: Collection[str]) -> list[str]:
        """The symbol it names, or, where it names none, every known one.

        Raises
        ------
        Refusal : it is not traded here.
        """
        if "symbol" not in self:
            return list(known)
        symbol = self.text("symbol")
        if symbol not in known:
            raise Refusal(-1121)
        return [symbol]

    def client_id(self, name: str, default: str, legal: str = FUTURES_IDS) -> str:
        """A client's own id of an order, within a legal range."""
        value = self.text(name, default)
        if len(value) > _LONGEST_CLIENT_ID:
            raise Refusal(-4015)
        if not re.fullmatch(legal, value):
            raise Refusal(-1100, name=name, legal=legal)
        return value
