"""Room for sales at the market: the exits of a position hold its coins, so they step aside until the sale has ended."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec

from tradebot.brokers.binance.names import KnownOrder
from tradebot.brokers.binance.spot.commission import Commissions
from tradebot.brokers.binance.spot.exits import Exits
from tradebot.core.errors import OrderError
from tradebot.core.order import is_final

# How long the trader has to take back the exits of a position that was closed, before they are put back.
_GRACE_S: Final = 0.5
# How long the exits of a sale that has ended may take to come back when the broker is closed.
_CLOSING_S: Final = 5.0


class Aside(msgspec.Struct):
    """Exits that have made room for a sale.

    Parameters
    ----------
    symbol : the market.
    exits : those that are aside.
    held : units of the position when the sale was sent, as far as they are known.
    sold : units that had been sold by then.
    """

    symbol: str
    exits: list[KnownOrder]
    held: Decimal
    sold: Decimal


class Room:
    """Brings the exits of a market aside before a sale, and back once it has ended and the position is still open.

    What comes back sells no more than the sale has left: beside the bot's coins there may be another hand's. In each
    market one thing is done with exits at a time, for they are not at the venue while they are placed anew.

    Parameters
    ----------
    exits, commissions : what rests, and what trades have brought.
    """

    def __init__(self, exits: Exits, commissions: Commissions) -> None:
        self._exits = exits
        self._commissions = commissions
        # By the sale's client id, and those of sales that have ended.
        self._aside: dict[str, Aside] = {}
        self._ending: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = asyncio.Event()
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def settle(self, symbol: str) -> None:
        """Wait until nothing is being done with the exits of a market."""
        async with self._turns[symbol]:
            return

    async def add(self, known: KnownOrder) -> None:
        """Place an exit, as :meth:`Exits.add` does."""
        async with self._turns[known.symbol]:
            await self._exits.add(known)

    async def change(self, known: KnownOrder, changes: dict[str, Any]) -> None:
        """Give an order other terms, as :meth:`Exits.change` does; an exit that is aside comes back under them."""
        async with self._turns[known.symbol]:
            if not self.has_aside(known):
                await self._exits.change(known, changes)
                return
            known.take_terms(changes)
            self._exits.tell_terms(known, known.units)

    async def cancel(self, known: KnownOrder) -> None:
        """Take an order back for good, as :meth:`Exits.cancel` does; an exit that is aside does not come back."""
        async with self._turns[known.symbol]:
            aside = next((each for each in self._aside.values() if known in each.exits), None)
            if aside is None:
                await self._exits.cancel(known)
                return
            aside.exits.remove(known)
            self._exits.give_up(known, "requested")

    async def make(self, order_id: str, symbol: str) -> None:
        """Take a market's exits back, for a sale that needs their coins.

        Raises
        ------
        Refused, Paused : they could not be had.
        """
        async with self._turns[symbol]:
            exits = await self._exits.take_back(self._exits.resting(symbol))
        traded = self._commissions.traded(symbol)
        # After a restart not all trades are known, yet the bot has at least what its exits were to sell.
        held = max(traded.held, _covered(exits))
        self._aside[order_id] = Aside(symbol=symbol, exits=exits, held=held, sold=traded.sold)

    def check(self, symbol: str, quantity: Decimal) -> None:
        """Hold a sale that rests against the coins that no exit holds.

        It gets no room, for the position would be bare as long as it rests, nor may it sell another hand's coins.

        Raises
        ------
        OrderError : exits hold coins it would sell.
        """
        covered = _covered(self._exits.resting(symbol))
        if covered and quantity > max(self._commissions.traded(symbol).held - covered, Decimal(0)):
            fact = f"exits hold {covered:f} of the coins, and a sale that rests gets none of theirs"
            mend = "Take the exits back first, or sell at the market."
            raise OrderError(fact, place=f"order {symbol} quantity", mend=mend)

    def has_aside(self, known: KnownOrder) -> bool:
        """Whether an exit has made room for a sale that has not ended yet."""
        return any(known in aside.exits for aside in self._aside.values())

    def ended(self, order_id: str) -> None:
        """A sale has ended: what it took back is put back in a moment, as far as the position is still open."""
        if order_id in self._aside and order_id not in self._ending:
            self._ending.add(order_id)
            task = asyncio.create_task(self._restore(order_id))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """End what would happen later: exits whose sale has ended come back at once."""
        self._closing.set()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=_CLOSING_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _restore(self, order_id: str) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GRACE_S):
                await self._closing.wait()
        async with self._turns[self._aside[order_id].symbol]:
            self._ending.discard(order_id)
            await self._bring_back(self._aside.pop(order_id))

    async def _bring_back(self, aside: Aside) -> None:
        for known in [known for known in aside.exits if is_final(known.state)]:
            # A late trade has ended it, which is told.
            aside.exits.remove(known)
            self._exits.give_up(known, "it has ended")
        left = aside.held - (self._commissions.traded(aside.symbol).sold - aside.sold)
        # What was bought first is sold first, so the exits of the latest entry come back in full.
        for entry in reversed(dict.fromkeys(known.entry for known in aside.exits)):
            exits = [known for known in aside.exits if known.entry == entry]
            units = min(_covered(exits), max(left, Decimal(0)))
            left -= units
            for known in exits:
                known.units = min(known.units, units)
                if not known.units:
                    self._exits.give_up(known, "its coins are sold")
            await self._exits.put_back([known for known in exits if known.units])


def _covered(exits: Sequence[KnownOrder]) -> Decimal:
    """Units that exits sell: of each entry once, for one of its exits ends the other."""
    entries: dict[str, Decimal] = {}
    for known in exits:
        entries[known.entry] = min(entries.get(known.entry, known.units), known.units)
    return sum(entries.values(), Decimal(0))
