"""The parts of a local exchange that trades spot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from tradebot.exchange.params import Params
from tradebot.exchange.spot.account import SpotAccount
from tradebot.exchange.spot.desk import SpotDesk

if TYPE_CHECKING:
    from tradebot.exchange.venue import Venue

_MOST_ROWS: Final = 1_000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SpotMarket:
    """The account, and the desk that takes its orders."""

    account: SpotAccount
    desk: SpotDesk


def spot_of(venue: Venue) -> SpotMarket:
    """The spot market of an exchange.

    Raises
    ------
    TypeError : it trades futures.
    """
    if venue.spot is None:
        raise TypeError("an exchange of futures serves none of this")
    return venue.spot


def page(rows: list[T], params: Params, *, from_first: bool) -> list[T]:
    """As many rows as a request asks for: the first of them, or the latest."""
    limit = min(params.integer("limit", 500) or 500, _MOST_ROWS)
    return rows[:limit] if from_first else rows[-limit:]
