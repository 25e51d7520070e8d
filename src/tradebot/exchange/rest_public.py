"""Endpoints that tell of the markets.

Source of the shapes and weights: Binance Open Platform, USD-M futures, "Market Data" REST API.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from tradebot.core.errors import ConfigError
from tradebot.core.interval import Interval
from tradebot.exchange.candles import Candle
from tradebot.exchange.endpoints import Table, dearer_without_symbol
from tradebot.exchange.filters import exchange_info
from tradebot.exchange.market import Market
from tradebot.exchange.market_messages import levels
from tradebot.exchange.params import Params
from tradebot.exchange.refusals import Refusal
from tradebot.exchange.wire import ms, text

if TYPE_CHECKING:
    from tradebot.exchange.venue import Venue

TABLE: Final = Table()
INTERVALS: Final = ("1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w", "1M")
_DEPTHS: Final = (5, 10, 20, 50, 100, 500, 1000)
_MOST_CANDLES: Final = 1500
_MOST_TRADES: Final = 1000


def _kline_weight(params: Params) -> int:
    limit = params.integer("limit", 500) or 500
    return 1 if limit < 100 else 2 if limit < 500 else 5 if limit <= 1000 else 10


def _depth_weight(params: Params) -> int:
    limit = params.integer("limit", 500) or 500
    return 2 if limit <= 50 else 5 if limit <= 100 else 10 if limit <= 500 else 20


@TABLE.enter("GET", "ping", security="none")
def ping(venue: Venue, params: Params) -> Any:
    """Nothing."""
    return {}


@TABLE.enter("GET", "time", security="none")
def time(venue: Venue, params: Params) -> Any:
    """The server's clock."""
    return {"serverTime": venue.state.clock.now_ms()}


@TABLE.enter("GET", "exchangeInfo", security="none")
def info(venue: Venue, params: Params) -> Any:
    """Symbols, filters and limits."""
    state = venue.state
    statuses = {symbol: market.status for symbol, market in state.markets.items()}
    return exchange_info(state.settings.instruments, statuses, state.settings.budgets, state.clock.now_ms())


@TABLE.enter("GET", "klines", weight=_kline_weight, security="none")
def klines(venue: Venue, params: Params) -> Any:
    """Candles, the present one last."""
    market = market_of(venue, params)
    wanted = interval_of(params, market)
    candles = market.candles(wanted)
    rows = candles.closed + ([candles.current] if candles.current is not None else [])
    start, end = params.integer("startTime"), params.integer("endTime")
    limit = min(params.integer("limit", 500) or 500, _MOST_CANDLES)
    found = [each for each in rows if (start is None or ms(each.ts) >= start) and (end is None or ms(each.ts) <= end)]
    return [_kline(each) for each in (found[:limit] if start is not None else found[-limit:])]


@TABLE.enter("GET", "depth", weight=_depth_weight, security="none")
def depth(venue: Venue, params: Params) -> Any:
    """The order book."""
    market = market_of(venue, params)
    limit = params.integer("limit", 500) or 500
    if limit not in _DEPTHS:
        raise Refusal(-1130, name="limit")
    bids, asks = market.book.ladders(depth=limit)
    tick = market.instrument.tick_size
    return {
        "lastUpdateId": market.book.top.update_id,
        "E": venue.state.clock.now_ms(),
        "T": ms(venue.state.now),
        "bids": levels(bids, tick, falling=True),
        "asks": levels(asks, tick, falling=False),
    }


@TABLE.enter("GET", "aggTrades", weight=20, security="none")
def agg_trades(venue: Venue, params: Params) -> Any:
    """Trades of the market, oldest first."""
    market = market_of(venue, params)
    first, start, end = params.integer("fromId"), params.integer("startTime"), params.integer("endTime")
    limit = min(params.integer("limit", 500) or 500, _MOST_TRADES)
    found = [
        each
        for each in market.prints
        if (first is None or each.trade_id >= first)
        and (start is None or ms(each.ts) >= start)
        and (end is None or ms(each.ts) <= end)
    ]
    chosen = found[-limit:] if first is None and start is None else found[:limit]
    return [
        {
            "a": each.trade_id,
            "p": text(each.price),
            "q": text(each.quantity),
            "nq": text(each.quantity),
            "f": each.trade_id,
            "l": each.trade_id,
            "T": ms(each.ts),
            "m": each.buyer_makes,
        }
        for each in chosen
    ]


@TABLE.enter("GET", "trades", weight=5, security="none")
def trades(venue: Venue, params: Params) -> Any:
    """The latest trades of the market."""
    market = market_of(venue, params)
    limit = min(params.integer("limit", 500) or 500, _MOST_TRADES)
    return [
        {
            "id": each.trade_id,
            "price": text(each.price),
            "qty": text(each.quantity),
            "quoteQty": text(each.price * each.quantity),
            "time": ms(each.ts),
            "isBuyerMaker": each.buyer_makes,
            "isRPITrade": False,
        }
        for each in list(market.prints)[-limit:]
    ]


@TABLE.enter("GET", "ticker/24hr", weight=dearer_without_symbol(1, 40), security="none")
def ticker(venue: Venue, params: Params) -> Any:
    """Statistics of the last 24 hours."""
    return _each(venue, params, lambda market: _ticker(market, venue.state.now))


@TABLE.enter("GET", "ticker/price", "/fapi/v2/ticker/price", weight=dearer_without_symbol(1, 2), security="none")
def price(venue: Venue, params: Params) -> Any:
    """The last price."""
    now = ms(venue.state.now)
    return _each(
        venue, params, lambda market: {"symbol": market.instrument.symbol, "price": text(market.last), "time": now}
    )


@TABLE.enter("GET", "ticker/bookTicker", weight=dearer_without_symbol(2, 5), security="none")
def book_ticker(venue: Venue, params: Params) -> Any:
    """Best bid and ask."""
    now = ms(venue.state.now)
    return _each(
        venue,
        params,
        lambda market: {
            "symbol": market.instrument.symbol,
            "bidPrice": text(market.book.top.bid),
            "bidQty": text(market.book.top.bid_size),
            "askPrice": text(market.book.top.ask),
            "askQty": text(market.book.top.ask_size),
            "time": now,
            "lastUpdateId": market.book.top.update_id,
        },
    )


@TABLE.enter("GET", "premiumIndex", weight=dearer_without_symbol(1, 10), security="none")
def premium_index(venue: Venue, params: Params) -> Any:
    """Mark price, and the funding to come."""

    def of(market: Market) -> dict[str, Any]:
        rate, due = venue.state.next_funding(market.instrument.symbol)
        mark = text(market.last)
        return {
            "symbol": market.instrument.symbol,
            "markPrice": mark,
            "indexPrice": mark,
            "estimatedSettlePrice": mark,
            "lastFundingRate": text(rate),
            "interestRate": "0.00010000",
            "nextFundingTime": ms(due),
            "time": ms(venue.state.now),
        }

    return _each(venue, params, of)


@TABLE.enter("GET", "fundingRate", security="none")
def funding_rate(venue: Venue, params: Params) -> Any:
    """Funding that was due so far."""
    symbols = [params.text("symbol")] if "symbol" in params else list(venue.state.markets)
    start, end = params.integer("startTime"), params.integer("endTime")
    limit = min(params.integer("limit", 100) or 100, 1000)
    rows: list[dict[str, Any]] = []
    for symbol in symbols:
        venue.state.instrument(symbol)
        schedule = venue.state.settings.funding.get(symbol)
        if schedule is None:
            continue
        for ts, rate in zip(schedule.ts.tolist(), schedule.rate.tolist(), strict=True):
            if ts <= venue.state.now and (start is None or ms(ts) >= start) and (end is None or ms(ts) <= end):
                rows.append({"symbol": symbol, "fundingTime": ms(ts), "fundingRate": text(rate), "markPrice": ""})
    return rows[:limit] if start is not None else rows[-limit:]


@TABLE.enter("GET", "fundingInfo", security="none")
def funding_info(venue: Venue, params: Params) -> Any:
    """Symbols whose funding differs from the usual: none."""
    return []


def market_of(venue: Venue, params: Params) -> Market:
    """The market a request names.

    Raises
    ------
    Refusal : it names none that is traded.
    """
    symbol = params.text("symbol")
    venue.state.instrument(symbol)
    return venue.state.markets[symbol]


def interval_of(params: Params, market: Market) -> Interval:
    """The interval a request names.

    Raises
    ------
    Refusal : there are no candles of it.
    """
    word = params.text("interval")
    try:
        wanted = Interval.parse(word)
    except ConfigError:
        raise Refusal(-1120) from None
    if word not in INTERVALS or not market.offers(wanted):
        raise Refusal(-1120)
    return wanted


def _each(venue: Venue, params: Params, of: Callable[[Market], Any]) -> Any:
    """One symbol's row, or a list of every symbol's."""
    if "symbol" in params:
        return of(market_of(venue, params))
    return [row for row in map(of, venue.state.markets.values()) if row is not None]


def _kline(candle: Candle) -> list[Any]:
    return [
        ms(candle.ts),
        text(candle.open),
        text(candle.high),
        text(candle.low),
        text(candle.close),
        text(candle.volume),
        ms(candle.close_ts) - 1,
        text(candle.quote),
        candle.trades,
        text(candle.bought),
        text(candle.bought_quote),
        "0",
    ]


def _ticker(market: Market, now: int) -> dict[str, Any] | None:
    day = market.day(now)
    if day is None:
        return None
    change = day.close - day.open
    return {
        "symbol": market.instrument.symbol,
        "priceChange": text(change),
        "priceChangePercent": f"{100 * change / day.open:.3f}",
        "weightedAvgPrice": text(day.quote / day.volume if day.volume else day.close),
        "lastPrice": text(day.close),
        "lastQty": text(market.prints[-1].quantity if market.prints else 0.0),
        "openPrice": text(day.open),
        "highPrice": text(day.high),
        "lowPrice": text(day.low),
        "volume": text(day.volume),
        "quoteVolume": text(day.quote),
        "openTime": ms(day.ts),
        "closeTime": ms(now),
        "firstId": max(day.first_trade, 0),
        "lastId": max(day.last_trade, 0),
        "count": day.trades,
    }
