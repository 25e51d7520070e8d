"""Candles of one symbol: built from trades or bars, longer ones from shorter ones."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from tradebot.core.interval import Interval


class Candle(msgspec.Struct):
    """One candle; ``close_ts`` is when the next one opens, int64 ns UTC. ``bought`` is the takers' bought volume."""

    ts: int
    close_ts: int
    open: float
    high: float
    low: float
    close: float
    volume: float = 0.0
    quote: float = 0.0
    trades: int = 0
    bought: float = 0.0
    bought_quote: float = 0.0
    first_trade: int = -1
    last_trade: int = -1

    def absorb(self, other: Candle) -> None:
        """Take in a later, shorter candle."""
        self.high = max(self.high, other.high)
        self.low = min(self.low, other.low)
        self.close = other.close
        self.volume += other.volume
        self.quote += other.quote
        self.trades += other.trades
        self.bought += other.bought
        self.bought_quote += other.bought_quote
        if self.first_trade < 0:
            self.first_trade = other.first_trade
        self.last_trade = max(self.last_trade, other.last_trade)


def flat(ts: int, close_ts: int, price: float) -> Candle:
    """A candle that stands still."""
    return Candle(ts, close_ts, price, price, price, price)


class Candles:
    """Candles of one interval: those that have closed, and the one that is being made."""

    def __init__(self, interval: Interval) -> None:
        self.interval = interval
        self.closed: list[Candle] = []
        self.current: Candle | None = None

    def absorb(self, piece: Candle) -> None:
        """Take in a trade or a shorter candle that opens at or after the present one's open."""
        if self.current is None:
            opened = self.interval.floor(piece.ts)
            self.current = msgspec.structs.replace(piece, ts=opened, close_ts=self.interval.close_of(opened))
        else:
            self.current.absorb(piece)

    def roll(self, now: int, *, fill_gaps: bool = False) -> list[Candle]:
        """Close what has ended by ``now``; ``fill_gaps`` makes candles of stretches without trades."""
        done: list[Candle] = []
        while self.current is not None and self.current.close_ts <= now:
            ended, self.current = self.current, None
            done.append(ended)
            after = self.interval.close_of(ended.close_ts)
            if fill_gaps and after <= now:
                self.current = flat(ended.close_ts, after, ended.close)
        self.closed.extend(done)
        return done

    def load(self, pieces: Iterable[Candle]) -> None:
        """Take in past pieces in their order."""
        for piece in pieces:
            self.roll(piece.ts)
            self.absorb(piece)
