"""The dead man's switch: orders of a market are canceled by Binance if this process is not heard of for a while.

Source: Binance Open Platform, USD-M futures, "Auto-Cancel All Open Orders". Whether it takes conditional orders, among
them the stop of an open position, is not documented. So it is kept alive for flat markets alone.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from tradebot.brokers.binance.rest import BinanceRest, Endpoint

_COUNTDOWN: Final = Endpoint("fapiPrivatePostCountdownCancelAll", 10)


class DeadMan:
    """Countdowns of the markets.

    Parameters
    ----------
    rest : where they are set.
    symbols : the markets.
    seconds : length of a countdown; ``None`` sets none.
    """

    def __init__(self, rest: BinanceRest, symbols: Collection[str], seconds: float | None) -> None:
        self._rest = rest
        self._symbols = symbols
        self._seconds = seconds
        self._held: set[str] = set()
        self._counting: set[str] = set()

    @property
    def beat_s(self) -> float | None:
        """Time between two signs of life; ``None`` where none is wanted."""
        return None if self._seconds is None else self._seconds / 4

    def hold(self, symbols: Collection[str]) -> None:
        """Take it that these markets, and no others, have a position."""
        self._held = set(symbols)

    def held(self, symbol: str, *, is_flat: bool) -> bool:
        """Note whether a market has a position; whether its countdown must be stopped at once."""
        (self._held.discard if is_flat else self._held.add)(symbol)
        return symbol in self._held and symbol in self._counting

    async def beat(self) -> None:
        """Begin the countdowns of flat markets anew, and end those of the others."""
        if self._seconds is None:
            return
        for symbol in self._symbols:
            counts = symbol not in self._held
            if counts or symbol in self._counting:
                length = int(self._seconds * 1000) if counts else 0
                await self._rest.ask(_COUNTDOWN, {"symbol": symbol, "countdownTime": length})
                (self._counting.add if counts else self._counting.discard)(symbol)
