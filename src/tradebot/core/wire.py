"""Messages as bytes and back, exactly: what a journal keeps and a bus carries.

A message is a MessagePack array of the version, the name of its type, and its fields by name. Decimals are text,
doubles their eight bytes (NaN as well), bars and intents plain values. The same message gives the same bytes, so that
two messages are the same if, and only if, their bytes are. Values of a signal's metadata must be plain ones (text,
numbers, booleans, ``None``, lists and mappings of them).
"""

from __future__ import annotations

from typing import Any, Final, cast, get_args

import msgspec
import numpy as np
from msgspec.msgpack import Decoder, Encoder

from tradebot.core.bar import Bar, BarArray, Quote, Tick
from tradebot.core.errors import DataError
from tradebot.core.event import History
from tradebot.core.fill import Fill
from tradebot.core.instrument import Instrument
from tradebot.core.interval import Interval
from tradebot.core.journal import Message
from tradebot.core.order import OrderIntent

VERSION: Final = 1

_BAR: Final = ("ts", "open", "high", "low", "close", "volume", "trades", "vwap")
_TICK: Final = ("ts", "price", "size", "side")
_QUOTE: Final = ("ts", "bid", "ask", "bid_size", "ask_size")
_INTENT: Final = (
    "instrument", "side", "quantity", "type", "price", "trigger", "trail", "trail_pct", "tif", "expire_ts",
    "reduce_only", "post_only", "stop_loss", "take_profit", "stop_loss_pct", "take_profit_pct", "trailing_stop",
    "trailing_stop_pct", "trailing_activation_pct", "parent", "oco", "tag",
)  # fmt: skip
_NATIVE: Final[dict[type[Any], tuple[str, ...]]] = {Bar: _BAR, Tick: _TICK, Quote: _QUOTE}


class _PackedHistory(msgspec.Struct, frozen=True):
    """History with its bars by the column, each column as little-endian bytes."""

    symbol: str
    interval: Interval
    instrument: Instrument
    bar_interval: Interval
    columns: dict[str, bytes]

    @classmethod
    def of(cls, history: History) -> _PackedHistory:
        bars = history.bars
        columns = {name: column.astype(_dtype(name)).tobytes() for name, column in bars.columns().items()}
        return cls(history.symbol, history.interval, bars.instrument, bars.interval, columns)

    def unpacked(self) -> History:
        columns = {name: np.frombuffer(data, _dtype(name)) for name, data in self.columns.items()}
        # What was taken as bars before is not judged again: rows that break the rules may have been kept by wish.
        bars = BarArray.trusted(self.instrument, self.bar_interval, columns)
        return History(self.symbol, self.interval, bars)


def _dtype(column: str) -> str:
    return "<i8" if column in ("ts", "trades") else "<f8"


def encode(message: Message | Fill) -> bytes:
    """Bytes of a message.

    Raises
    ------
    DataError : it holds a value that has no exact form, such as an object among a signal's metadata.
    """
    body = _PackedHistory.of(message) if isinstance(message, History) else message
    try:
        return _ENCODER.encode((VERSION, type(message).__name__, body))
    except (TypeError, ValueError, OverflowError) as error:
        mend = "Use text, numbers, booleans, lists and mappings of them."
        raise DataError(f"cannot be recorded: {error}", place=type(message).__name__, mend=mend) from None


def decode(data: bytes) -> Message | Fill:
    """The message of its bytes.

    Raises
    ------
    DataError : they are no message, or one of a newer version.
    """
    version, name, body = _envelope(data)
    if version > VERSION:
        mend = "Run the tradebot that wrote it, or a newer one."
        raise DataError(f"is of version {version}, and this tradebot reads up to {VERSION}", place="message", mend=mend)
    decoder = _DECODERS.get(name)
    if decoder is None:
        raise DataError(f'is of the unknown type "{name}"', place="message")
    try:
        found = decoder.decode(body)
        return found.unpacked() if isinstance(found, _PackedHistory) else found
    except (msgspec.MsgspecError, TypeError, ValueError, OverflowError) as error:
        raise DataError(f"cannot be read: {error}", place=name) from None


def _envelope(data: bytes) -> tuple[int, str, msgspec.Raw]:
    try:
        return _ENVELOPE.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise DataError(f"cannot be read: {error}", place="message") from None


def _plain(value: Any) -> Any:
    """A value msgspec does not know, as one it knows."""
    kind: type[Any] = type(value)  # pyright: ignore[reportUnknownVariableType]
    fields = _NATIVE.get(kind)
    if fields is not None:
        return [getattr(value, name) for name in fields]
    if isinstance(value, OrderIntent):
        given = {name: getattr(value, name) for name in _INTENT}
        return {name: field for name, field in given.items() if field is not None}
    if isinstance(value, np.generic):
        return cast("np.generic[Any]", value).item()
    fact = f"a value of type {kind.__name__} has no exact form"
    raise TypeError(fact)


def _revived(kind: type[Any], value: Any) -> Any:
    """A value of a type msgspec does not know."""
    return OrderIntent(**value) if kind is OrderIntent else kind(*value)


_ENCODER: Final = Encoder(enc_hook=_plain, order="deterministic")
_ENVELOPE: Final = Decoder(tuple[int, str, msgspec.Raw])
_DECODERS: Final[dict[str, Decoder[Any]]] = {
    kind.__name__: Decoder(_PackedHistory if kind is History else kind, dec_hook=_revived)
    for kind in (*get_args(Message), Fill)
}
