"""The position in one market, as strategies, sizers and reports read it."""

from __future__ import annotations

from typing import Protocol


class Position(Protocol):
    """Read-only view of a position; the native account's positions have this shape.

    Attributes
    ----------
    symbol : the market.
    quantity : signed units: positive long, negative short, exactly zero when flat.
    entry_price : average price of the open quantity; zero when flat.
    mark_price : latest price.
    unrealized_pnl : profit of closing at the mark, before costs.
    notional : signed value at the mark.
    is_dust : whether it cannot be closed: on spot, coins that are fewer or worth less than the market's least order.
    """

    @property
    def symbol(self) -> str: ...
    @property
    def quantity(self) -> float: ...
    @property
    def entry_price(self) -> float: ...
    @property
    def mark_price(self) -> float: ...
    @property
    def unrealized_pnl(self) -> float: ...
    @property
    def notional(self) -> float: ...
    @property
    def is_dust(self) -> bool: ...
