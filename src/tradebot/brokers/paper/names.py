"""Whose order is whose: our client ids, and the numbers that the simulated exchange gives."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import TYPE_CHECKING, Final

from tradebot.core.errors import OrderError
from tradebot.core.order import exit_id

if TYPE_CHECKING:
    import tradebot_native as native

    from tradebot.core.order import OrderIntent

_EXITS: Final = ("stop_loss", "take_profit", "trailing_stop")


class PaperNames:
    """The orders that are known, by their names.

    Parameters
    ----------
    numbers : numbers of orders by our client id, as :attr:`numbers` gives them.
    """

    def __init__(self, numbers: Mapping[str, int]) -> None:
        self._numbers = dict(numbers)
        self._names = {number: name for name, number in numbers.items()}

    @property
    def numbers(self) -> Mapping[str, int]:
        """The exchange's number of each order, by our client id."""
        return self._numbers

    def give(self, order_id: str, number: int) -> None:
        """Note that an order of the exchange is ours of that name."""
        self._numbers[order_id] = number
        self._names[number] = order_id

    def of(self, number: int, exchange: native.SimExchange) -> str:
        """Our client id of an exchange's order; its own exits and liquidations get theirs here."""
        name = self._names.get(number)
        if name is None:
            order = exchange.order(number)
            if order.parent is None or order.tag not in _EXITS:
                name = f"{order.tag}-{number}"
            else:
                entry = self.of(order.parent, exchange)
                name = next(name for n in count(1) if (name := exit_id(entry, order.tag, n)) not in self._numbers)
            self.give(name, number)
        return name

    def renumbered(self, order_id: str, intent: OrderIntent) -> OrderIntent:
        """The intent with its parent, which the books know by its number in the run, under the exchange's number."""
        if intent.parent is None:
            return intent
        run = order_id.rpartition("-")[0]
        parent = self._numbers.get(f"{run}-{intent.parent}")
        if parent is None:
            raise OrderError(f"its parent {intent.parent} was never sent", place=f"order {order_id}")
        return intent.with_parent(parent)

    def forget(self, exchange: native.SimExchange) -> None:
        """Let go of the orders that the exchange has forgotten."""
        self._names = {number: name for number, name in self._names.items() if exchange.keeps(number)}
        self._numbers = {name: number for number, name in self._names.items()}
