"""`Bars`: the bars of one instrument as indicator nodes, which is what a strategy builds on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tradebot.core.instrument import Instrument
    from tradebot.core.interval import Interval
    from tradebot.indicators import Node


class Frame(Protocol):
    """Bars of one interval on one timeline; the indicators make it, from arrays or bar by bar."""

    @property
    def interval(self) -> Interval: ...
    @property
    def open(self) -> Node: ...
    @property
    def high(self) -> Node: ...
    @property
    def low(self) -> Node: ...
    @property
    def close(self) -> Node: ...
    @property
    def volume(self) -> Node: ...


class Frames(Protocol):
    """Where a bound strategy gets its instrument's bars, at any interval."""

    def frame(self, interval: str | None) -> Frame:
        """Bars at ``interval``, or at the one the run is driven by; a longer one shows closed bars only.

        Raises
        ------
        StrategyError : the run's bars do not fill bars of that interval.
        """
        ...


class Bars:
    """Bars of one instrument at one interval, as nodes for indicators.

    A node's last value is that of the last closed bar; what is still forming is never seen.

    Attributes
    ----------
    open, high, low, close : prices.
    volume : units traded in the bar.
    instrument : what is traded.
    interval : length of the bars.
    """

    __slots__ = ("close", "high", "instrument", "interval", "low", "open", "volume")

    def __init__(self, instrument: Instrument, frame: Frame) -> None:
        self.instrument = instrument
        self.interval = frame.interval
        self.open = frame.open
        self.high = frame.high
        self.low = frame.low
        self.close = frame.close
        self.volume = frame.volume

    @property
    def median(self) -> Node:
        """Middle of the bar: (high + low) / 2."""
        return (self.high + self.low) / 2.0

    @property
    def typical(self) -> Node:
        """Typical price: (high + low + close) / 3."""
        return (self.high + self.low + self.close) / 3.0

    def __repr__(self) -> str:
        return f"Bars({self.instrument.symbol}, {self.interval})"
