"""The market's side of time: what a feed tells goes to the simulated exchange and to the market streams."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final, Protocol

import numpy as np
from tradebot_native import Bar, Quote, Tick

from tradebot.core.decimals import exact
from tradebot.core.errors import DataError
from tradebot.core.event import BarClosed, QuoteSeen, TickSeen
from tradebot.core.interval import SECOND, Interval
from tradebot.exchange import market_messages as messages
from tradebot.exchange.book import changes
from tradebot.exchange.candles import Candle
from tradebot.exchange.market import Market, Print
from tradebot.exchange.spot.market_data import average_price_message
from tradebot.exchange.state import Outlet, State

_PLENTY: Final = 1e12
_SECOND_MS: Final = 1_000
DEPTHS: Final = (5, 10, 20)


class Settling(Protocol):
    """What takes in what the simulated exchange has done."""

    def settle(self) -> None:
        """Take in everything it has done since the last time."""
        ...

    def reject_dormant(self, symbol: str, low: float, high: float) -> None:
        """Prices from ``low`` to ``high`` were met: what triggers at them and cannot trade is rejected."""
        ...

    def fund(self, symbol: str, paid: Decimal, ts: int) -> None:
        """Book a funding payment."""
        ...

    def watch_margin(self) -> None:
        """Call for margin where it is short."""
        ...


class Tape:
    """Lets the market's events pass."""

    def __init__(self, state: State, outlet: Outlet, executions: Settling) -> None:
        self._state = state
        self._outlet = outlet
        self._executions = executions
        self._shown = {symbol: market.book.top for symbol, market in state.markets.items()}
        self._next_second = dict.fromkeys(state.markets, 0)
        # When each market was told of by the second last, by the server's clock, ms.
        self._told_ms = dict.fromkeys(state.markets, 0)
        self._seen = dict.fromkeys(state.markets, state.now)
        # Markets of trades and quotes, which come in order of time over all; bars come one market after the other.
        self._ticking: set[str] = set()

    def check(self, event: BarClosed | TickSeen | QuoteSeen) -> None:
        """Refuse an event that this exchange cannot take.

        Raises
        ------
        DataError : its symbol is not traded here, or its bars have another interval.
        """
        if event.symbol not in self._state.markets:
            raise DataError(f"{event.symbol} is not traded here", place="exchange data", mend="Name it in the symbols.")
        if isinstance(event, BarClosed) and event.interval != self._state.settings.interval:
            raise DataError(
                f"a bar of {event.interval} where {self._state.settings.interval} is the shortest candle",
                place=f"exchange data {event.symbol}",
                mend="Give the exchange the interval of its bars.",
            )

    def open_bar(self, event: BarClosed) -> None:
        """The first price of a bar: market orders that wait fill at it."""
        bar, symbol = event.bar, event.symbol
        market = self._state.markets[symbol]
        self._state.now = max(self._state.now, bar.ts)
        close_ts = event.interval.close_of(bar.ts)
        printed = market.on_open(bar)
        if self._by_prints:
            self._pass_print(symbol, printed, bar)
        else:
            self._pass(symbol, bar.ts, lambda: self._state.sim.open_bar(symbol, bar, close_ts))
        self._executions.reject_dormant(symbol, bar.open, bar.open)
        self._show(market, [printed])

    def close_bar(self, event: BarClosed) -> None:
        """What follows the first price of a bar."""
        bar, symbol = event.bar, event.symbol
        market = self._state.markets[symbol]
        close_ts = event.interval.close_of(bar.ts)
        printed = market.on_rest(bar, close_ts)
        if self._by_prints:
            for each in printed:
                self._pass_print(symbol, each, bar)
        else:
            self._pass(symbol, close_ts, lambda: self._state.sim.close_bar(symbol, bar, close_ts))
        self._state.now = max(self._state.now, close_ts)
        self._executions.reject_dormant(symbol, bar.low, bar.high)
        self._show(market, printed)

    def end_step(self, ts: int, *, fill_gaps: bool = False) -> None:
        """Candles that have ended by ``ts`` are final; without trades there are candles only where gaps are filled."""
        for market in self._state.markets.values():
            for candles in market.tracked:
                for closed in candles.roll(ts, fill_gaps=fill_gaps):
                    self._show_candle(market, candles.interval, closed, final=True)

    def on_tick(self, event: TickSeen) -> None:
        """A trade was made."""
        tick, symbol = event.tick, event.symbol
        market = self._state.markets[symbol]
        self.end_step(tick.ts, fill_gaps=True)
        self._state.now = max(self._state.now, tick.ts)
        self._ticking.add(symbol)
        printed = market.on_trade(tick)
        self._pass(symbol, tick.ts, lambda: self._state.sim.on_tick(symbol, tick))
        self._executions.reject_dormant(symbol, tick.price, tick.price)
        self._show(market, [printed])

    def on_quote(self, event: QuoteSeen) -> None:
        """The best prices changed."""
        quote, symbol = event.quote, event.symbol
        market = self._state.markets[symbol]
        self.end_step(quote.ts, fill_gaps=True)
        self._state.now = max(self._state.now, quote.ts)
        self._ticking.add(symbol)
        market.on_quote(quote)
        self._pass(symbol, quote.ts, lambda: self._state.sim.on_quote(symbol, quote))
        self._show(market, [])

    def match_now(self, symbol: str) -> None:
        """Let new orders meet the present price, as deep as they need."""
        market = self._state.markets[symbol]
        if not market.last:
            return
        ts, book = self._state.now if symbol in self._ticking else self._seen[symbol], market.book
        if book.is_quoted:
            quote = Quote(ts, book.top.bid, book.top.ask, _PLENTY, _PLENTY)
            self._pass(symbol, ts, lambda: self._state.sim.on_quote(symbol, quote))
        else:
            self._pass(symbol, ts, lambda: self._state.sim.on_tick(symbol, Tick(ts, market.last, _PLENTY)))

    def pulse(self) -> None:
        """A second of the server's clock has passed: tell of the markets that stand still what is told every second."""
        now = self._state.clock.now_ms()
        for symbol, market in self._state.markets.items():
            if market.last and now - self._told_ms[symbol] >= _SECOND_MS:
                self._show_every_second(market, now)

    @property
    def _by_prints(self) -> bool:
        """Whether bars pass price by price, so that orders can be matched between any two."""
        return self._state.settings.matching == "at_once"

    def _pass_print(self, symbol: str, printed: Print, bar: Bar) -> None:
        tick = Tick(printed.ts, printed.price, bar.volume / 4)
        self._pass(symbol, printed.ts, lambda: self._state.sim.on_tick(symbol, tick))

    def _pass(self, symbol: str, ts: int, step: Callable[[], None]) -> None:
        """A step of the simulated exchange, with the funding that fell due in it."""
        state = self._state
        before = state.sim.portfolio.funding
        try:
            step()
        except ValueError as error:
            raise DataError(str(error), place=f"exchange data {symbol}", mend="Give events in order of time.") from None
        self._seen[symbol] = ts
        self._executions.settle()
        paid = state.sim.portfolio.funding - before
        if paid:
            schedule = state.settings.funding[symbol]
            row = int(np.searchsorted(schedule.ts, ts, side="right")) - 1
            self._executions.fund(symbol, exact(paid), int(schedule.ts[max(row, 0)]))
        self._executions.watch_margin()

    def _show(self, market: Market, printed: Sequence[Print]) -> None:
        """Tell the market streams of new trades and prices."""
        symbol, now, ts = market.instrument.symbol, self._state.clock.now_ms(), self._state.now
        name, wants, send = symbol.lower(), self._outlet.wants, self._outlet.market
        for each in printed:
            if wants(f"{name}@aggTrade"):
                send(f"{name}@aggTrade", messages.agg_trade(symbol, each, now))
            if wants(f"{name}@trade"):
                send(f"{name}@trade", messages.trade(symbol, each, now))
        for stream in (f"{name}@bookTicker", "!bookTicker"):
            if wants(stream):
                send(stream, messages.book_ticker(market, ts, now))
        self._show_depth(market, ts, now)
        if printed:
            for candles in market.tracked:
                if candles.current is not None:
                    self._show_candle(market, candles.interval, candles.current, final=False)
        if ts >= self._next_second[symbol]:
            self._next_second[symbol] = ts - ts % SECOND + SECOND
            self._show_every_second(market, now)

    def _show_candle(self, market: Market, interval: Interval, candle: Candle, *, final: bool) -> None:
        symbol = market.instrument.symbol
        stream = f"{symbol.lower()}@kline_{interval}"
        if self._outlet.wants(stream):
            now = self._state.clock.now_ms()
            self._outlet.market(stream, messages.kline(symbol, str(interval), candle, final, now))

    def _show_depth(self, market: Market, ts: int, now: int) -> None:
        symbol, book = market.instrument.symbol, market.book
        before, self._shown[symbol] = self._shown[symbol], book.top
        if before.update_id == book.top.update_id:
            return
        for stream in depth_streams(symbol.lower()):
            if not self._outlet.wants(stream):
                continue
            depth = int(stream.split("@")[1].removeprefix("depth") or 0)
            told = book.ladders(depth=depth)
            if not depth:
                told = tuple(changes(*sides) for sides in zip(book.ladders(before), book.ladders(), strict=True))
            self._outlet.market(stream, messages.depth_update(market, *told, previous=before.update_id, ts=ts, now=now))

    def _show_every_second(self, market: Market, now: int) -> None:
        symbol = market.instrument.symbol
        self._told_ms[symbol] = now
        name, wants, send = symbol.lower(), self._outlet.wants, self._outlet.market
        rate, due = self._state.next_funding(symbol)
        mark = messages.mark_price(symbol, market.last, rate, due, now)
        for stream in (f"{name}@markPrice", f"{name}@markPrice@1s"):
            if wants(stream):
                send(stream, mark)
        for stream in ("!markPrice@arr", "!markPrice@arr@1s"):
            if wants(stream):
                send(stream, [mark])
        if wants(f"{name}@avgPrice"):
            send(f"{name}@avgPrice", average_price_message(market, self._state.now, now))
        tickers = {"ticker": messages.ticker, "miniTicker": messages.mini_ticker}
        for kind, make in tickers.items():
            alone, all_of_them = f"{name}@{kind}", f"!{kind}@arr"
            if wants(alone) or wants(all_of_them):
                day = market.day(self._state.now)
                if day is not None:
                    told = make(market, day, now)
                    send(alone, told)
                    send(all_of_them, [told])


def depth_streams(name: str) -> list[str]:
    """Names of a symbol's depth streams."""
    kinds = ["depth", *(f"depth{depth}" for depth in DEPTHS)]
    return [f"{name}@{kind}{speed}" for kind in kinds for speed in ("", "@100ms", "@250ms", "@500ms", "@0ms")]
