"""The public side of one symbol: prices, trades, candles and the book."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from math import isnan
from typing import Final

import msgspec

from tradebot.core.bar import Bar, BarArray, Quote, Tick
from tradebot.core.instrument import Instrument
from tradebot.core.interval import DAY, MINUTE, Interval
from tradebot.exchange.book import Book
from tradebot.exchange.candles import Candle, Candles, flat

_KEPT_TRADES: Final = 20_000
AVERAGED: Final = 5
"""Minutes over which spot tells an average price."""


class Print(msgspec.Struct, frozen=True):
    """A trade of the market; ``buyer_makes``: the buyer rested in the book, a seller took."""

    trade_id: int
    ts: int
    price: float
    quantity: float
    buyer_makes: bool


class Market:
    """What everybody may know of one symbol.

    Parameters
    ----------
    instrument : the symbol.
    base : shortest candle.
    """

    def __init__(self, instrument: Instrument, base: Interval) -> None:
        self.instrument = instrument
        self.status = "TRADING"
        self.last = 0.0
        self.book = Book(instrument)
        self.prints: deque[Print] = deque(maxlen=_KEPT_TRADES)
        self._next_trade = 1
        self._base = base
        self._candles = {base: Candles(base)}

    def load(self, bars: BarArray) -> None:
        """Take in the past."""
        base = self._candles[self._base]
        step = self._base
        for bar in bars:
            base.roll(bar.ts)
            base.absorb(_whole(bar, step.close_of(bar.ts)))
        if len(bars):
            base.roll(int(bars.close_ts[-1]))
            self._price(float(bars.close[-1]))

    def candles(self, interval: Interval) -> Candles:
        """Candles of an interval, made from the shortest ones when they are first asked for."""
        known = self._candles.get(interval)
        if known is None:
            base = self._candles[self._base]
            known = Candles(interval)
            known.load(base.closed)
            if base.closed:
                known.roll(base.closed[-1].close_ts)
            if base.current is not None:
                known.absorb(msgspec.structs.replace(base.current))
            self._candles[interval] = known
        return known

    def offers(self, interval: Interval) -> bool:
        """Whether candles of an interval can be made."""
        return self._base.fits_into(interval)

    @property
    def tracked(self) -> tuple[Candles, ...]:
        """Candles of every interval that was asked for."""
        return tuple(self._candles.values())

    def on_trade(self, tick: Tick) -> Print:
        """A trade was made."""
        taker_buys = tick.side >= 0
        printed = self._print(tick.ts, tick.price, tick.size, taker_buys)
        piece = flat(tick.ts, tick.ts, tick.price)
        piece.volume, piece.quote, piece.trades = tick.size, tick.price * tick.size, 1
        if taker_buys:
            piece.bought, piece.bought_quote = piece.volume, piece.quote
        piece.first_trade = piece.last_trade = printed.trade_id
        for candles in self._candles.values():
            candles.absorb(piece)
        return printed

    def on_quote(self, quote: Quote) -> None:
        """The best prices changed."""
        self.book.move(quote)
        if not self.last:
            self.last = 0.5 * (quote.bid + quote.ask)

    def on_open(self, bar: Bar) -> Print:
        """The first price of a bar."""
        printed = self._print(bar.ts, bar.open, 0.0, taker_buys=True)
        opened = flat(bar.ts, bar.ts, bar.open)
        for candles in self._candles.values():
            candles.absorb(opened)
        return printed

    def on_rest(self, bar: Bar, close_ts: int) -> Sequence[Print]:
        """What follows the first price of a bar: nearer extreme, farther extreme, close; a third of the volume each."""
        low_first = bar.open - bar.low <= bar.high - bar.open
        path = (bar.low, bar.high, bar.close) if low_first else (bar.high, bar.low, bar.close)
        step = (close_ts - bar.ts) // 4
        sizes = [self._snapped(bar.volume / 3)] * 2
        sizes.append(bar.volume - sum(sizes))
        made: list[Print] = []
        before = bar.open
        for n, (price, size) in enumerate(zip(path, sizes, strict=True), start=1):
            made.append(self._print(bar.ts + n * step, price, size, taker_buys=price >= before))
            before = price
        whole = _whole(bar, close_ts)
        whole.first_trade, whole.last_trade = made[0].trade_id, made[-1].trade_id
        for candles in self._candles.values():
            candles.absorb(whole)
        return made

    def day(self, now: int) -> Candle | None:
        """The last 24 hours as one candle."""
        base = self._candles[self._base]
        recent = [candle for candle in base.closed[-max(1, DAY // self._base.ns) :] if candle.ts >= now - DAY]
        if base.current is not None:
            recent.append(base.current)
        if not recent:
            return None
        whole = msgspec.structs.replace(recent[0])
        for candle in recent[1:]:
            whole.absorb(candle)
        return whole

    def average(self, now: int) -> float:
        """Average price of the last minutes by volume; the last price where nothing traded."""
        worth = volume = 0.0
        for each in reversed(self.prints):
            if each.ts < now - AVERAGED * MINUTE:
                break
            worth += each.price * each.quantity
            volume += each.quantity
        return worth / volume if volume else self.last

    def _print(self, ts: int, price: float, size: float, taker_buys: bool) -> Print:
        printed = Print(self._next_trade, ts, price, size, not taker_buys)
        self._next_trade += 1
        self.prints.append(printed)
        self._price(price)
        return printed

    def _price(self, price: float) -> None:
        self.last = price
        if not self.book.is_quoted:
            self.book.centre(price)

    def _snapped(self, size: float) -> float:
        return float(self.instrument.snap_quantity(size))


def _whole(bar: Bar, close_ts: int) -> Candle:
    vwap = bar.close if isnan(bar.vwap) else bar.vwap
    return Candle(
        bar.ts,
        close_ts,
        bar.open,
        bar.high,
        bar.low,
        bar.close,
        volume=bar.volume,
        quote=bar.volume * vwap,
        trades=bar.trades,
        bought=bar.volume / 2,
        bought_quote=bar.volume * vwap / 2,
    )
