"""What keeps entries from going out: the state of the bot first, then every rule of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tradebot.core.protocols import Verdict
from tradebot.engine.saving import give_memory, memory_of

if TYPE_CHECKING:
    import tradebot_native as native

    from tradebot.core.order import OrderIntent
    from tradebot.engine.desk import Desk
    from tradebot.engine.orders import OrderManager
    from tradebot.engine.plan import Plan
    from tradebot.engine.reconciliation import Reconciliation


class Gate:
    """Reviews the orders that open a position; exits never come here.

    Attributes
    ----------
    paused : whether an operator has paused entries.
    halted : why the bot is halted; empty where it is not. It latches until a person releases it.
    orders, reconciliation : whose doubts close a market; set once they are made.
    """

    orders: OrderManager
    reconciliation: Reconciliation

    def __init__(self, plan: Plan, books: native.Books, desk: Desk) -> None:
        self._rules = plan.rules
        self._books = books
        self._desk = desk
        self.paused = False
        self.halted = ""

    @property
    def word(self) -> str:
        """The state of the bot in one word: ``halted``, ``paused``, ``starting`` or ``trading``."""
        starting = not self.reconciliation.begun
        states = ((bool(self.halted), "halted"), (self.paused, "paused"), (starting, "starting"))
        return next((word for applies, word in states if applies), "trading")

    def review(self, intent: OrderIntent) -> Verdict:
        """The verdict on an order that opens a position."""
        symbol = str(intent.instrument)
        states = (
            (bool(self.halted), "halted", self.halted),
            (self.paused, "paused", "an operator has paused entries"),
            (not self.reconciliation.begun, "not_reconciled", "the account was not compared with the broker's yet"),
            (symbol in self._desk.stale, "stale_data", f"the data of {symbol} is stale"),
            (
                symbol in self.orders.quarantine.symbols,
                "quarantined",
                f"{symbol} is closed to entries until the bot is released",
            ),
            (self.reconciliation.doubts(symbol), "quarantined", f"the broker holds another position in {symbol}"),
            (self.orders.inquiries.concerns(symbol), "unresolved_order", f"an order of {symbol} is unresolved"),
        )
        for applies, rule, reason in states:
            if applies:
                return Verdict(allowed=False, rule=rule, reason=reason)
        for rule in self._rules:
            verdict = rule.review(intent, self._books.portfolio, self._desk.snapshot)
            if not verdict.allowed:
                return verdict
        return Verdict(allowed=True)

    def state(self) -> dict[str, Any]:
        """The latches and what the rules remember, as plain data."""
        return {"paused": self.paused, "halted": self.halted, "rules": [memory_of(rule) for rule in self._rules]}

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what :meth:`state` gave."""
        self.paused, self.halted = state["paused"], state["halted"]
        for rule, memory in zip(self._rules, state["rules"], strict=True):
            give_memory(rule, memory)
