"""`Bars`: the bars of one instrument as indicator nodes, which is what a strategy builds on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tradebot.core.instrument import Instrument
    from tradebot.core.interval import Interval
    from tradebot.indicators import Frame, Node


class Bars:
    """Bars of one instrument at one interval, as nodes for indicators.

    A node's last value is that of the last closed bar; what is still forming is never seen.

    Parameters
    ----------
    instrument : what is traded.
    frame : its bars, past or to come.
    """

    __slots__ = ("frame", "instrument")

    def __init__(self, instrument: Instrument, frame: Frame) -> None:
        self.instrument = instrument
        self.frame = frame

    @property
    def interval(self) -> Interval:
        """Length of the bars."""
        return self.frame.interval

    @property
    def open(self) -> Node:
        """First price of each bar."""
        return self.frame.open

    @property
    def high(self) -> Node:
        """Highest price of each bar."""
        return self.frame.high

    @property
    def low(self) -> Node:
        """Lowest price of each bar."""
        return self.frame.low

    @property
    def close(self) -> Node:
        """Last price of each bar."""
        return self.frame.close

    @property
    def volume(self) -> Node:
        """Units traded in each bar."""
        return self.frame.volume

    @property
    def trades(self) -> Node:
        """Number of trades in each bar, where the data has it."""
        return self.frame.trades

    @property
    def vwap(self) -> Node:
        """Volume-weighted average price of each bar, where the data has it."""
        return self.frame.vwap

    @property
    def median(self) -> Node:
        """Middle of each bar: (high + low) / 2."""
        return self.frame.median

    @property
    def typical(self) -> Node:
        """Typical price of each bar: (high + low + close) / 3."""
        return self.frame.typical

    def __repr__(self) -> str:
        return f"Bars({self.instrument.symbol}, {self.interval})"
