"""Keeps the invariant: an open position whose entry asked for a stop has one resting, or is closed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from tradebot.core.event import Severity
from tradebot.core.order import OrderState
from tradebot.engine.outbox import SECOND

if TYPE_CHECKING:
    import tradebot_native as native

    from tradebot.core.event import OrderUpdate
    from tradebot.engine.exits import Exits
    from tradebot.engine.outbox import Outbox
    from tradebot.engine.plan import Plan

TIMER: Final = "protection"
# A venue that has refused two stops in a row will refuse the third.
_MOST_REFUSALS: Final = 2
# Doublings of the wait for a venue that keeps a stop too small: from a second to four minutes.
_MOST_DOUBLINGS: Final = 8
# A stop that was asked for so long ago and has covered the whole since was not asked for in vain, ns.
_TAKEN_AFTER: Final = 60 * SECOND
# Times after which the operator is told that it does.
_TOLD_AFTER: Final = 3


class Protection:
    """Looks at every position after every event, and by a timer while one is bare.

    A missing stop is put back at once; for a part of a position that its stop does not cover it is waited a moment, in
    which the answer to a change may still come. A venue that leaves the same part uncovered again, as one does whose
    coins are promised to another order, is asked ever more seldom. Where the market has passed its price, or the venue
    refuses it twice, the position is closed at the market instead.
    """

    def __init__(self, plan: Plan, books: native.Books, exits: Exits, outbox: Outbox) -> None:
        self._plan = plan
        self._books = books
        self._exits = exits
        self._outbox = outbox
        # Stops that were put back and refused, in a row, by market.
        self._refusals: dict[str, int] = {}
        # Markets whose position is being closed, which was told.
        self._closing: set[str] = set()
        # Since when stops have been too small, by market.
        self._small: dict[str, int] = {}
        # The part for which a stop of the whole was asked last, how often in vain, and when, by market.
        self._asked: dict[str, tuple[float, int, int]] = {}
        # When a venue took the stop of a position back in order to liquidate it, by market.
        self._liquidating: dict[str, int] = {}

    def on_news(self, event: OrderUpdate) -> None:
        """An order is in a new state: if it is a stop, whether the venue takes them."""
        number = self._books.find(event.order_id)
        if number is None or "stop" not in self._books.order(number).type:
            return
        if "liquidation" in event.reason:
            self._liquidating[event.symbol] = event.ts
        if event.state == OrderState.REJECTED:
            self._refusals[event.symbol] = self._refusals.get(event.symbol, 0) + 1
        elif event.state == OrderState.ACCEPTED:
            self._refusals.pop(event.symbol, None)
            self._closing.discard(event.symbol)

    def check(self, ts: int) -> None:
        """See to it that no position is bare."""
        positions = {position.symbol: position for position in self._books.portfolio.positions()}
        self._closing &= positions.keys()
        self._refusals = {symbol: count for symbol, count in self._refusals.items() if symbol in positions}
        wait = int(self._plan.patience.protection * SECOND)
        # What follows at once is the liquidation itself; were it not to come, the position needs its stop again.
        expected = {symbol for symbol, since in self._liquidating.items() if ts < since + wait}
        self._liquidating = {symbol: self._liquidating[symbol] for symbol in expected & positions.keys()}
        missing = {symbol: found for symbol in positions if (found := self._books.missing_stop(symbol))}
        small = [symbol for symbol, (_, part) in missing.items() if part < abs(positions[symbol].quantity)]
        self._small = {symbol: self._small.get(symbol, ts) for symbol in small}
        self._asked = {symbol: asked for symbol, asked in self._asked.items() if symbol in positions}
        due = {symbol: since + wait for symbol, since in self._liquidating.items()}
        for symbol, since in self._small.items():
            trigger, part = missing[symbol]
            doublings = 0 if _is_passed(positions[symbol], trigger) else self._doublings(symbol, part)
            due[symbol] = max(due.get(symbol, 0), since + wait * 2**doublings)
        for symbol, found in missing.items():
            if ts >= due.get(symbol, ts):
                self._cover(positions[symbol], *found, ts)
        looks = [at if (at := due.get(symbol, ts)) > ts else ts + wait for symbol in missing]
        if looks and not ts < self._outbox.timers.get(TIMER, ts) <= min(looks):
            self._outbox.wake(min(looks), TIMER)

    def _doublings(self, symbol: str, part: float) -> int:
        """Times that a stop was asked for this part in vain, as far as they make the wait longer."""
        return min(self._in_vain(symbol, part), _MOST_DOUBLINGS)

    def _in_vain(self, symbol: str, part: float) -> int:
        asked_for, times, asked = self._asked.get(symbol, (part, 0, 0))
        # What has covered the whole for a while was taken, and what took it away since is another matter.
        return times if asked_for == part and self._small[symbol] < asked + _TAKEN_AFTER else 0

    def _ask(self, symbol: str, part: float, ts: int) -> None:
        """A stop of the whole is asked for in the place of one that leaves a part uncovered."""
        times = self._in_vain(symbol, part) + 1
        self._asked[symbol] = (part, times, ts)
        if times == _TOLD_AFTER:
            fact = f"{symbol}: the broker leaves {part:g} units without a stop, though it was asked {times} times"
            self._outbox.notify(
                Severity.CRITICAL, f"{fact}. Another order may hold them. It is asked ever more seldom."
            )

    def _cover(self, position: native.Position, trigger: float, quantity: float, ts: int) -> None:
        symbol = position.symbol
        passed = _is_passed(position, trigger)
        refused = self._refusals.get(symbol, 0) >= _MOST_REFUSALS
        if not passed and not refused and symbol not in self._closing:
            self._outbox.notify(Severity.WARNING, f"{symbol} lacks its stop for {quantity:g} units: it is put back")
            if symbol in self._small:
                self._ask(symbol, quantity, ts)
            self._books.put_back_stop(symbol)
            return
        self._exits.close(symbol, "stop_loss")
        if symbol in self._closing:
            return
        self._closing.add(symbol)
        why = f"the market has passed its stop at {trigger:g}" if passed else "its stop was refused"
        self._outbox.notify(Severity.CRITICAL, f"{symbol}: {why}, so its position of {position.quantity:g} is closed")

    def state(self) -> dict[str, Any]:
        """What it remembers, as plain data."""
        closing, liquidating = sorted(self._closing), dict(self._liquidating)
        return {
            "refusals": dict(self._refusals),
            "closing": closing,
            "small": dict(self._small),
            "asked": dict(self._asked),
            "liquidating": liquidating,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what :meth:`state` gave."""
        self._refusals = dict(state["refusals"])
        self._closing = set(state["closing"])
        self._small = dict(state["small"])
        self._asked = {symbol: (part, times, asked) for symbol, (part, times, asked) in state["asked"].items()}
        self._liquidating = dict(state["liquidating"])


def _is_passed(position: native.Position, trigger: float) -> bool:
    """Whether the market lies beyond the price of a stop."""
    return not math.isnan(trigger) and (position.mark_price - trigger) * position.quantity <= 0
