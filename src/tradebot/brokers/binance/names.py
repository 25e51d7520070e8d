"""Whose order is whose: our client ids, the venue's numbers, and the orders that conditional orders turn into."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

import msgspec

from tradebot.core.order import OrderState, exit_of, is_final

# What follows it counts the orders that stood for one of ours, one after the other. Spot takes no point in an id: its
# legal range is '^[a-zA-Z0-9-_]{1,36}$'. Orders of the futures that were named with one may rest yet.
_COUNTED: Final = "__"
_CHANGED: Final = re.compile(rf"(.+)(?:\.|{_COUNTED})(\d+)")
_MOST: Final = 1_000
# Several of one order, where it was made anew, and those of orders that were not sent from here.
_MOST_NUMBERS: Final = 5_000
_FORCED: Final = ("autoclose-", "adl_autoclose", "settlement_autoclose-")
_RANK: Final = {
    OrderState.SUBMITTED: 0,
    OrderState.ACCEPTED: 1,
    OrderState.TRIGGERED: 2,
    OrderState.PARTIALLY_FILLED: 3,
}


class KnownOrder(msgspec.Struct):
    """What is remembered of an order that was sent from here.

    Parameters
    ----------
    order_id : our client id.
    symbol, side : its market and direction.
    is_conditional : whether it waits at the algo service.
    client_id : the id the venue has for it: ours, or ours with a count, where a conditional order was made anew.
    made : the highest count that it was known by; one whose change was overtaken goes by an earlier one again.
    successor : id of a conditional one that was sent to take its place, as long as it is not known to have arrived.
    venue_id : the order's number at the venue; of a conditional one once it has triggered.
    state : last one that was told.
    params : of the request that placed it; empty where a change of it cannot be told from them.
    filled : units of the trades that were told.
    arrived_by : venue's time from which an order that is not found is not there and will not come, int64 ns UTC; 0 as
        long as the request that places it is under way.
    is_absent : whether it was not found after that.
    is_given_up : whether it was taken back for good, on purpose: nobody misses it.
    """

    order_id: str
    symbol: str
    side: str
    is_conditional: bool
    client_id: str
    made: int = 1
    successor: str = ""
    venue_id: str = ""
    state: OrderState = OrderState.SUBMITTED
    params: dict[str, Any] = {}
    filled: Decimal = Decimal(0)
    arrived_by: int = 0
    is_absent: bool = False
    is_given_up: bool = False

    @property
    def entry(self) -> str:
        """Our client id of the entry that an exit belongs to; empty for an order that is none."""
        found = exit_of(self.order_id)
        return found[0] if found else ""

    @property
    def closes(self) -> bool:
        """Whether it closes at the market what is held: twice, it closes a part twice, and never more than there is."""
        return not self.is_conditional and self.params.get("type") == "MARKET" and "reduceOnly" in self.params

    def advances_to(self, state: OrderState) -> bool:
        """Whether a state is news: what comes late or twice is not."""
        if is_final(self.state):
            return state is OrderState.FILLED and self.state is not OrderState.FILLED
        return is_final(state) or _RANK.get(state, 0) > _RANK.get(self.state, -1)

    @property
    def units(self) -> Decimal:
        """Units that the request which placed it, or will place it anew, asks for."""
        return Decimal(self.params["quantity"])

    @units.setter
    def units(self, units: Decimal) -> None:
        self.params = self.params | {"quantity": f"{units:f}"}

    def take_terms(self, changes: dict[str, Any]) -> None:
        """Change parts of the request; its quantity is told with those units in it that have filled."""
        self.params = self.params | changes
        if "quantity" in changes:
            self.units -= self.filled

    def is_before(self, client_id: str) -> bool:
        """Whether an id is one that it was known by before: a list that is behind may still have it."""
        return _count(client_id) < _count(self.client_id)

    def stand_as(self, client_id: str) -> None:
        """Be known to the venue by another id, as a conditional order is whose successor has taken its place."""
        self.client_id = client_id
        self.made = max(self.made, _count(client_id))
        if self.successor == client_id:
            self.successor = ""

    @property
    def next_client_id(self) -> str:
        """Id of the conditional order that takes this one's place; none had it before."""
        return f"{self.order_id}{_COUNTED}{max(self.made, _count(self.successor), _count(self.client_id)) + 1}"


class OrderNames:
    """The orders that are known, by their names."""

    def __init__(self) -> None:
        self._orders: dict[str, KnownOrder] = {}
        self._by_venue_id: dict[tuple[str, str], str] = {}

    def __iter__(self) -> Iterator[KnownOrder]:
        return iter(list(self._orders.values()))

    def remember(self, order: KnownOrder) -> KnownOrder:
        """Keep an order; one that is known stays as it is.

        Of very many those that ended long ago are forgotten, unless an exit of theirs still works.
        """
        if len(self._orders) >= _MOST:
            entries = {known.entry for known in self if not is_final(known.state)}
            ended = [known for known in self if is_final(known.state) and known.order_id not in entries]
            for known in ended[: _MOST // 2]:
                del self._orders[known.order_id]
                self._by_venue_id.pop((known.symbol, known.venue_id), None)
        return self._orders.setdefault(order.order_id, order)

    def get(self, order_id: str) -> KnownOrder | None:
        """The order of one of our client ids."""
        return self._orders.get(order_id)

    def link(self, symbol: str, venue_id: str, order_id: str) -> None:
        """Note that a number of the venue's is that order's.

        Of very many those are forgotten that no order goes by any more, the oldest first.
        """
        if venue_id:
            if len(self._by_venue_id) >= _MOST_NUMBERS:
                current = {(known.symbol, known.venue_id) for known in self}
                past = [number for number in self._by_venue_id if number not in current]
                for number in past[: _MOST_NUMBERS // 2]:
                    del self._by_venue_id[number]
            self._by_venue_id[symbol, venue_id] = order_id
            if (known := self._orders.get(order_id)) is not None:
                known.venue_id = venue_id
                known.is_absent = False

    def owner(self, symbol: str, venue_id: str) -> str | None:
        """Our name of an order of the venue's."""
        return self._by_venue_id.get((symbol, venue_id))


def our_id(client_id: str) -> str:
    """Our client id of one at the venue: without the count of a conditional order that was made anew."""
    changed = _CHANGED.fullmatch(client_id)
    return changed[1] if changed else client_id


def _count(client_id: str) -> int:
    changed = _CHANGED.fullmatch(client_id)
    return int(changed[2]) if changed else 1


def foreign_id(client_id: str, venue_id: str) -> str:
    """Name of an order that was not sent from here; deleveraging gives all of its orders one client id."""
    return f"{client_id}-{venue_id}" if client_id in ("adl_autoclose", "") else client_id


def is_forced(client_id: str) -> bool:
    """Whether the venue itself placed an order: a liquidation, deleveraging or settlement."""
    return client_id.startswith(_FORCED)
