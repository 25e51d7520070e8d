"""The whole account, as policies, sizers and risk rules read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from tradebot.core.position import Position

if TYPE_CHECKING:
    from tradebot_native import Order


class Portfolio(Protocol):
    """Read-only view of an account; the native account has this shape.

    Amounts are in the account's currency. Equity is cash plus positions at their marks, after every event.

    Attributes
    ----------
    cash : balance, with what open positions cost taken off.
    equity : worth of the account now.
    fees, slippage, funding, borrow : paid so far, each as a positive number; funding may be received.
    margin_used : initial margin that open positions and orders hold.
    free_margin : what new orders may still use.
    maintenance_margin : equity at or below it means liquidation.
    realized_pnl : profit of closed quantities.
    gross_notional : worth of all positions, long and short alike counted positive.
    """

    @property
    def cash(self) -> float: ...
    @property
    def equity(self) -> float: ...
    @property
    def fees(self) -> float: ...
    @property
    def slippage(self) -> float: ...
    @property
    def funding(self) -> float: ...
    @property
    def borrow(self) -> float: ...
    @property
    def margin_used(self) -> float: ...
    @property
    def free_margin(self) -> float: ...
    @property
    def maintenance_margin(self) -> float: ...
    @property
    def realized_pnl(self) -> float: ...
    @property
    def gross_notional(self) -> float: ...

    def position(self, instrument: int | str, /) -> Position:
        """Position in a market, by its symbol or index; flat if nothing was traded."""
        ...

    def positions(self) -> Sequence[Position]:
        """Every position that is not flat."""
        ...

    def quantity(self, instrument: int | str, /) -> float:
        """Signed quantity held in a market, without the rest of the position."""
        ...

    def open_quantity(self, instrument: int | str, /) -> float:
        """The same as far as it can be closed: zero where it is dust."""
        ...

    def open_orders(self, instrument: int | str | None = None, /) -> Sequence[Order]:
        """Orders of a market that are working, or of all markets."""
        ...
