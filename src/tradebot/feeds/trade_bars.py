"""Bars out of trades, on the time at which the venue says they happened."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from tradebot.core.bar import Bar, Tick
from tradebot.core.decimals import exact
from tradebot.core.interval import Interval


class _Forming:
    """What the trades of one interval have come to so far; volume and value are exact sums."""

    __slots__ = ("_close", "_first_ts", "_high", "_last_ts", "_low", "_open", "_trades", "_value", "_volume")

    def __init__(self, tick: Tick) -> None:
        self._first_ts = self._last_ts = tick.ts
        self._open = self._high = self._low = self._close = tick.price
        self._volume = self._value = Decimal(0)
        self._trades = 0
        self.add(tick)

    def add(self, tick: Tick) -> None:
        if tick.ts < self._first_ts:
            self._first_ts, self._open = tick.ts, tick.price
        if tick.ts >= self._last_ts:
            self._last_ts, self._close = tick.ts, tick.price
        self._high, self._low = max(self._high, tick.price), min(self._low, tick.price)
        size = exact(tick.size)
        self._volume += size
        self._value += size * exact(tick.price)
        self._trades += 1

    def bar(self, ts: int) -> Bar:
        prices = self._open, self._high, self._low, self._close
        vwap = float(self._value / self._volume) if self._volume else float("nan")
        return Bar(ts, *prices, float(self._volume), self._trades, vwap)


class TradeBars:
    """Bars of one market out of its trades.

    A trade belongs to the interval that its time lies in, whenever it comes; among trades of one time the one that came
    first is the earlier. A bar is closed once the venue's time has passed its end by ``late_ns``; a trade that comes
    later still is left out and counted.

    Parameters
    ----------
    interval : the grid, which all bars open on.
    late_ns : for how long after its end an interval waits for trades, ns.
    flat : whether an interval without trades has a bar at the last close without volume, as Binance's candles do; else
        it has none, as those of Alpaca and Polygon.

    Attributes
    ----------
    begin : open time of the interval in which the first trade lay, int64 ns UTC; ``None`` before there was one. Trades
        of it may have happened before anybody listened.
    late : trades that came after their bar.
    """

    def __init__(self, interval: Interval, *, late_ns: int = 0, flat: bool = False) -> None:
        self._interval = interval
        self._late_ns = late_ns
        self._flat = flat
        self._forming: dict[int, _Forming] = {}
        self._close: float | None = None
        self._next = 0
        self.begin: int | None = None
        self.late = 0

    @property
    def due(self) -> int | None:
        """When the next interval is closed, int64 ns UTC; ``None`` before the first trade."""
        return None if self.begin is None else self._interval.next(self._next) + self._late_ns

    def add(self, tick: Tick) -> list[Bar]:
        """Take a trade.

        Returns
        -------
        The bars that are closed by its time, oldest first.
        """
        opened = self._interval.floor(tick.ts)
        if self.begin is None:
            self.begin = self._next = opened
        closed = self.close(tick.ts)
        if opened < self._next:
            self.late += 1
        elif (forming := self._forming.get(opened)) is None:
            self._forming[opened] = _Forming(tick)
        else:
            forming.add(tick)
        return closed

    def close(self, ts: int) -> list[Bar]:
        """Bars that are closed by the venue's time ``ts``, int64 ns UTC, oldest first."""
        return list(self._closed(ts))

    def _closed(self, ts: int) -> Iterator[Bar]:
        while (due := self.due) is not None and due <= ts:
            forming = self._forming.pop(self._next, None)
            if forming is not None:
                bar = forming.bar(self._next)
                self._close = bar.close
                yield bar
            elif self._flat and self._close is not None:
                yield Bar(self._next, self._close, self._close, self._close, self._close, 0.0)
            self._next = self._interval.next(self._next)
