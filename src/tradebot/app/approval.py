"""A configuration as it is put on record, and what an approval for live trading is given for."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import msgspec

from tradebot.core.errors import JournalError

if TYPE_CHECKING:
    from tradebot.config import Configuration

_WRITER: Final = msgspec.json.Encoder(decimal_format="number")
_READER: Final = msgspec.json.Decoder(float_hook=Decimal)


def recorded(configuration: Configuration) -> str:
    """The checked document as JSON, its numbers exactly; :func:`from_record` reads it."""
    return _WRITER.encode(configuration.model_dump()).decode()


def from_record(text: str) -> Configuration:
    """The configuration that :func:`recorded` wrote.

    Raises
    ------
    JournalError : it is of another version of tradebot.
    """
    from pydantic import ValidationError

    from tradebot.config import Configuration

    try:
        return Configuration.model_validate(_READER.decode(text))
    except (ValidationError, msgspec.DecodeError):
        fact = "its configuration is not one of this version"
        raise JournalError(fact, place="run on record", mend="Use the version of tradebot that wrote it.") from None


def configuration_hash(configuration: Configuration) -> str:
    """Sha256 of the checked document, in hex: any change of it needs an approval of its own."""
    document = configuration.model_dump(mode="json")
    return hashlib.sha256(msgspec.json.encode(document, order="deterministic")).hexdigest()
