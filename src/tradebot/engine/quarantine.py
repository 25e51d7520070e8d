"""Markets that take no entries until a person has looked: what is not understood stops trading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tradebot.core.event import Severity

if TYPE_CHECKING:
    from tradebot.core.event import Alarm, OrderUpdate
    from tradebot.core.protocols import Verdict
    from tradebot.engine.outbox import Outbox
    from tradebot.engine.plan import Plan

# A venue that has refused the same thing three times in a row will refuse it again.
_MOST_REFUSALS: Final = 3
# Rules that only a defect breaks.
_RUNAWAY: Final = frozenset({"order_rate", "repeated_orders"})


class Quarantine:
    """The markets that are closed to entries; exits go on in them.

    Attributes
    ----------
    symbols : the markets, until :meth:`release`.
    """

    def __init__(self, plan: Plan, outbox: Outbox) -> None:
        self._markets = plan.markets
        self._outbox = outbox
        self.symbols: set[str] = set()
        # The venue's last reason for a refusal in each market, and how often in a row it gave it.
        self._refusals: dict[str, tuple[str, int]] = {}

    def close(self, symbol: str, fact: str) -> None:
        """Close one market."""
        self.symbols.add(symbol)
        self._outbox.notify(Severity.CRITICAL, f"{fact}. The market takes no entries until the bot is released.")

    def on_alarm(self, event: Alarm) -> None:
        """Tell of it; one that stops entries closes every market."""
        if event.stops_entries:
            self._close_all(event.text)
        else:
            self._outbox.notify(event.severity, event.text)

    def on_denial(self, verdict: Verdict) -> None:
        """A rule has denied an order: one that tells of a runaway strategy closes every market."""
        if verdict.rule in _RUNAWAY:
            self._close_all(f"A strategy runs away: {verdict.reason}")

    def on_refusal(self, event: OrderUpdate) -> None:
        """The venue has refused an order; the third time in a row for the same reason its market is closed."""
        reason, count = self._refusals.get(event.symbol, ("", 0))
        count = count + 1 if reason == event.reason else 1
        self._refusals[event.symbol] = (event.reason, count)
        if count == _MOST_REFUSALS:
            self.close(event.symbol, f"{event.symbol}: the venue has refused {count} orders in a row: {event.reason}")

    def on_fill(self, symbol: str) -> None:
        """A market has traded: its venue takes orders."""
        self._refusals.pop(symbol, None)

    def release(self) -> None:
        """A person opens every market again."""
        self.symbols.clear()
        self._refusals.clear()

    def _close_all(self, fact: str) -> None:
        self.symbols.update(self._markets)
        self._outbox.notify(Severity.CRITICAL, f"{fact}. No market takes entries until the bot is released.")

    def state(self) -> dict[str, Any]:
        """What it remembers, as plain data."""
        refusals = [[symbol, *refusal] for symbol, refusal in self._refusals.items()]
        return {"symbols": sorted(self.symbols), "refusals": refusals}

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what :meth:`state` gave."""
        self.symbols = set(state["symbols"])
        self._refusals = {symbol: (reason, count) for symbol, reason, count in state["refusals"]}
