"""The sales of halts, on disk before they are sent: the venue tells of a trade a while after it was made."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

import msgspec

from tradebot.core.errors import JournalError
from tradebot.core.interval import SECOND
from tradebot.store.durable import storage_errors, write_durably

_FILE: Final = "sales.json"
# By then a venue tells of whatever was sent.
_KEPT_NS: Final = 600 * SECOND


class Sale(msgspec.Struct, frozen=True, kw_only=True):
    """A sale by which a halt closes a position.

    Parameters
    ----------
    ts : when it was about to be sent, int64 ns UTC by this machine's clock.
    symbol, order_id : its market and client id.
    """

    ts: int
    symbol: str
    order_id: str


def note_sale(folder: Path, symbol: str, order_id: str) -> None:
    """Keep a sale that is about to be sent, for the next halt and the next start of the bot.

    Raises
    ------
    DataError : it cannot be written.
    JournalError : what is there cannot be read.
    """
    sale = Sale(ts=time.time_ns(), symbol=symbol, order_id=order_id)
    with storage_errors(folder):
        write_durably(folder / _FILE, msgspec.json.encode([*sales_of(folder), sale]) + b"\n")


def sales_of(folder: Path) -> list[Sale]:
    """The sales of the last minutes.

    Raises
    ------
    JournalError : the file cannot be read.
    """
    try:
        sales = msgspec.json.decode((folder / _FILE).read_bytes(), type=list[Sale])
    except FileNotFoundError:
        return []
    except (OSError, msgspec.MsgspecError) as error:
        mend = "Remove it once no sale of a halt works at the broker any more."
        raise JournalError(f"cannot be read: {error}", place=str(folder / _FILE), mend=mend) from None
    return [sale for sale in sales if sale.ts > time.time_ns() - _KEPT_NS]
