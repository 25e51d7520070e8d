"""Asset classes: the kind of account and contract an instrument is traded under."""

from __future__ import annotations

from enum import StrEnum


class AssetClass(StrEnum):
    """Kind of account and contract an instrument is traded under."""

    SPOT = "spot"
    PERPETUAL = "perpetual"
    EQUITY = "equity"
    OPTION = "option"
