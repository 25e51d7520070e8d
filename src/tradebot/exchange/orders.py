"""The exchange's own record of orders: plain ones, and conditional ones that place an order when they trigger."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator
from decimal import Decimal
from itertools import count
from typing import Final, Generic, Protocol, TypeVar

import msgspec

ZERO: Final = Decimal(0)
OPEN: Final = ("NEW", "PARTIALLY_FILLED")


class Placed(msgspec.Struct, kw_only=True, eq=False):
    """What any order has. Times are int64 ns UTC; a price of zero is none.

    Parameters
    ----------
    status : empty until the matching engine has taken it.
    native : id in the simulated exchange; None until it is there.
    """

    client_id: str
    symbol: str
    side: str
    kind: str
    tif: str
    quantity: Decimal
    price: Decimal = ZERO
    self_trade: str = "EXPIRE_MAKER"
    time: int = 0
    update_time: int = 0
    status: str = ""
    native: int | None = None

    @property
    def sign(self) -> int:
        """+1 for a buy, -1 for a sell."""
        return 1 if self.side == "BUY" else -1


class PlacedOnFutures(Placed, kw_only=True, eq=False):
    """What an order of the futures may have beside: conditions, and that it only reduces."""

    activate_price: Decimal = ZERO
    callback_rate: Decimal = ZERO
    reduce_only: bool = False
    close_position: bool = False
    working_type: str = "CONTRACT_PRICE"
    price_protect: bool = False
    good_till: int = 0


class Order(PlacedOnFutures, kw_only=True, eq=False):
    """An order of the matching engine.

    Parameters
    ----------
    original_kind : type as it was placed: it differs from ``kind`` where a conditional order placed it.
    """

    order_id: int
    original_kind: str
    stop_price: Decimal = ZERO
    executed: Decimal = ZERO
    quote: Decimal = ZERO
    expiry_reason: str = "0"

    @property
    def average_price(self) -> Decimal:
        """Average price of what was filled; zero for nothing."""
        return self.quote / self.executed if self.executed else ZERO

    @property
    def is_open(self) -> bool:
        """Whether it may still fill."""
        return self.status in OPEN


class Algo(PlacedOnFutures, kw_only=True, eq=False):
    """A conditional order of the algo service.

    Parameters
    ----------
    order : the order it placed when it triggered.
    native : id in the simulated exchange; None while it waits without a position it could reduce.
    reason : why it was rejected.
    """

    algo_id: int
    trigger: Decimal = ZERO
    trigger_time: int = 0
    reason: str = ""
    order: Order | None = None

    @property
    def is_open(self) -> bool:
        """Whether it still waits for its trigger."""
        return self.status == "NEW"


class Recorded(Protocol):
    """What a shelf keeps."""

    @property
    def client_id(self) -> str:
        """The client's own id."""
        ...

    @property
    def symbol(self) -> str:
        """The market."""
        ...


T = TypeVar("T", bound=Recorded)


class Shelf(Generic[T]):
    """Every order of one kind, found by its id, by its client id (the latest that had it) and among the open ones."""

    def __init__(self, first_id: int) -> None:
        self._ids = count(first_id)
        self._by_id: dict[int, T] = {}
        self._by_client: dict[str, T] = {}
        self._open: dict[int, T] = {}

    def next_id(self) -> int:
        """An id that was not given before."""
        return next(self._ids)

    def put(self, key: int, record: T) -> None:
        """Keep a record; it counts as open until `settle` says otherwise."""
        self._by_id[key] = record
        self._by_client[record.client_id] = record
        self._open[key] = record

    def drop(self, key: int) -> None:
        """Forget a record that was refused."""
        record = self._by_id.pop(key)
        self._open.pop(key, None)
        if self._by_client.get(record.client_id) is record:
            del self._by_client[record.client_id]

    def settle(self, key: int) -> None:
        """Take a record off the open ones."""
        self._open.pop(key, None)

    def find(self, key: int | None, client_id: str) -> T | None:
        """The record of an id, or else the latest of a client id."""
        return self._by_id.get(key) if key is not None else self._by_client.get(client_id)

    def is_taken(self, client_id: str) -> bool:
        """Whether an open record has a client id."""
        return any(record.client_id == client_id for record in self._open.values())

    def open(self, symbol: str = "") -> list[T]:
        """Open records, of one symbol or of all, oldest first."""
        return [record for record in self._open.values() if not symbol or record.symbol == symbol]

    def items(self) -> ItemsView[int, T]:
        """Ids and records, oldest first."""
        return self._by_id.items()

    def __iter__(self) -> Iterator[T]:
        return iter(self._by_id.values())
