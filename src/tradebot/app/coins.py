"""On spot, what of an account is its bot's: the orders by their names, the coins by their trades."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tradebot.app.connecting import connected
from tradebot.app.missed import account_told_until
from tradebot.app.sold import note_sale, sales_of
from tradebot.core.errors import DataError, TradebotError
from tradebot.core.event import Adopted
from tradebot.core.holdings import Holdings
from tradebot.core.record import ADOPTED
from tradebot.store.journal import JournalReader
from tradebot.store.ledger.queries import Ledger

if TYPE_CHECKING:
    from tradebot.brokers.binance import BinanceBroker, BinanceSpotBroker
    from tradebot.core.account import AccountSnapshot
    from tradebot.core.event import Event, Output
    from tradebot.core.fill import Fill
    from tradebot.engine.trader import Trader
    from tradebot.venues.binance import BinanceHost

# As many trades as a snapshot tells at most.
_MOST: Final = 1_000
# How long an account is asked again that does not answer, or does not tell yet what has just happened.
_PATIENCE_S: Final = 10.0
_AGAIN_S: Final = 0.5


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """What an account's record says of its runs.

    Parameters
    ----------
    runs : their names, the newest first.
    symbols : the markets asked for, and those in which they have left something.
    since : time from which trades may be missing in it, int64 ns UTC; ``None`` where nothing was traded yet.
    working : client ids of the orders that have not ended in it, and of the latest sales of halts, by market, each with
        the time of the latest word on it, by the machine's clock, int64 ns UTC.
    """

    runs: tuple[str, ...]
    symbols: tuple[str, ...]
    since: int | None
    working: Mapping[str, Mapping[str, int]]

    @property
    def prefixes(self) -> tuple[str, ...]:
        """What the client ids of the bot's orders begin with."""
        return tuple(f"{run_id}-" for run_id in self.runs)

    def of_run(self, run_id: str, symbol: str) -> dict[str, int]:
        """Those of a run in a market that have not ended, with their times."""
        there = self.working.get(symbol, {})
        return {name: ts for name, ts in there.items() if name.startswith(f"{run_id}-")}


def record_of(folder: Path, symbols: Sequence[str]) -> Recorded:
    """What the record in an account's folder says.

    Raises
    ------
    JournalError : it cannot be read.
    """
    with Ledger(folder) as ledger, JournalReader(folder) as journal:
        runs = tuple(run.run_id for run in ledger.runs(limit=_MOST))
        left = [row.symbol for row in ledger.positions()]
        working: dict[str, dict[str, int]] = {}
        for sale in sales_of(folder):
            working.setdefault(sale.symbol, {})[sale.order_id] = sale.ts
        for order in ledger.orders(is_open=True, limit=_MOST):
            working.setdefault(order.symbol, {})[order.order_id] = order.updated
        return Recorded(
            runs=runs,
            symbols=tuple(dict.fromkeys([*symbols, *left, *working])),
            since=account_told_until(journal, runs),
            working=working,
        )


def holdings_of(folder: Path, runs: Sequence[str]) -> Holdings:
    """What runs, by their names, have by their trades on record; a broker tells more of them.

    Raises
    ------
    JournalError : the record cannot be read.
    """
    holdings = Holdings(tuple(f"{run_id}-" for run_id in runs))
    with Ledger(folder) as ledger:
        for row in reversed(ledger.fills(limit=-1)):
            change = row.quantity * row.side.sign
            if row.order_id.startswith(ADOPTED) and row.run_id in runs:
                holdings.adopt(row.symbol, change)
            else:
                holdings.record(row.symbol, row.trade_id, row.order_id, change)
    return holdings


class Adopting:
    """Keeps a broker's count of a run's coins at what the books have, where these take what the broker holds.

    Parameters
    ----------
    holdings : the broker's count.
    trader : has the books.
    """

    def __init__(self, holdings: Holdings, trader: Trader) -> None:
        self._holdings = holdings
        self._trader = trader

    def seen(self, event: Event, outputs: Sequence[Output]) -> None:
        """Take over what was adopted, before the broker does anything on it."""
        for output in outputs:
            if isinstance(output, Adopted):
                self._holdings.adopt(output.symbol, self._trader.traded(output.order_id))


class OwnCoins:
    """An account seen as its bot sees it.

    Parameters
    ----------
    folder : of the account.
    broker : the account, told of since its record may lack something.
    """

    def __init__(self, folder: Path, broker: BinanceBroker | BinanceSpotBroker) -> None:
        self._folder = folder
        self.broker = broker
        self._fills: dict[tuple[str, str], Fill] = {}

    async def look(self) -> AccountSnapshot:
        """The account now; its positions are the bot's own part of the coins.

        That is what the ledger has, and what was traded since under the bot's names, by a stop or a halt while it was
        dead; and no more than there is.

        Raises
        ------
        TradebotError : it cannot be asked, or does not tell what became of an order though it was asked for a while;
            or more was traded than can be told.
        """
        account = await self._answer()
        if len(account.fills) >= _MOST:
            fact = "more was traded since the bot was last there than can be looked through"
            raise TradebotError(
                fact, place=str(self._folder), mend="Start the bot: it books all of it. Then halt again."
            )
        self._fills |= {(fill.symbol, fill.trade_id): fill for fill in account.fills}
        own = self._own()
        parts = (
            msgspec.structs.replace(held, quantity=min(held.quantity, own.get(held.symbol, Decimal(0))))
            for held in account.positions
        )
        return msgspec.structs.replace(account, positions=tuple(part for part in parts if part.quantity > 0))

    def note_sale(self, symbol: str, order_id: str) -> None:
        """Keep a sale that is about to be sent: until the account tells of its trades, nobody else would know of them.

        A disk that is full keeps no position from being closed.
        """
        with contextlib.suppress(DataError):
            note_sale(self._folder, symbol, order_id)

    async def _answer(self) -> AccountSnapshot:
        now = asyncio.get_running_loop().time
        deadline = now() + _PATIENCE_S
        while True:
            try:
                return await self.broker.snapshot()
            except TradebotError:
                if now() >= deadline:
                    raise
            await asyncio.sleep(_AGAIN_S)

    def _own(self) -> dict[str, Decimal]:
        with Ledger(self._folder) as ledger:
            own = {row.symbol: row.quantity for row in ledger.positions()}
            for (symbol, trade_id), fill in self._fills.items():
                if not ledger.fills(symbol=symbol, trade_id=trade_id, limit=1):
                    own[symbol] = own.get(symbol, Decimal(0)) + fill.signed_quantity
        return own


@asynccontextmanager
async def coins_of(
    folder: Path, recorded: Recorded, host: BinanceHost, environment: Mapping[str, str]
) -> AsyncGenerator[OwnCoins]:
    """The account of a folder, connected for the block.

    Raises
    ------
    TradebotError : it cannot be reached or refuses the key.
    """
    options: dict[str, Any] = {"prefixes": recorded.prefixes, "since": recorded.since}
    if host.market == "spot":
        options |= {"holdings": holdings_of(folder, recorded.runs), "recorded": recorded.working}
    async with connected(host, environment, recorded.symbols, **options) as broker:
        yield OwnCoins(folder, broker)
