"""Market data in the words of Binance spot, for a bot that trades spot on paper: the same prices, other shapes.

Source of the shapes: Binance Open Platform, Spot, "Market Data endpoints" and "WebSocket Streams".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tradebot.exchange import rest_public
from tradebot.exchange.endpoints import Table
from tradebot.exchange.market import AVERAGED, Market
from tradebot.exchange.params import Params
from tradebot.exchange.user_messages import Message
from tradebot.exchange.wire import ms, text

if TYPE_CHECKING:
    from tradebot.exchange.venue import Venue

ROUTE: Final = "spot"
TABLE: Final = Table()
KINDS: Final = ("kline_", "aggTrade", "trade", "miniTicker", "avgPrice")
_MOST_CANDLES: Final = 1000
_FUTURES_ALONE: Final = {"aggTrade": ("nq", "st"), "trade": ("X",)}


TABLE.enter("GET", "/api/v3/ping", security="none")(rest_public.ping)
TABLE.enter("GET", "/api/v3/time", security="none")(rest_public.time)


@TABLE.enter("GET", "/api/v3/klines", weight=2, security="none")
def klines(venue: Venue, params: Params) -> Any:
    """Candles, the present one last: at most 1,000 of them."""
    rows = rest_public.klines(venue, params)
    return rows[:_MOST_CANDLES] if "startTime" in params else rows[-_MOST_CANDLES:]


@TABLE.enter("GET", "/api/v3/avgPrice", weight=2, security="none")
def average_price(venue: Venue, params: Params) -> Any:
    """The average price of the last minutes."""
    market = rest_public.market_of(venue, params)
    return {"mins": AVERAGED, "price": text(market.average(venue.state.now)), "closeTime": ms(venue.state.now)}


def average_price_message(market: Market, ts: int, now: int) -> Message:
    """The same on a stream; ``T`` is the time of the last trade."""
    told = {"s": market.instrument.symbol, "i": f"{AVERAGED}m", "w": text(market.average(ts))}
    return {"e": "avgPrice", "E": now, **told, "T": ms(market.prints[-1].ts if market.prints else ts)}


def of_futures(message: Message) -> Message:
    """A message of the futures' streams as spot tells it."""
    kind = str(message["e"])
    told = {name: value for name, value in message.items() if name not in _FUTURES_ALONE.get(kind, ())}
    return told | {"M": True} if kind in _FUTURES_ALONE else told
