"""Tables of REST endpoints: what each costs, who may call it and what answers it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from tradebot.exchange.params import Params

if TYPE_CHECKING:
    from tradebot.exchange.venue import Venue

Security = Literal["none", "key", "signed"]
Handler = Callable[["Venue", Params], Any]
Weight = int | Callable[[Params], int]


class Endpoint(msgspec.Struct, frozen=True):
    """One endpoint.

    Parameters
    ----------
    handler : gives the JSON body.
    weight : request weight, where it depends on the request a function of its parameters.
    security : what a caller must show: nothing, the API key, or key and signature.
    orders : what it counts against the order budget of ten seconds; 0 for what places none. Against that of a minute a
        request counts once.
    """

    handler: Handler
    weight: Weight
    security: Security
    orders: int = 0

    def cost(self, params: Params) -> int:
        """Request weight of one request."""
        return self.weight if isinstance(self.weight, int) else self.weight(params)


class Table(dict[tuple[str, str], Endpoint]):
    """Endpoints by method and path."""

    def enter(
        self, method: str, *paths: str, weight: Weight = 1, security: Security = "signed", orders: int = 0
    ) -> Callable[[Handler], Handler]:
        """Put a function under a method and some paths, given without their ``/fapi/v1``."""

        def entered(handler: Handler) -> Handler:
            for path in paths:
                full = path if path.startswith("/") else f"/fapi/v1/{path}"
                self[method, full] = Endpoint(handler, weight, security, orders)
            return handler

        return entered


def dearer_without_symbol(with_symbol: int, without: int) -> Callable[[Params], int]:
    """Weight of an endpoint that costs more for all symbols than for one."""
    return lambda params: with_symbol if "symbol" in params else without
