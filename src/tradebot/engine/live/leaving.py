"""The last look before an order leaves, at what the trader could not know when it decided."""

from __future__ import annotations

from tradebot.core.event import OrderUpdate, Submit
from tradebot.core.journal import Journal
from tradebot.core.order import OrderState
from tradebot.engine.live.switch import KillSwitch


def refusal(submit: Submit, switch: KillSwitch, journal: Journal, now: int) -> OrderUpdate | None:
    """What is told in the broker's place of an order that must not leave any more; ``None`` where it may.

    Parameters
    ----------
    submit : the order; one that only closes always may.
    switch : no order opens while it is set.
    journal : nor while its disk is nearly full.
    now : int64 ns UTC.
    """
    if submit.intent.reduce_only:
        return None
    reason = "halted" if switch.is_set else "" if journal.has_headroom else "the disk is nearly full"
    if not reason:
        return None
    symbol = str(submit.intent.instrument)
    return OrderUpdate(ts=now, order_id=submit.order_id, symbol=symbol, state=OrderState.REJECTED, reason=reason)
