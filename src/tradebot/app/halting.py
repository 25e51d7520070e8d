"""The kill switch from outside: works with the bot dead, hung, or its database locked."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, cast

import msgspec
from tradebot_native import OrderIntent

from tradebot.app.coins import coins_of, record_of
from tradebot.app.connecting import connected
from tradebot.app.recording import read_status
from tradebot.core.errors import DataError, JournalError, TradebotError
from tradebot.core.order import OrderType, exit_of, halt_id
from tradebot.store import locks
from tradebot.store.durable import make_folder, storage_errors, write_durably

if TYPE_CHECKING:
    from tradebot.brokers.binance import BinanceBroker, BinanceSpotBroker
    from tradebot.core.account import AccountSnapshot, OpenOrder, OpenPosition
    from tradebot.venues.binance import BinanceHost

_FILE: Final = "venue.json"
# How long a running bot has to close its own.
_PATIENCE_S: Final = 10.0
_LOOK_EVERY_S: Final = 0.1
_LOOKS: Final = 20
_STOPS: Final = (OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP)


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
    canceled : orders that worked and do not any more.
    kept : exits of open positions, which stay unless the positions are closed too.
    closing : markets whose position is being closed.
    left : orders that still worked when it was looked at again.
    unread : on spot, why the account or its record could not be looked through: its entries alone were taken back.
    open : markets whose position was to be closed and is not: Binance refuses, or on spot its bot still has to.
    bare : markets whose position has no stop at the broker.
    """

    canceled: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    bare: tuple[str, ...] = ()
    unread: str = ""


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

    Exits of positions that stay open stay too: a halt must not leave a position bare.

    Raises
    ------
    TradebotError : the broker cannot be reached or refuses the key. The latch holds all the same.
    """
    from tradebot.venues.binance import BinanceHost

    host = BinanceHost.of_environment(environment, venue.host, venue.market)
    if venue.market == "spot":
        return await _sweep_coins(folder, venue, host, environment, flatten=flatten)
    async with connected(host, environment, venue.symbols, prefixes=()) as broker:
        return await _swept(broker, broker.snapshot, venue, flatten=flatten)


async def _sweep_coins(
    folder: Path, venue: Venue, host: BinanceHost, environment: Mapping[str, str], *, flatten: bool
) -> Swept:
    """A sweep on spot, where no order is held to what is left of a position and coins tell no owner.

    Entries go first, by their names. Then as many coins are sold as the bot has there, and by one hand: where its
    process lives it closes what is its own, for an order that it is about to send, or sends when it wakes, would sell
    another's. No bot starts meanwhile.
    """
    entries = await _sweep_entries(venue, host, environment)
    sold: list[str] = []
    try:
        own = await _sweep_own(folder, venue, host, environment, sold, flatten=flatten)
    except TradebotError as error:
        return msgspec.structs.replace(entries, closing=tuple(sold), unread=str(error))
    return msgspec.structs.replace(own, canceled=(*entries.canceled, *own.canceled))


async def _sweep_own(
    folder: Path, venue: Venue, host: BinanceHost, environment: Mapping[str, str], sold: list[str], *, flatten: bool
) -> Swept:
    """Close what is the bot's; ``sold`` is given each market in which a sale was sent, however it ends."""
    began = time.time_ns()
    recorded = record_of(folder, venue.symbols)
    with ExitStack() as held:
        is_alive = not _hold(held, folder)

        async def may_sell() -> bool:
            return not is_alive or await _is_flat(folder, began)

        async with coins_of(folder, recorded, host, environment) as coins:

            def note(symbol: str, order_id: str) -> None:
                coins.note_sale(symbol, order_id)
                sold.append(symbol)

            return await _swept(coins.broker, coins.look, venue, flatten=flatten, may_close=may_sell, note=note)


async def _sweep_entries(venue: Venue, host: BinanceHost, environment: Mapping[str, str]) -> Swept:
    """Take back what the bot's names alone tell to be entries: nothing else that is not to be had must keep a halt."""
    # No trades are asked for.
    prefixes = (f"{venue.run_id}-",)
    async with connected(host, environment, venue.symbols, prefixes=prefixes, since=0) as connection:
        broker = cast("BinanceSpotBroker", connection)
        # With no position known, none of the exits would be one.
        going = [order_id for order_id in await broker.working() if exit_of(order_id) is None]
        for order_id in going:
            await broker.cancel(order_id)
        working = await broker.working()
    return Swept(
        canceled=tuple(order_id for order_id in going if order_id not in working),
        kept=tuple(order_id for order_id in working if order_id not in going),
        left=tuple(order_id for order_id in going if order_id in working),
    )


def _hold(held: ExitStack, folder: Path) -> bool:
    """Keep the account from every other process; ``False`` where one has it."""
    try:
        held.enter_context(locks.writing(folder, patience_s=0.0))
    except DataError:
        return False
    return True


async def _is_flat(folder: Path, since: int) -> bool:
    """Wait for the running bot to close what it has; ``False`` where it has not after a while."""
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        status = read_status(folder)
        # Coins that are too few to be sold stay.
        if status is not None and status["written"] > since and not status["orders"] and _holds_dust_alone(status):
            return True
        await asyncio.sleep(_LOOK_EVERY_S)
    return False


def _holds_dust_alone(status: Mapping[str, Any]) -> bool:
    return all(held.get("is_dust") for held in status["positions"])


async def _close(
    broker: BinanceBroker | BinanceSpotBroker,
    venue: Venue,
    positions: Sequence[OpenPosition],
    note: Callable[[str, str], None],
) -> None:
    for held in positions:
        side = "sell" if held.quantity > 0 else "buy"
        quantity = float(abs(held.quantity))
        intent = OrderIntent(held.symbol, side, quantity, reduce_only=True, tag="halt")
        order_id = f"{halt_id(venue.run_id)}{secrets.token_hex(4)}"
        note(held.symbol, order_id)
        await broker.submit(order_id, intent)


async def _closed(symbols: set[str], look: Callable[[], Awaitable[AccountSnapshot]]) -> AccountSnapshot:
    """The account once those positions are gone, which may lag behind the trades, or have their exits back."""
    account = await look()
    for count in range(_LOOKS):
        still = symbols & {each.symbol for each in account.positions}
        bare = still - {order.symbol for order in account.orders if _protects(order, account)}
        if not still or (count >= _LOOKS // 4 and not bare):
            break
        await asyncio.sleep(_LOOK_EVERY_S)
        account = await look()
    return account


def _smaller(before: Sequence[OpenPosition], after: Sequence[OpenPosition]) -> list[OpenPosition]:
    """What is left of those positions that became smaller: larger than one order may be, they are closed in pieces."""
    sizes = {each.symbol: abs(each.quantity) for each in before}
    return [each for each in after if abs(each.quantity) < sizes.get(each.symbol, 0)]


async def _yes() -> bool:
    return True


def _unnoted(symbol: str, order_id: str) -> None:
    """Needs no note: where positions are the account's, what was sold twice is refused."""


async def _swept(
    broker: BinanceBroker | BinanceSpotBroker,
    look: Callable[[], Awaitable[AccountSnapshot]],
    venue: Venue,
    *,
    flatten: bool,
    may_close: Callable[[], Awaitable[bool]] = _yes,
    note: Callable[[str, str], None] = _unnoted,
) -> Swept:
    """Entries first; exits go only once their position is gone, for the order that closes it may be refused."""
    before = await look()
    for order in before.orders:
        if not _protects(order, before):
            await broker.cancel(order.order_id)
    held: Sequence[OpenPosition] = ()
    if flatten and await may_close():
        after = await look()
        held = left = after.positions
        while left:
            await _close(broker, venue, left, note)
            after = await _closed({each.symbol for each in left}, look)
            left = _smaller(left, after.positions)
        for order in after.orders:
            if not _protects(order, after):
                await broker.cancel(order.order_id)
    after = await look()
    kept = [order for order in after.orders if _protects(order, after)]
    working = {order.order_id for order in after.orders}
    return Swept(
        canceled=tuple(order.order_id for order in before.orders if order.order_id not in working),
        kept=tuple(order.order_id for order in kept),
        closing=tuple(each.symbol for each in held),
        left=tuple(order.order_id for order in after.orders if order not in kept),
        open=tuple(each.symbol for each in after.positions) if flatten else (),
        bare=tuple(
            {each.symbol for each in after.positions} - {order.symbol for order in kept if order.type in _STOPS}
        ),
    )


def _protects(order: OpenOrder, account: AccountSnapshot) -> bool:
    """Whether an order is the exit of a position that is open."""
    return order.reduce_only and any(held.symbol == order.symbol for held in account.positions)
