"""What the broker has told so far, so that each trade is told once and no state goes back."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from tradebot.brokers.binance.names import OrderNames
from tradebot.core.event import AccountEvent, OrderUpdate
from tradebot.core.fill import Fill
from tradebot.core.order import OrderState, is_final
from tradebot.core.redaction import Redactor

_REMEMBERED: Final = 5_000
_RECENT: Final = 1_000


class Telling:
    """Events on their way to the driver.

    Parameters
    ----------
    names : the orders that are known.
    redactor : takes secrets out of the venue's words, for what is told is kept.

    Attributes
    ----------
    queue : the events, and an error where they end. Nothing in it is ever dropped.
    told : trades told so far.
    ended : is called with each order that has ended, whoever has told it.
    """

    def __init__(self, names: OrderNames, redactor: Redactor) -> None:
        self._names = names
        self._redactor = redactor
        self._seen: dict[tuple[str, str], None] = {}
        self.queue: asyncio.Queue[AccountEvent | Exception] = asyncio.Queue()
        # The latest trades, oldest first, with how many were told before them.
        self._recent: deque[tuple[int, Fill]] = deque(maxlen=_RECENT)
        self.told = 0
        self.ended: Callable[[str], None] = _nobody

    def knows(self, symbol: str, trade_id: str) -> bool:
        """Whether a trade was told."""
        return (symbol, trade_id) in self._seen

    def fill(self, fill: Fill, state: OrderState, *, venue_id: str = "", reason: str = "") -> bool:
        """Tell of a trade, once by its id; ``state`` is where its order is by the venue's word."""
        key = (fill.symbol, fill.trade_id)
        if key in self._seen:
            return False
        self._seen[key] = None
        if len(self._seen) > _REMEMBERED:
            del self._seen[next(iter(self._seen))]
        self._recent.append((self.told, fill))
        self.told += 1
        known = self._names.get(fill.order_id)
        if known is not None:
            known.filled += fill.quantity
            # A trade that is told late leaves an order that has ended where it is.
            known.state = state if known.advances_to(state) else known.state
            state = known.state if is_final(known.state) else state
        self._put(fill.ts, fill.order_id, fill.symbol, state, venue_id=venue_id, reason=reason, fill=fill)
        return True

    def state(
        self,
        ts: int,
        order_id: str,
        symbol: str,
        state: OrderState,
        *,
        venue_id: str = "",
        reason: str = "",
        terms: dict[str, Decimal] | None = None,
        asked: bool = False,
    ) -> None:
        """Tell of an order's state; what is no news is told only where somebody ``asked``."""
        known = self._names.get(order_id)
        if known is not None and state is not OrderState.UNKNOWN:
            if known.advances_to(state):
                known.state = state
            elif not asked and not terms:
                return
            elif is_final(known.state):
                state = known.state
        self._put(ts, order_id, symbol, state, venue_id=venue_id, reason=reason, terms=terms)

    def put(self, event: AccountEvent | Exception) -> None:
        """Tell of something else."""
        self.queue.put_nowait(event)

    def since(self, count: int) -> tuple[Fill, ...]:
        """The trades told after the first ``count``, as far as they are remembered; those before are forgotten."""
        while self._recent and self._recent[0][0] < count:
            self._recent.popleft()
        return tuple(fill for _, fill in self._recent)

    def _put(
        self,
        ts: int,
        order_id: str,
        symbol: str,
        state: OrderState,
        *,
        venue_id: str,
        reason: str,
        fill: Fill | None = None,
        terms: dict[str, Decimal] | None = None,
    ) -> None:
        self.put(
            OrderUpdate(
                ts=ts,
                order_id=order_id,
                symbol=symbol,
                state=state,
                venue_id=venue_id,
                reason=self._redactor.text(reason),
                fill=fill,
                **(terms or {}),
            )
        )
        if is_final(state):
            self.ended(order_id)


def _nobody(order_id: str) -> None:
    """Cares for no end."""
