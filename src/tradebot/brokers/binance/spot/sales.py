"""The bot's sell orders in each market: what is known of them, and whose turn it is to change that."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import msgspec

from tradebot.brokers.binance.names import KnownOrder, OrderNames
from tradebot.brokers.binance.rules import MarketRules
from tradebot.brokers.binance.spot.commission import Commissions
from tradebot.brokers.binance.spot.requests import is_stop
from tradebot.core.errors import OrderError
from tradebot.core.holdings import Holdings
from tradebot.core.order import exit_of, is_final


class Aside(msgspec.Struct):
    """Exits of a market that have made room for sales.

    Parameters
    ----------
    exits : those that come back.
    sales : client ids of the sales that have not ended.
    """

    exits: list[KnownOrder] = []
    sales: set[str] = set()


class Sales:
    """Which sell orders have not ended, and which of them are off the venue for the moment by our own doing.

    Coins can be promised to one order alone, so an exit leaves the venue when its partner comes or goes, when it is
    changed, and while a sale needs its coins. Whoever reads what rests, or changes it, takes the market's turn.

    Parameters
    ----------
    names, commissions : the orders that are known, and what trades have brought.
    holdings : what the bot has.
    rules : of the markets.

    Attributes
    ----------
    asides : the exits that have made room, by market.
    moves : times that orders have left the venue or come back.
    """

    def __init__(
        self,
        names: OrderNames,
        commissions: Commissions,
        holdings: Holdings,
        rules: Mapping[str, MarketRules],
    ) -> None:
        self._names = names
        self._commissions = commissions
        self._holdings = holdings
        self._rules = rules
        self._away: set[str] = set()
        # Orders that were told unknown and not asked about with success since.
        self._doubtful: set[str] = set()
        # At which of the moves an order left or came back last.
        self._moved: dict[str, int] = {}
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.asides: dict[str, Aside] = {}
        self.moves = 0

    def turn(self, symbol: str) -> asyncio.Lock:
        """Whoever holds it is alone with the sell orders of a market."""
        return self._turns[symbol]

    def leave(self, orders: Iterable[KnownOrder]) -> None:
        """Orders are taken off the venue, to be placed anew."""
        self._away.update(known.order_id for known in orders)
        self._move(orders)

    def settle(self, orders: Iterable[KnownOrder]) -> None:
        """Orders are at the venue again, or will not be any more."""
        self._away.difference_update(known.order_id for known in orders)
        self._move(orders)

    def doubt(self, orders: Iterable[KnownOrder]) -> None:
        """Nobody knows whether orders rest."""
        self._doubtful.update(known.order_id for known in orders)

    def trust(self, known: KnownOrder) -> None:
        """It is known where an order is."""
        self._doubtful.discard(known.order_id)

    def is_away(self, known: KnownOrder) -> bool:
        """Whether an order is off the venue for the moment."""
        return known.order_id in self._away

    def has_moved(self, known: KnownOrder, move: int) -> bool:
        """Whether an order has left the venue or come back since so many moves had been made."""
        return self._moved.get(known.order_id, 0) > move

    def stranded(self, symbol: str) -> list[KnownOrder]:
        """Exits that are away and wait for no sale: whatever was to bring them back has failed."""
        aside = self.aside(symbol)
        if not aside.sales:
            self.asides.pop(symbol, None)
            aside = Aside()
        away = [known for known in self.exits(symbol) if self.is_away(known)]
        return [known for known in away if known not in aside.exits and known.order_id not in aside.sales]

    def moved_since(self, move: int) -> list[KnownOrder]:
        """Orders that work, and were off the venue for a moment at least since so many moves had been made."""
        moved = [known for known in self._names if self.has_moved(known, move) or self.is_away(known)]
        return [known for known in moved if is_live(known) and (known.venue_id or self.is_away(known))]

    def exits(self, symbol: str, entry: str = "") -> list[KnownOrder]:
        """Exits of a market, or of one entry, that have not ended, wherever they are."""
        return [known for known in self._sells(symbol) if known.entry and entry in ("", known.entry)]

    def aside(self, symbol: str) -> Aside:
        """What has made room in a market; where nothing has, one that begins, which is not kept."""
        return self.asides.get(symbol) or Aside()

    def free(self, symbol: str, but: Iterable[KnownOrder]) -> Decimal:
        """Units that may be sold: what the bot has, less what its sell orders may still sell; ``but`` are not counted.

        No sell order may leave for more: beside the bot's coins there may be another hand's.
        """
        names = {known.order_id for known in but}
        others = [known for known in self._sells(symbol) if known.order_id not in names]
        promised = self.covered([known for known in others if known.entry])
        promised += sum((self.left(known) for known in others if not known.entry), Decimal(0))
        return self._rules[symbol].instrument.snap_quantity(max(self._holdings.of(symbol) - promised, Decimal(0)))

    def covered(self, exits: Sequence[KnownOrder]) -> Decimal:
        """Units that exits are to sell: of each entry once, for one of its exits ends the other."""
        entries: dict[str, Decimal] = {}
        for known in exits:
            entries[known.entry] = min(entries.get(known.entry, self.left(known)), self.left(known))
        return sum(entries.values(), Decimal(0))

    def bare(self) -> dict[str, Decimal]:
        """Units, by market, for which a stop was sent and none surely rests; of what was sold since there are none.

        An entry whose latest stop was given up on purpose wants none: its coins are sold, or to be.
        """
        found: dict[str, Decimal] = {}
        for symbol, rules in self._rules.items():
            sent = (known for known in self._names if known.symbol == symbol and known.entry and is_stop(known))
            stops = [known for known in sent if self._holdings.counts(known.order_id)]
            latest = {stop.entry: stop for stop in stops}.values()
            wanted = (
                (self.most(stop.order_id) or stop.filled) - stop.filled for stop in latest if not stop.is_given_up
            )
            rest = [stop for stop in stops if self._surely_rests(stop)]
            units = min(self._holdings.of(symbol), sum(wanted, Decimal(0))) - self.covered(rest)
            if (units := rules.instrument.snap_quantity(max(units, Decimal(0)))) > 0:
                found[symbol] = units
        return found

    def most(self, order_id: str) -> Decimal | None:
        """What an exit can sell in all: what its entry has brought, less what the entry's other exits have sold.

        Returns
        -------
        Units; ``None`` for what is no exit, and where its entry's trades are not known.
        """
        found = exit_of(order_id)
        entry = self._names.get(found[0]) if found else None
        if entry is None:
            return None
        bought = self._commissions.of(entry.symbol, entry.venue_id)
        others = [known for known in self._names if known.entry == entry.order_id and known.order_id != order_id]
        sold = sum((known.filled for known in others), Decimal(0))
        return bought.received - sold if bought.quantity else None

    def take_over(self, known: KnownOrder, others: Sequence[KnownOrder]) -> None:
        """An exit that comes in the place of others of its entry sells their coins too, where these are there.

        Raises
        ------
        OrderError : nothing is left of what its entry has brought.
        """
        free = self.free(known.symbol, self.exits(known.symbol, known.entry))
        wished = known.units + sum((other.units for other in others), Decimal(0))
        units, most = max(known.units, min(wished, free)), self.most(known.order_id)
        known.units = units if most is None else min(units, most - known.filled)
        if known.units <= 0:
            raise OrderError("its coins are sold", place=f"order {known.symbol} quantity")

    def _sells(self, symbol: str) -> list[KnownOrder]:
        """The bot's sell orders of a market that are on their way, rest, or are aside, and have not ended."""
        sells = (known for known in self._names if known.symbol == symbol and known.side == "SELL" and is_live(known))
        sales = self.asides[symbol].sales if symbol in self.asides else ()
        sent = (known for known in sells if known.arrived_by or self.is_away(known) or known.order_id in sales)
        return [known for known in sent if self._holdings.counts(known.order_id)]

    def _surely_rests(self, known: KnownOrder) -> bool:
        is_known = known.venue_id != "" and known.order_id not in self._doubtful
        return is_live(known) and is_known and not self.is_away(known)

    def left(self, known: KnownOrder) -> Decimal:
        """Units that an order may still trade."""
        if self.is_away(known) or not known.venue_id:
            return known.units
        return known.units - self._commissions.of(known.symbol, known.venue_id).quantity

    def _move(self, orders: Iterable[KnownOrder]) -> None:
        self.moves += 1
        working = {known.order_id for known in self._names if is_live(known)}
        self._moved = {name: move for name, move in self._moved.items() if name in working}
        self._moved |= {known.order_id: self.moves for known in orders}


def is_sale(known: KnownOrder) -> bool:
    """Whether an order sells what no exit is to."""
    return known.side == "SELL" and not known.entry


def is_live(known: KnownOrder) -> bool:
    """Whether an order may still trade."""
    return not is_final(known.state) and not known.is_absent
