"""Orders that should work and are not shown among those that do: they are asked about before anybody builds on it.

Binance's lists may be behind its matching engine, and each by another time: an order that has just filled can be
missing among the open ones while its trade is not told yet. Whoever sold what it had protected would sell another
hand's coins.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

from tradebot.brokers.binance.arrival import ARRIVED_NS
from tradebot.brokers.binance.names import KnownOrder, OrderNames
from tradebot.brokers.binance.refusals import Unanswered
from tradebot.brokers.binance.rest import BinanceRest
from tradebot.brokers.binance.spot.asking import SpotAsking
from tradebot.brokers.binance.spot.sales import Sales, is_live
from tradebot.core.interval import SECOND

Recorded = Mapping[str, Mapping[str, int]]
"""Names of orders that have not ended on record, by market, each with the time of the latest word on it there, by this
machine's clock, int64 ns UTC."""
NOTHING: Final[Recorded] = MappingProxyType({})
# Lists may show a moment later what has arrived.
_FOUND_NS: Final = ARRIVED_NS + 2 * SECOND
# How long an order may be on record before it leaves: a pause of the budget, and exits that make room for it.
_IN_LINE_NS: Final = 180 * SECOND


class Unshown:
    """Asks about orders that should work and are not shown.

    Parameters
    ----------
    rest, names, asking, sales : the time, whose orders there are, where it is asked, and which are off the venue.
    recorded : what other processes have sent; nobody here knows it before it is met.
    """

    def __init__(
        self,
        rest: BinanceRest,
        names: OrderNames,
        asking: SpotAsking,
        sales: Sales,
        recorded: Recorded,
    ) -> None:
        self._rest = rest
        self._names = names
        self._asking = asking
        self._sales = sales
        self._recorded = {name: (symbol, ts) for symbol, there in recorded.items() for name, ts in there.items()}
        self._begun = 0

    async def ask(self, shown: Collection[str]) -> list[KnownOrder]:
        """Tell what became of them, their trades first; returns those that work all the same.

        Parameters
        ----------
        shown : names of the orders that are shown to work.

        Raises
        ------
        Unanswered : one has traded, and not all of it is told yet; or nobody knows yet whether it has arrived.
        Refused, Paused : as the question ended.
        """
        works: list[KnownOrder] = []
        for known in self._names:
            if known.order_id not in shown and known.venue_id and is_live(known) and not self._sales.is_away(known):
                works += _live(await self._asking.order(known.order_id))
        for name, (symbol, ts) in list(self._recorded.items()):
            if self._names.get(name) is None:
                works += _live(await self._found(name, symbol, ts))
            del self._recorded[name]
        return works

    async def _found(self, name: str, symbol: str, ts: int) -> KnownOrder | None:
        asked = self._rest.now()
        self._begun = self._begun or asked
        # It has left before this process began, and arrives within its window; then questions find it. Of one that is
        # on record for longer than any order waits there is nothing to wait for.
        latest = min(ts + self._rest.skew + _IN_LINE_NS, self._begun) + _FOUND_NS
        found = await self._asking.order(name, symbol)
        if found is None and asked < latest:
            fact = f"{name} is on record and not found; whether it has arrived is known"
            raise Unanswered(f"{fact} in {(latest - asked) / SECOND:.1f} s", place="binance")
        return found


def _live(known: KnownOrder | None) -> list[KnownOrder]:
    return [known] if known is not None and is_live(known) else []
