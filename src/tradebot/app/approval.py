"""What an approval for live trading is given for."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from tradebot.config import Configuration


def configuration_hash(configuration: Configuration) -> str:
    """Sha256 of the checked document, in hex: any change of it needs an approval of its own."""
    document = configuration.model_dump(mode="json")
    return hashlib.sha256(msgspec.json.encode(document, order="deterministic")).hexdigest()
