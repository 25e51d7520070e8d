"""The markets of a live run as a policy or a risk rule sees them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tradebot_native import Bar, Quote

    from tradebot.engine.decider import Decider


class LiveSnapshot:
    """Latest bars and quotes; it moves with the run.

    Attributes
    ----------
    ts : time of the latest event, int64 ns UTC.
    quotes : the latest quote of each market that has had one.
    """

    def __init__(self, deciders: Mapping[str, Decider]) -> None:
        self._deciders = deciders
        self.ts = 0
        self.quotes: dict[str, Quote] = {}

    def bar(self, symbol: str, /) -> Bar | None:
        """Latest closed bar of a market; ``None`` before its first."""
        return self._deciders[symbol].bars.last

    def quote(self, symbol: str, /) -> Quote | None:
        """Latest quote of a market; ``None`` where none was seen."""
        return self.quotes.get(symbol)
