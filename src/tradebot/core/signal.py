"""What a strategy says: enter this way, or leave.

A strategy gives at most one of these a bar and instrument; a policy turns it into orders.

``Signal(side, *, entry, stop_loss, take_profit, stop_loss_pct, take_profit_pct, trailing_stop,
trailing_stop_pct, trailing_activation_pct, confidence, quantity, type, limit, stop, tag, metadata)``
    Enter ``"long"`` or ``"short"``. Prices are absolute; each ``*_pct`` is a fraction of the entry's fill price
    (0.01 is one percent) and ``trailing_stop`` a distance in price; ``trailing_activation_pct`` is the gain from which
    the trailing stop follows, at once where it is absent. A long needs
    ``stop_loss < entry < take_profit`` and a short the reverse; ``confidence`` lies in 0..1. A broken contract is a
    ``ValueError`` that names the field, raised where the signal is made.

``Exit(fraction, tag)``
    Close the position, or the given fraction of it.
"""

from __future__ import annotations

from enum import StrEnum

from tradebot_native import Exit, Signal

__all__ = ["Exit", "Signal", "SignalSide"]


class SignalSide(StrEnum):
    """Direction of the position a signal asks for."""

    LONG = "long"
    SHORT = "short"
