"""What any broker of Binance answers from its connection: markets, clock, what happens, and whether it hears."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence

from tradebot.brokers.binance.hearing import Hearing
from tradebot.brokers.binance.rest import BinanceRest
from tradebot.brokers.binance.rules import MarketRules
from tradebot.brokers.binance.tasks import Tasks
from tradebot.brokers.binance.telling import Telling
from tradebot.brokers.binance.user_stream import UserStream
from tradebot.core.event import AccountEvent
from tradebot.core.instrument import Instrument
from tradebot.core.order import OrderIntent, OrderState


class Connected(ABC):
    """The part of an :class:`tradebot.core.protocols.ExecutionEngine` that spot and futures have in common.

    Parameters
    ----------
    rest : the requests.
    rules : the markets, by symbol.
    telling : what is to be told.
    stream, hearing : the user stream, and who listens to it.
    """

    def __init__(
        self, rest: BinanceRest, rules: dict[str, MarketRules], telling: Telling, stream: UserStream, hearing: Hearing
    ) -> None:
        self._rest = rest
        self._rules = rules
        self._telling = telling
        self._stream = stream
        self._hearing = hearing
        self._learning = Tasks()

    async def close(self) -> None:
        """Close the connections."""
        await self._learning.end()
        await self._rest.close()

    def instruments(self, symbols: Sequence[str]) -> tuple[Instrument, ...]:
        """The markets with Binance's own steps and limits, and what the account pays there."""
        return tuple(self._rules[symbol].instrument for symbol in symbols)

    @property
    def is_hearing(self) -> bool:
        """Whether the user stream is open, and what happened before it was has been told."""
        return self._stream.is_open and self._hearing.is_caught_up

    @property
    def reconnects(self) -> int:
        """Times the user stream was opened again."""
        return max(self._stream.opens - 1, 0)

    @property
    def skew(self) -> int:
        """Binance's time less this machine's at the last look, ns."""
        return self._rest.skew

    @property
    def fault(self) -> str:
        """Why the user stream is closed, or the last question failed."""
        return self._stream.fault or self._hearing.fault

    async def time(self) -> int:
        """Binance's clock, int64 ns UTC."""
        return await self._rest.time()

    async def stream_events(self) -> AsyncIterator[AccountEvent]:
        """Every change of every order, every trade, every cash flow the venue tells of, for good."""
        tasks = [asyncio.create_task(self._hearing.listen()), asyncio.create_task(self._watch())]
        try:
            while True:
                event = await self._telling.queue.get()
                if isinstance(event, Exception):
                    raise event
                yield event
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    @abstractmethod
    async def _watch(self) -> None:
        """Look after what no stream tells, for good."""

    def _symbol(self, intent: OrderIntent) -> str:
        given = intent.instrument
        return given if isinstance(given, str) else tuple(self._rules)[given]

    def _tell(self, order_id: str, symbol: str, state: OrderState, reason: str, *, asked: bool = False) -> None:
        self._telling.state(self._rest.now(), order_id, symbol, state, reason=reason, asked=asked)
