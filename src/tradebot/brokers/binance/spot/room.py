"""Room for sales at the market: the exits of a position hold its coins, so they step aside until the sale has ended."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from decimal import Decimal
from functools import partial
from typing import Any, Final

from tradebot.brokers.binance.names import KnownOrder, OrderNames
from tradebot.brokers.binance.refusals import Paused, Refused, Unanswered
from tradebot.brokers.binance.spot.asking import SpotAsking
from tradebot.brokers.binance.spot.exits import Exits, one_of_each
from tradebot.brokers.binance.spot.placing import Placing
from tradebot.brokers.binance.spot.sales import Aside, Sales, is_live
from tradebot.brokers.binance.spot.sending import Sending
from tradebot.brokers.binance.tasks import Tasks, Work
from tradebot.core.errors import OrderError
from tradebot.core.order import is_final

_log: Final = logging.getLogger(__name__)
# How long the trader has to take back the exits of a position that was closed, before they are put back.
_GRACE_S: Final = 0.5
# How long what is under way, and the exits that are aside, may take to come to rest when the broker is closed: until a
# sale without an answer can arrive no more, and two questions about it, of which each may want its whole time.
_CLOSING_S: Final = 25.0
# How long they may take then to be put back, where nobody knows what became of their sale.
_PARTING_S: Final = 5.0
_AGAIN_S: Final = 0.5


class Room:
    """Brings the exits of a market aside before a sale, and back once every sale has ended and coins are left.

    What comes back sells no more than the sales have left: beside the bot's coins there may be another hand's. In each
    market one thing is done with sell orders at a time. What has begun is brought to its end even if nobody waits for
    it any more, for exits that were taken back must be placed anew.

    Parameters
    ----------
    exits, sending, placing, sales : what rests, how it comes there, and what is known of it.
    names, asking : whose orders there are, and where it is asked what became of them.
    """

    def __init__(
        self,
        exits: Exits,
        sending: Sending,
        placing: Placing,
        sales: Sales,
        names: OrderNames,
        asking: SpotAsking,
    ) -> None:
        self._exits = exits
        self._sending = sending
        self._placing = placing
        self._sales = sales
        self._names = names
        self._asking = asking
        self._tasks = Tasks()
        self._closing = asyncio.Event()
        sending.refused = self._take_price

    async def settle(self, symbol: str) -> None:
        """Wait until nothing is being done with the sell orders of a market."""
        async with self._sales.turn(symbol):
            return

    async def add(self, known: KnownOrder) -> None:
        """Place an exit, as :meth:`Exits.add` does; while a sale is under way it waits with the others for its end."""
        await self._in_turn(known, lambda: self._add(known))

    async def change(self, known: KnownOrder, changes: dict[str, Any]) -> None:
        """Give an order other terms, as :meth:`Exits.change` does; an exit that is aside comes back under them.

        Raises
        ------
        OrderError : it is a sale that rests, and the coins by which it would grow are not free.
        """
        await self._in_turn(known, lambda: self._change(known, changes))

    async def cancel(self, known: KnownOrder) -> None:
        """Take an order back for good, as :meth:`Exits.cancel` does; an exit that is aside does not come back."""
        await self._in_turn(known, lambda: self._cancel(known))

    async def rest(self, known: KnownOrder) -> None:
        """Place a sale that rests, for coins that no exit holds.

        It gets no room, for the position would be bare as long as it rests, nor may it sell another hand's coins.

        Raises
        ------
        OrderError : exits or other sales hold coins it would sell, or the bot does not have them.
        Refused, Unanswered, Paused : as the request ended.
        """
        await self._in_turn(known, lambda: self._rest(known))

    async def make(self, known: KnownOrder) -> None:
        """Take a market's exits back, for a sale that needs their coins; it is cut down to what the bot has left.

        Raises
        ------
        OrderError : nothing is left, and it would sell another hand's.
        Refused, Paused : they could not be had.
        """
        making = self._tasks.begin(self._alone(known.symbol, lambda: self._make(known)))
        try:
            await asyncio.shield(making)
        except asyncio.CancelledError:
            # The sale is not sent any more, so what makes room for it is put back as soon as it has.
            making.add_done_callback(lambda _: self.ended(known.order_id))
            raise

    def ended(self, order_id: str) -> None:
        """An order has ended: what the last sale took back is put back in a moment, as far as coins are left."""
        for symbol, aside in self._sales.asides.items():
            if order_id in aside.sales:
                aside.sales.discard(order_id)
                self._tasks.begin(self._restore(symbol))

    async def inquire(self) -> None:
        """Ask what became of the sales that exits have made room for.

        Raises
        ------
        Refused, Unanswered, Paused : as the question ended.
        """
        for order_id in [name for aside in self._sales.asides.values() for name in aside.sales]:
            known = self._names.get(order_id)
            if known is not None and is_live(known) and known.arrived_by:
                await self._asking.order(order_id)

    async def close(self) -> None:
        """End what would happen later: what is under way is done, and exits whose sale has ended come back at once.

        Where nobody has learnt what became of a sale, they come back for what is left even if it was made.
        """
        self._closing.set()
        await self._tasks.close(_CLOSING_S, self._come_to_rest())
        await self._tasks.close(_PARTING_S, self._part())
        for symbol, units in self._sales.bare().items():
            _log.critical("binance spot: no stop surely rests for %f units that the bot has in %s", units, symbol)

    # ------------------------------------------------------------------------------------------------------------------

    async def _in_turn(self, known: KnownOrder, work: Work) -> None:
        # A buy holds no coins, and keeps no stop waiting.
        begun = work() if known.side == "BUY" else self._alone(known.symbol, work)
        await asyncio.shield(self._tasks.begin(begun))

    async def _alone(self, symbol: str, work: Work) -> None:
        """Do something in a market's turn; whatever nobody foresaw leaves no exit away for good."""
        async with self._sales.turn(symbol):
            try:
                await work()
            except (OrderError, Refused, Unanswered, Paused):
                raise
            except Exception as error:
                self._sending.doubt(self._sales.stranded(symbol), error)
                raise Unanswered(f"it was left unfinished: {error!r}", place="binance") from error

    async def _add(self, known: KnownOrder) -> None:
        aside = self._sales.asides.get(known.symbol)
        if aside is None or not (aside.sales or aside.exits):
            await self._exits.add(known)
            return
        latest, replaced = one_of_each([known, *aside.exits[::-1]])
        self._sales.take_over(known, replaced)
        self._sales.leave([known])
        aside.exits = latest[::-1]
        # Its terms first: whoever hears that the others are gone must know that their coins are taken care of.
        self._sending.tell_terms(known, known.filled + known.units)
        for other in replaced:
            self._exits.give_up(other, "another has taken its place")

    async def _change(self, known: KnownOrder, changes: dict[str, Any]) -> None:
        if self._is_selling(known) or not is_live(known):
            return
        if self._aside_of(known) is not None:
            known.take_terms(changes)
            self._sending.tell_terms(known, known.filled + known.units)
            return
        if known.side == "SELL" and not known.entry and "quantity" in changes:
            self._check(known, Decimal(changes["quantity"]) - known.filled)
        await self._exits.change(known, changes)

    async def _cancel(self, known: KnownOrder) -> None:
        if self._is_selling(known) or not (is_live(known) or known.order_id in self._asking.surplus):
            # It has ended, or does, by itself.
            return
        aside = self._aside_of(known)
        if aside is None:
            await self._exits.cancel(known)
            return
        aside.exits.remove(known)
        self._exits.give_up(known, "requested")

    async def _rest(self, known: KnownOrder) -> None:
        self._check(known, known.units)
        await self._placing.place([known])

    async def _make(self, known: KnownOrder) -> None:
        symbol, aside = known.symbol, self._sales.aside(known.symbol)
        resting = [each for each in self._sales.exits(symbol) if not self._sales.is_away(each)]
        aside.exits += await self._exits.take_back(resting)
        self._sales.asides[symbol] = aside
        free = self._sales.free(symbol, [known, *aside.exits])
        if not free:
            if not aside.sales:
                self._tasks.begin(self._restore(symbol))
            fact = "nothing is left to sell: all that the bot had is sold, or its other sales are to sell it"
            raise OrderError(fact, place=f"order {symbol} quantity", mend="Take those back first.")
        known.units = min(known.units, free)
        aside.sales.add(known.order_id)

    def _is_selling(self, exit: KnownOrder) -> bool:
        """Whether a target takes its price at this moment: it ends by itself, and nothing is changed about it."""
        aside = self._sales.asides.get(exit.symbol)
        return exit.entry != "" and aside is not None and exit.order_id in aside.sales

    def _aside_of(self, known: KnownOrder) -> Aside | None:
        aside = self._sales.asides.get(known.symbol)
        return aside if aside is not None and known in aside.exits else None

    def _check(self, sale: KnownOrder, quantity: Decimal) -> None:
        free = self._sales.free(sale.symbol, [sale])
        if quantity > free:
            covered = self._sales.covered(self._sales.exits(sale.symbol))
            fact = f"{free:f} of the bot's coins are free: exits hold {covered:f} of them"
            mend = "Take exits or other sales back first, or sell at the market."
            raise OrderError(fact, place=f"order {sale.symbol} quantity", mend=mend)

    def _take_price(self, stop: KnownOrder, target: KnownOrder) -> None:
        """Let a target whose price was passed while it was off the venue sell at once, its stop making room for it."""
        aside = self._sales.asides[stop.symbol] = self._sales.aside(stop.symbol)
        self._sales.leave([stop, target])
        target.arrived_by = 0
        aside.exits.append(stop)
        aside.sales.add(target.order_id)
        self._tasks.begin(self._sending.take_price(target))

    async def _come_to_rest(self) -> None:
        while self._tasks or self._sales.asides:
            try:
                await self.inquire()
            except Exception as error:  # noqa: BLE001 - what waits is put back all the same
                _log.warning("binance spot: what became of a sale could not be learnt: %r", error)
            await self._tasks.wait(_AGAIN_S)

    async def _part(self) -> None:
        for symbol, aside in list(self._sales.asides.items()):
            doubtful = Decimal(0)
            for known in filter(None, map(self._names.get, aside.sales)):
                units = known.units - known.filled
                fact = "nobody knows whether %s has sold %f: so many coins may be held without a stop"
                _log.critical(f"binance spot: {fact}", known.order_id, units)
                # What was sent is counted by whoever asks what is free.
                doubtful += Decimal(0) if known.arrived_by else units
            aside.sales.clear()
            with contextlib.suppress(Unanswered):
                await self._alone(symbol, partial(self._bring_back, symbol, doubtful))
        await self._come_to_rest()

    async def _restore(self, symbol: str) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GRACE_S):
                await self._closing.wait()
        with contextlib.suppress(Unanswered):
            await self._alone(symbol, lambda: self._bring_back(symbol))

    async def _bring_back(self, symbol: str, doubtful: Decimal = Decimal(0)) -> None:
        aside = self._sales.asides.get(symbol)
        if aside is None or aside.sales:
            # It was done already, or another sale needs the coins.
            return
        for known in [known for known in aside.exits if is_final(known.state)]:
            # A late trade has ended it, which is told.
            aside.exits.remove(known)
            self._exits.give_up(known, "it has ended")
        left = max(self._sales.free(symbol, aside.exits) - doubtful, Decimal(0))
        # What was bought first is sold first, so the exits of the latest entry come back in full.
        for entry in reversed(dict.fromkeys(known.entry for known in aside.exits)):
            exits = [known for known in aside.exits if known.entry == entry]
            units = min(self._sales.covered(exits), left)
            left -= units
            for known in exits:
                known.units = min(known.units, units)
                if not known.units:
                    aside.exits.remove(known)
                    self._exits.give_up(known, "its coins are sold")
        # All are cut down before the first is placed, for none may be placed for coins that another has yet.
        for entry in reversed(dict.fromkeys(known.entry for known in aside.exits)):
            exits = [known for known in aside.exits if known.entry == entry]
            aside.exits = [known for known in aside.exits if known.entry != entry]
            await self._exits.put_back(exits)
        if not (aside.sales or aside.exits):
            del self._sales.asides[symbol]
