"""Messages of the market streams.

Source of the shapes: Binance Open Platform, USD-M futures, "Websocket Market Streams".
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tradebot.core.instrument import Instrument
from tradebot.exchange.book import Ladder
from tradebot.exchange.candles import Candle
from tradebot.exchange.filters import NEVER_DELIVERED, ONBOARDED
from tradebot.exchange.market import Market, Print
from tradebot.exchange.wire import ms, text

Message = dict[str, Any]


def levels(ladder: Ladder, tick: Decimal, *, falling: bool) -> list[list[str]]:
    """Rows of price and size from the best outward."""
    return [[text(ticks * tick), text(ladder[ticks])] for ticks in sorted(ladder, reverse=falling)]


def kline(symbol: str, interval: str, candle: Candle, closed: bool, now: int) -> Message:
    """A candle as it stands; ``x`` says whether it is final."""
    return {
        "e": "kline",
        "E": now,
        "s": symbol,
        "k": {
            "t": ms(candle.ts),
            "T": ms(candle.close_ts) - 1,
            "s": symbol,
            "i": interval,
            "f": candle.first_trade,
            "L": candle.last_trade,
            "o": text(candle.open),
            "c": text(candle.close),
            "h": text(candle.high),
            "l": text(candle.low),
            "v": text(candle.volume),
            "n": candle.trades,
            "x": closed,
            "q": text(candle.quote),
            "V": text(candle.bought),
            "Q": text(candle.bought_quote),
            "B": "0",
        },
    }


def agg_trade(symbol: str, printed: Print, now: int) -> Message:
    """Trades of one taker at one price."""
    return {
        "e": "aggTrade",
        "E": now,
        "a": printed.trade_id,
        "s": symbol,
        "p": text(printed.price),
        "q": text(printed.quantity),
        "nq": text(printed.quantity),
        "f": printed.trade_id,
        "l": printed.trade_id,
        "T": ms(printed.ts),
        "m": printed.buyer_makes,
        "st": 1,
    }


def trade(symbol: str, printed: Print, now: int) -> Message:
    """A single trade."""
    return {
        "e": "trade",
        "E": now,
        "T": ms(printed.ts),
        "s": symbol,
        "t": printed.trade_id,
        "p": text(printed.price),
        "q": text(printed.quantity),
        "X": "MARKET",
        "m": printed.buyer_makes,
    }


def mark_price(symbol: str, price: float, rate: float, next_funding: int, now: int) -> Message:
    """Mark price, with the funding to come (rate, and time in ns)."""
    mark = text(price)
    return {
        "e": "markPriceUpdate",
        "E": now,
        "s": symbol,
        "p": mark,
        "ap": mark,
        "i": mark,
        "P": mark,
        "r": text(rate),
        "T": ms(next_funding),
    }


def book_ticker(market: Market, ts: int, now: int) -> Message:
    """Best bid and ask."""
    top = market.book.top
    return {
        "e": "bookTicker",
        "u": top.update_id,
        "E": now,
        "T": ms(ts),
        "s": market.instrument.symbol,
        "b": text(top.bid),
        "B": text(top.bid_size),
        "a": text(top.ask),
        "A": text(top.ask_size),
    }


def depth_update(market: Market, bids: Ladder, asks: Ladder, *, previous: int, ts: int, now: int) -> Message:
    """Changed levels, with the ids of the first and last update in it, and the ``previous`` message's last."""
    tick = market.instrument.tick_size
    return {
        "e": "depthUpdate",
        "E": now,
        "T": ms(ts),
        "s": market.instrument.symbol,
        "U": previous + 1,
        "u": market.book.top.update_id,
        "pu": previous,
        "b": levels(bids, tick, falling=True),
        "a": levels(asks, tick, falling=False),
    }


def ticker(market: Market, day: Candle, now: int) -> Message:
    """Statistics of the last 24 hours."""
    change = day.close - day.open
    return {
        "e": "24hrTicker",
        "E": now,
        "s": market.instrument.symbol,
        "p": text(change),
        "P": f"{100 * change / day.open:.3f}",
        "w": text(day.quote / day.volume if day.volume else day.close),
        "c": text(day.close),
        "Q": text(market.prints[-1].quantity if market.prints else 0.0),
        "o": text(day.open),
        "h": text(day.high),
        "l": text(day.low),
        "v": text(day.volume),
        "q": text(day.quote),
        "O": ms(day.ts),
        "C": ms(day.close_ts),
        "F": max(day.first_trade, 0),
        "L": max(day.last_trade, 0),
        "n": day.trades,
    }


def mini_ticker(market: Market, day: Candle, now: int) -> Message:
    """The same in fewer words."""
    return {
        "e": "24hrMiniTicker",
        "E": now,
        "s": market.instrument.symbol,
        "c": text(day.close),
        "o": text(day.open),
        "h": text(day.high),
        "l": text(day.low),
        "v": text(day.volume),
        "q": text(day.quote),
    }


def contract_info(instrument: Instrument, status: str, now: int) -> Message:
    """A change of a symbol's status."""
    return {
        "e": "contractInfo",
        "E": now,
        "s": instrument.symbol,
        "ps": instrument.symbol,
        "ct": "PERPETUAL",
        "dt": NEVER_DELIVERED,
        "ot": ONBOARDED,
        "cs": status,
        "st": 1,
    }
