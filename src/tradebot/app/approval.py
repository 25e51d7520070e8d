"""A configuration as it is put on record, and what an approval for live trading is given for."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import msgspec

from tradebot.app.account import account_of
from tradebot.app.strategy import strategy_of
from tradebot.core.errors import JournalError
from tradebot.research.runs.provenance import own_sources

if TYPE_CHECKING:
    from tradebot.config import Configuration, Loaded

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


def configuration_hash(loaded: Loaded) -> str:
    """Sha256 of the checked document, its account and the strategy's own files, in hex: any change is another one.

    Raises
    ------
    ConfigurationError : the strategy cannot be found.
    """
    document = loaded.configuration.model_dump(mode="json")
    digest = hashlib.sha256(msgspec.json.encode(document, order="deterministic"))
    # A copy of the file under another name would trade the same money as an account of its own.
    digest.update(f"\0{account_of(loaded)}".encode())
    for name, text in own_sources(strategy_of(loaded)[0]).items():
        digest.update(f"\0{name}\0{text}".encode())
    return digest.hexdigest()
