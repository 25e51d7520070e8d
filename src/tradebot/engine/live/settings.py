"""How a bot is driven."""

from __future__ import annotations

import msgspec


class DriverSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How a bot is driven.

    Parameters
    ----------
    lookback_bars : bars an indicator may look back on at the start.
    cancel_on_stop : whether entries that still wait are taken back at a stop in good order. Exits always stay.
    iterations : closed bars after which it stops by itself; ``None`` runs until it is told to.
    """

    lookback_bars: int = 1_000
    cancel_on_stop: bool = True
    iterations: int | None = None
