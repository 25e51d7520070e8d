"""What a bot has seen, kept for whoever looks at it without asking it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from tradebot.app.comparing import Comparison, compare
from tradebot.app.latest_bars import LatestBars
from tradebot.core.account import AccountSnapshot
from tradebot.core.event import (
    BarClosed,
    CashFlow,
    Event,
    History,
    OrderNotFound,
    OrderUpdate,
    QuoteSeen,
    TickSeen,
)

if TYPE_CHECKING:
    from tradebot.core.bar import BarArray
    from tradebot.core.instrument import Instrument
    from tradebot.core.interval import Interval

Phase = Literal["stopped", "starting", "running", "stopping", "failed"]

_BARS: Final = 5_000


class BotSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """A bot at one moment. It is made by the bot when it has time, and read without asking it.

    Parameters
    ----------
    phase : where it is in its life.
    taken : when this was made, int64 ns UTC.
    status : its driver's status as plain data; empty before it runs.
    run_id : name of its run.
    started : since when it runs; 0 where it does not.
    data_at, broker_at : when it heard of its markets and of its broker last, by the machine's clock; 0 for never.
    comparison : its books beside the broker's last answer; ``None`` where it has given none.
    error : why it failed.
    """

    phase: Phase = "stopped"
    taken: int = 0
    status: Mapping[str, Any] = msgspec.field(default_factory=dict[str, Any])
    run_id: str = ""
    started: int = 0
    data_at: int = 0
    broker_at: int = 0
    comparison: Comparison | None = None
    error: str = ""


class Watch:
    """Keeps the latest bars, when something was heard last, and the last comparison with the broker.

    Parameters
    ----------
    instruments : the markets, by symbol.
    interval : of their bars.

    Attributes
    ----------
    data_at, broker_at, comparison : as in :class:`BotSnapshot`.
    """

    def __init__(self, instruments: Mapping[str, Instrument], interval: Interval) -> None:
        self._instruments = instruments
        self._bars = {symbol: LatestBars(each, interval, _BARS) for symbol, each in instruments.items()}
        self.data_at = self.broker_at = 0
        self.comparison: Comparison | None = None

    def bars(self, symbol: str) -> BarArray | None:
        """The latest bars of a market; ``None`` where it is not watched."""
        seen = self._bars.get(symbol)
        return None if seen is None else seen.bars()

    def seen(self, event: Event, status: Callable[[], Mapping[str, Any]]) -> None:
        """Take an event that the trader has handled; ``status`` tells how it stands since."""
        match event:
            case BarClosed(symbol, _, bar):
                self._bars[symbol].add([bar])
                self.data_at = time.time_ns()
            case History(symbol, _, bars):
                self._bars[symbol].add(bars[-_BARS:])
            case TickSeen() | QuoteSeen():
                self.data_at = time.time_ns()
            case OrderUpdate() | OrderNotFound() | CashFlow():
                self.broker_at = time.time_ns()
            case AccountSnapshot():
                self.broker_at = time.time_ns()
                self.comparison = compare(event, status(), self._instruments)
            case _:
                pass
