"""The whole spot account at one moment, as reconciliation needs it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from tradebot.brokers.binance.names import KnownOrder, OrderNames
from tradebot.brokers.binance.rest import BinanceRest, Endpoint
from tradebot.brokers.binance.rules import MarketRules
from tradebot.brokers.binance.spot import words
from tradebot.brokers.binance.spot.asking import SpotAsking
from tradebot.brokers.binance.spot.doubles import take_back_doubles
from tradebot.brokers.binance.spot.room import Room
from tradebot.brokers.binance.spot.sales import Sales
from tradebot.brokers.binance.spot.unshown import Unshown
from tradebot.brokers.binance.telling import Telling
from tradebot.brokers.binance.user_stream import UserStream
from tradebot.core.account import AccountSnapshot, OpenOrder, OpenPosition
from tradebot.core.order import exit_of

_ACCOUNT: Final = Endpoint("privateGetAccount", 20)
_ROUNDS: Final = 3

_Round = tuple[int, int, dict[str, Decimal], Mapping[str, Mapping[str, Any]], list[KnownOrder]]


class SpotSnapshots:
    """Takes the account's picture.

    What it holds of a market's coin is told as the position, whoever's it is: the account knows no owners.

    Parameters
    ----------
    rest, names, telling, asking : where it is asked, whose orders there are, and to whom it is told.
    room, sales : know which exits are off the venue for the moment, and what they wait for.
    unshown : asks about orders that should work and are not shown.
    stream : opened again where a trade was lost on it.
    rules : of the markets.
    """

    def __init__(
        self,
        rest: BinanceRest,
        names: OrderNames,
        telling: Telling,
        asking: SpotAsking,
        room: Room,
        sales: Sales,
        unshown: Unshown,
        stream: UserStream,
        rules: Mapping[str, MarketRules],
    ) -> None:
        self._rest = rest
        self._names = names
        self._telling = telling
        self._asking = asking
        self._room = room
        self._sales = sales
        self._unshown = unshown
        self._stream = stream
        self._rules = rules
        self._compared = 0

    async def take(self) -> AccountSnapshot:
        """Open orders, coins, money, and the trades since the snapshot before the last.

        It is taken again while something trades, so that all of it belongs to one moment: that before the first
        question, up to which every trade is told. One that the stream has not told by then was lost on it. An order
        that was off the venue meanwhile, in order to be placed anew, works all the same.

        Raises
        ------
        Unanswered : besides, an order that should work is not shown, and what became of it is not known yet.
        """
        await self._room.inquire()
        move = self._sales.moves
        ts, before, balances, orders, unshown = await self._round()
        for _ in range(_ROUNDS):
            if self._telling.told == before:
                break
            move = self._sales.moves
            ts, before, balances, orders, unshown = await self._round()
        working = {name: self._working(name, row) for name, row in orders.items()}
        for known in (*unshown, *self._sales.moved_since(move)):
            if self._sales.is_away(known) or known.order_id not in working:
                working[known.order_id] = words.unshown_order(known, self._sales.left(known))
        fills = self._telling.since(self._compared)
        self._compared = before
        instruments = {symbol: rules.instrument for symbol, rules in self._rules.items()}
        held = ((symbol, balances.get(each.base, Decimal(0))) for symbol, each in instruments.items())
        return AccountSnapshot(
            ts=ts,
            orders=tuple(working.values()),
            positions=tuple(
                OpenPosition(symbol=symbol, quantity=quantity, entry_price=Decimal(0))
                for symbol, quantity in held
                if quantity
            ),
            balances={asset: total for asset, total in balances.items() if total},
            fills=fills,
        )

    def _working(self, name: str, row: Mapping[str, Any]) -> OpenOrder:
        known = self._names.get(name)
        before = (known.filled if known else Decimal(0)) - Decimal(row["executedQty"])
        return words.open_order(row, name, before=max(before, Decimal(0)), closes=exit_of(name) is not None)

    async def _round(self) -> _Round:
        ts, before = self._rest.now(), self._telling.told
        told: Mapping[str, Any] = await self._rest.ask(_ACCOUNT, {"omitZeroBalances": "true"})
        balances = {row["asset"]: Decimal(row["free"]) + Decimal(row["locked"]) for row in told["balances"]}
        orders = await self._asking.open_now()
        await take_back_doubles(self._rest, self._telling, self._asking.doubles)
        if await self._asking.trades():
            self._stream.doubt()
        return ts, before, balances, orders, await self._unshown.ask(orders.keys())
