"""The kill switch from outside: works with the bot dead, hung, or its database locked."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import msgspec
from tradebot_native import OrderIntent

from tradebot.app.connecting import connected
from tradebot.core.errors import JournalError
from tradebot.store.durable import make_folder, storage_errors, write_durably
from tradebot.store.ledger.queries import Ledger

if TYPE_CHECKING:
    from tradebot.brokers.binance import BinanceBroker, BinanceSpotBroker
    from tradebot.core.account import AccountSnapshot, OpenOrder, OpenPosition

_FILE: Final = "venue.json"
_OWN: Final = "halt-"


class Venue(msgspec.Struct, frozen=True, kw_only=True):
    """Where an account trades for real: all that a halt needs, in a file of its own beside the ledger.

    Parameters
    ----------
    broker : ``binance``.
    host, market : which Binance.
    symbols : the markets.
    run_id : what the client ids of its orders begin with.
    """

    broker: str
    host: Literal["live", "demo", "local"]
    market: Literal["usdm", "spot"] = "usdm"
    symbols: tuple[str, ...]
    run_id: str = ""


class Swept(msgspec.Struct, frozen=True, kw_only=True):
    """What a halt did at the broker.

    Parameters
    ----------
    canceled : orders that were taken back.
    kept : exits of open positions, which stay unless the positions are closed too.
    closing : markets whose position is being closed.
    left : orders that still worked when it was looked at again.
    """

    canceled: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def note_venue(folder: Path, venue: Venue) -> None:
    """Keep where an account trades, before it does.

    Raises
    ------
    DataError : it cannot be written.
    """
    with storage_errors(folder):
        make_folder(folder)
        write_durably(folder / _FILE, msgspec.json.encode(venue) + b"\n")


def venue_of(folder: Path) -> Venue | None:
    """Where an account trades for real; ``None`` where it never did.

    Raises
    ------
    JournalError : the file cannot be read.
    """
    try:
        return msgspec.json.decode((folder / _FILE).read_bytes(), type=Venue)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        mend = "Cancel the account's orders at the broker by hand."
        raise JournalError(f"cannot be read: {error}", place=str(folder / _FILE), mend=mend) from None


async def sweep(folder: Path, venue: Venue, environment: Mapping[str, str], *, flatten: bool) -> Swept:
    """Take back what works at the broker, and close the positions if asked to.

    Exits of positions that stay open stay too: a halt must not leave a position bare. Of coins, which tell no owner, as
    many are sold as the ledger in ``folder`` has.

    Raises
    ------
    TradebotError : the broker cannot be reached or refuses the key. The latch holds all the same.
    """
    from tradebot.venues.binance import BinanceHost

    host = BinanceHost.of_environment(environment, venue.host, venue.market)
    prefixes = (f"{venue.run_id}-", _OWN)
    if venue.market == "spot":
        # The exits of an earlier run's coins bind them.
        with Ledger(folder) as ledger:
            prefixes += tuple(f"{run.run_id}-" for run in ledger.runs())
    async with connected(host, environment, venue.symbols, prefixes=prefixes) as broker:
        before = await broker.snapshot()
        if venue.market == "spot":
            before = msgspec.structs.replace(before, positions=_own(folder, before))
        return await _swept(broker, before, flatten=flatten)


def _own(folder: Path, account: AccountSnapshot) -> tuple[OpenPosition, ...]:
    """The bot's part of an account's coins, by its ledger."""
    with Ledger(folder) as ledger:
        booked = {row.symbol: row.quantity for row in ledger.positions()}
    parts = (
        msgspec.structs.replace(held, quantity=min(held.quantity, booked.get(held.symbol, Decimal(0))))
        for held in account.positions
    )
    return tuple(part for part in parts if part.quantity > 0)


async def _swept(broker: BinanceBroker | BinanceSpotBroker, before: AccountSnapshot, *, flatten: bool) -> Swept:
    going = [order.order_id for order in before.orders if flatten or not _protects(order, before)]
    for order_id in going:
        await broker.cancel(order_id)
    if flatten:
        for held in before.positions:
            side = "sell" if held.quantity > 0 else "buy"
            quantity = float(abs(held.quantity))
            await broker.submit(
                f"{_OWN}{secrets.token_hex(4)}", OrderIntent(held.symbol, side, quantity, reduce_only=True, tag="halt")
            )
    after = await broker.snapshot()
    left = tuple(order.order_id for order in after.orders if order.order_id in going)
    return Swept(
        canceled=tuple(order_id for order_id in going if order_id not in left),
        kept=tuple(order.order_id for order in before.orders if order.order_id not in going),
        closing=tuple(held.symbol for held in before.positions) if flatten else (),
        left=left,
    )


def _protects(order: OpenOrder, account: AccountSnapshot) -> bool:
    """Whether an order is the exit of a position that is open."""
    return order.reduce_only and any(held.symbol == order.symbol for held in account.positions)
