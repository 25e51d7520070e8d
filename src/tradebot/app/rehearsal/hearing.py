"""What a broker tells during a rehearsal, collected, and waits for it that end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from tradebot.core.errors import TradebotError
from tradebot.core.event import AccountEvent, Alarm, OrderNotFound, OrderUpdate
from tradebot.core.fill import COMMISSION, Fill
from tradebot.core.order import OrderState

if TYPE_CHECKING:
    from tradebot.brokers.binance import BinanceBroker, BinanceSpotBroker

# What an order of a rehearsal must not come to: every answer counts, and none may be missing.
_FAILURES: Final = (OrderState.REJECTED, OrderState.UNKNOWN)
_LOOK_EVERY_S: Final = 0.05


class Unmet(TradebotError):  # noqa: N818 - it is what a step came to
    """The exchange, or the broker, did not do what a step expects."""


class Hearing:
    """Everything a broker has told since its stream was opened.

    Parameters
    ----------
    broker : connected; it is heard until :meth:`close`.
    prefix : what the client ids of the rehearsal's orders begin with.
    """

    def __init__(self, broker: BinanceBroker | BinanceSpotBroker, prefix: str) -> None:
        self._broker = broker
        self._prefix = prefix
        self._events: list[AccountEvent] = []
        self._begun = 0
        # Orders that the exchange is to refuse.
        self._refusals: set[str] = set()
        self._task = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        async for event in self._broker.stream_events():
            self._events.append(event)

    def begin(self) -> None:
        """A new step begins: what failed before it is no failure of its own."""
        self._begun = len(self._events)

    def expect_refusal(self, order_id: str) -> None:
        """An order is about to be sent that the exchange must refuse: that is no failure."""
        self._refusals.add(order_id)

    async def until(self, expected: str, holds: Callable[[], bool], patience_s: float) -> None:
        """Wait until something holds.

        Raises
        ------
        Unmet : it did not in that time, or an order failed meanwhile.
        TradebotError : the stream has ended, for the reason it names.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                while not holds():
                    self.check()
                    await asyncio.sleep(_LOOK_EVERY_S)
                self.check()
                return
        raise Unmet(f"{expected}: not within {patience_s:g} s{self.last_words()}")

    def check(self) -> None:
        """Look whether an order of this step has failed.

        Raises
        ------
        Unmet : one was refused, or has no answer, or the broker has raised an alarm.
        TradebotError : the stream has ended, for the reason it names.
        """
        if self._task.done():
            self._task.result()
            raise Unmet("the stream of the broker has ended")
        for event in self._events[self._begun :]:
            if isinstance(event, Alarm):
                raise Unmet(event.text)
            if isinstance(event, OrderUpdate) and self._is_failure(event):
                raise Unmet(f"{event.order_id} is {event.state}: {event.reason or 'no reason was given'}")

    def _is_failure(self, event: OrderUpdate) -> bool:
        refused = event.state is OrderState.REJECTED and event.order_id in self._refusals
        return event.state in _FAILURES and event.order_id.startswith(self._prefix) and not refused

    def last_words(self) -> str:
        """The reason that was told last in this step, as the end of a sentence; empty where none was."""
        reasons = [event.reason for event in self._events[self._begun :] if isinstance(event, OrderUpdate)]
        told = next((reason for reason in reversed(reasons) if reason and reason != "requested"), "")
        return f"; the last word was: {told}" if told else ""

    def state(self, order_id: str) -> OrderState | None:
        """Where an order is by the last word on it; ``None`` before the first."""
        told = (event for event in reversed(self._events) if isinstance(event, OrderUpdate))
        return next((event.state for event in told if event.order_id == order_id), None)

    def answer(self, order_id: str) -> OrderUpdate | OrderNotFound | None:
        """The last word on an order in this step; ``None`` where there was none."""
        told = (
            event for event in reversed(self._events[self._begun :]) if isinstance(event, OrderUpdate | OrderNotFound)
        )
        return next((event for event in told if event.order_id == order_id), None)

    def booked(self) -> list[Fill]:
        """What a bot's books would count of the rehearsal's orders: each trade once, and coins that fees took."""
        found: dict[str, Fill] = {}
        for event in self._events:
            fill = event.fill if isinstance(event, OrderUpdate) else None
            if fill is not None and fill.order_id.removeprefix(COMMISSION).startswith(self._prefix):
                found[fill.trade_id] = fill
        return list(found.values())

    def trades(self, order_id: str = "") -> Iterator[Fill]:
        """The trades alone, of one order or of all."""
        return (
            fill
            for fill in self.booked()
            if not fill.order_id.startswith(COMMISSION) and order_id in ("", fill.order_id)
        )

    @property
    def position(self) -> Decimal:
        """Units that the books would have."""
        return sum((fill.signed_quantity for fill in self.booked()), Decimal(0))

    async def close(self) -> None:
        """Hear no more."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
