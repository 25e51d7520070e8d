"""The whole account at one moment, as reconciliation needs it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any, Final

from tradebot.brokers.binance import reports
from tradebot.brokers.binance.asking import Asking
from tradebot.brokers.binance.dead_man import DeadMan
from tradebot.brokers.binance.names import OrderNames
from tradebot.brokers.binance.rest import BinanceRest, Endpoint
from tradebot.brokers.binance.telling import Telling
from tradebot.brokers.binance.user_stream import UserStream
from tradebot.core.account import AccountSnapshot, OpenPosition

_POSITIONS: Final = Endpoint("fapiPrivateV3GetPositionRisk", 5)
_BALANCE: Final = Endpoint("fapiPrivateV3GetBalance", 5)
_ROUNDS: Final = 3

_Body = Mapping[str, Any]


class Snapshots:
    """Takes the account's picture.

    Parameters
    ----------
    rest, names, telling, asking : where it is asked, whose orders there are, and to whom it is told.
    stream : opened again where a trade was lost on it.
    dead_man : learns which markets have a position.
    symbols : the markets.
    """

    def __init__(
        self,
        rest: BinanceRest,
        names: OrderNames,
        telling: Telling,
        asking: Asking,
        stream: UserStream,
        dead_man: DeadMan,
        symbols: Collection[str],
    ) -> None:
        self._rest = rest
        self._names = names
        self._telling = telling
        self._asking = asking
        self._stream = stream
        self._dead_man = dead_man
        self._symbols = symbols
        self._compared = 0

    async def take(self) -> AccountSnapshot:
        """Open orders, positions, balances, and the trades since the snapshot before the last.

        It is taken again while something trades, so that all of it belongs to one moment: that before the first
        question, up to which every trade is told. One that the stream has not told by then was lost on it.
        """
        ts, before, positions, balances, orders, algos = await self._round()
        for _ in range(_ROUNDS):
            if self._telling.told == before:
                break
            ts, before, positions, balances, orders, algos = await self._round()
        fills = self._telling.since(self._compared)
        self._compared = before
        held = tuple(self._position(row) for row in positions if Decimal(row["positionAmt"]) and self._is_ours(row))
        self._dead_man.hold({position.symbol for position in held})
        return AccountSnapshot(
            ts=ts,
            orders=(*(reports.open_order(row, self._name(row)) for row in orders), *map(reports.open_algo, algos)),
            positions=held,
            balances={row["asset"]: total for row in balances if (total := Decimal(row["balance"]))},
            fills=fills,
        )

    async def _round(self) -> tuple[int, int, list[_Body], list[_Body], list[_Body], list[_Body]]:
        ts, before = self._rest.now(), self._telling.told
        positions: list[_Body] = await self._rest.ask(_POSITIONS)
        balances: list[_Body] = await self._rest.ask(_BALANCE)
        orders, algos = await self._asking.open_now()
        if await self._asking.trades():
            self._stream.doubt()
        return ts, before, positions, balances, orders, algos

    def _is_ours(self, row: _Body) -> bool:
        return row["symbol"] in self._symbols

    def _name(self, row: _Body) -> str:
        return self._names.owner(row["symbol"], str(row["orderId"])) or row["clientOrderId"]

    @staticmethod
    def _position(row: _Body) -> OpenPosition:
        return OpenPosition(
            symbol=row["symbol"], quantity=Decimal(row["positionAmt"]), entry_price=Decimal(row["entryPrice"])
        )
