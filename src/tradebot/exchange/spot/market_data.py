"""Market data in the words of Binance spot: the same prices as among futures, other shapes.

Source of the shapes: Binance Open Platform, Spot, "Market Data endpoints" and "WebSocket Streams".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, cast

from tradebot.exchange import rest_public
from tradebot.exchange.endpoints import Table, dearer_without_symbol
from tradebot.exchange.market import AVERAGED, Market
from tradebot.exchange.params import Params
from tradebot.exchange.spot.filters import exchange_info
from tradebot.exchange.spot.wallet import BNB
from tradebot.exchange.user_messages import Message
from tradebot.exchange.wire import ms, text

if TYPE_CHECKING:
    from tradebot.exchange.venue import Venue

ROUTE: Final = "spot"
TABLE: Final = Table()
KINDS: Final = ("kline_", "aggTrade", "trade", "miniTicker", "ticker", "avgPrice", "bookTicker", "depth")
_MOST_CANDLES: Final = 1000
_FUTURES_ALONE: Final = {
    "aggTrade": ("nq", "st"),
    "trade": ("X",),
    "bookTicker": ("e", "E", "T"),
    "depthUpdate": ("T", "pu"),
}
_TRADES: Final = ("aggTrade", "trade")


TABLE.enter("GET", "/api/v3/ping", security="none")(rest_public.ping)
TABLE.enter("GET", "/api/v3/time", security="none")(rest_public.time)
TABLE.enter("GET", "/api/v3/ticker/price", weight=dearer_without_symbol(2, 4), security="none")(rest_public.price)


@TABLE.enter("GET", "/api/v3/exchangeInfo", weight=20, security="none")
def info(venue: Venue, params: Params) -> Any:
    """Symbols, filters and limits."""
    state = venue.state
    statuses = {symbol: market.status for symbol, market in state.markets.items()}
    wanted = params.symbols(state.instruments)
    instruments = tuple(state.instruments[symbol] for symbol in wanted)
    return exchange_info(instruments, statuses, state.settings.budgets, state.clock.now_ms())


@TABLE.enter("GET", "/api/v3/depth", weight=5, security="none")
def depth(venue: Venue, params: Params) -> Any:
    """The order book."""
    told = rest_public.depth(venue, params)
    return {name: told[name] for name in ("lastUpdateId", "bids", "asks")}


@TABLE.enter("GET", "/api/v3/trades", weight=25, security="none")
def trades(venue: Venue, params: Params) -> Any:
    """The latest trades of the market."""
    return [_without(row, "isRPITrade") | {"isBestMatch": True} for row in rest_public.trades(venue, params)]


@TABLE.enter("GET", "/api/v3/aggTrades", weight=4, security="none")
def agg_trades(venue: Venue, params: Params) -> Any:
    """Trades of the market, oldest first."""
    return [_without(row, "nq") | {"M": True} for row in rest_public.agg_trades(venue, params)]


@TABLE.enter("GET", "/api/v3/ticker/bookTicker", weight=dearer_without_symbol(2, 4), security="none")
def book_ticker(venue: Venue, params: Params) -> Any:
    """Best bid and ask."""
    return _each(rest_public.book_ticker(venue, params), lambda row: _without(row, "time", "lastUpdateId"))


@TABLE.enter("GET", "/api/v3/ticker/24hr", weight=dearer_without_symbol(2, 80), security="none")
def ticker(venue: Venue, params: Params) -> Any:
    """Statistics of the last 24 hours, with the best prices."""
    return _each(rest_public.ticker(venue, params), lambda row: _with_best(venue, row))


@TABLE.enter("GET", "/api/v3/klines", weight=2, security="none")
def klines(venue: Venue, params: Params) -> Any:
    """Candles, the present one last: at most 1,000 of them."""
    rows = rest_public.klines(venue, params)
    return rows[:_MOST_CANDLES] if "startTime" in params else rows[-_MOST_CANDLES:]


@TABLE.enter("GET", "/api/v3/avgPrice", weight=2, security="none")
def average_price(venue: Venue, params: Params) -> Any:
    """The average price of the last minutes."""
    state = venue.state
    if params.text("symbol") == f"{BNB}{state.settings.asset}" not in state.markets:
        price = text(state.settings.bnb_price)
    else:
        price = text(rest_public.market_of(venue, params).average(state.now))
    return {"mins": AVERAGED, "price": price, "closeTime": ms(state.now)}


def average_price_message(market: Market, ts: int, now: int) -> Message:
    """The same on a stream; ``T`` is the time of the last trade."""
    told = {"s": market.instrument.symbol, "i": f"{AVERAGED}m", "w": text(market.average(ts))}
    return {"e": "avgPrice", "E": now, **told, "T": ms(market.prints[-1].ts if market.prints else ts)}


def of_futures(stream: str, message: Message) -> Message:
    """A message of the futures' streams as spot tells it."""
    kind = str(message["e"])
    if kind == "depthUpdate" and stream.partition("@depth")[2][:1].isdigit():
        return {"lastUpdateId": message["u"], "bids": message["b"], "asks": message["a"]}
    told = {name: value for name, value in message.items() if name not in _FUTURES_ALONE.get(kind, ())}
    return told | {"M": True} if kind in _TRADES else told


def _each(told: Any, of: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    """One symbol's row, or a list of every symbol's, each in other words."""
    return list(map(of, cast("list[dict[str, Any]]", told))) if isinstance(told, list) else of(told)


def _without(row: Any, *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


def _with_best(venue: Venue, row: dict[str, Any]) -> dict[str, Any]:
    top = venue.state.markets[row["symbol"]].book.top
    best = {"bidPrice": text(top.bid), "bidQty": text(top.bid_size)}
    best |= {"askPrice": text(top.ask), "askQty": text(top.ask_size), "prevClosePrice": row["openPrice"]}
    return row | best
