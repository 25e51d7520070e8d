"""From a configuration to its markets and the feed that brings their data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import msgspec

from tradebot.core.errors import ConfigError
from tradebot.core.instant import to_ns
from tradebot.core.instrument import Instrument, instrument_for
from tradebot.core.interval import Interval
from tradebot.engine.live.clock import DataClock, VenueClock
from tradebot.venues.binance import URL_VARIABLE, BinanceHost

if TYPE_CHECKING:
    from tradebot.config import Configuration
    from tradebot.core.protocols import Feed

_MOCK_START: Final = "2024-01-01"

Opened = tuple["Feed", "DataClock | VenueClock"]


@dataclass(frozen=True, slots=True)
class Markets:
    """The markets of a bot, and where their data comes from.

    Attributes
    ----------
    instruments : with the fees that the configuration sets.
    open : the feed and the time it lives by, after the newest bar on record (its open time; ``None`` for none).
    """

    instruments: tuple[Instrument, ...]
    open: Callable[[int | None], Opened]


def markets_of(configuration: Configuration, environment: Mapping[str, str]) -> Markets:
    """The markets of a configuration.

    Parameters
    ----------
    environment : where addresses stand.

    Raises
    ------
    TradebotError : there is no such market, or its data cannot be had.
    """
    source = configuration.data.data_source
    match source:
        case "mock":
            return _mock(configuration)
        case "store":
            return _stored(configuration)
        case "binance":
            return _binance(configuration, environment)
        case _:
            mend = 'Use "binance", "store" or "mock".'
            raise ConfigError(f'no bot runs on "{source}" yet', place="data.data_source", mend=mend)


def _mock(configuration: Configuration) -> Markets:
    from tradebot.feeds.mock import MockFeed

    data, interval = configuration.data, Interval.parse(configuration.data.interval)
    begin = to_ns(data.start or _MOCK_START)
    # The market is there long enough for the first decision to look back.
    first = interval.floor(begin) + data.lookback_bars * interval.ns

    def opened(newest: int | None) -> Opened:
        live_from = first if newest is None else max(first, interval.close_of(newest))
        feed = MockFeed(start=begin, live_from=live_from, speed=_speed(configuration))
        return _built(configuration, feed, None, flat=False), DataClock(live_from)

    instruments = [instrument_for(symbol, "mock") for symbol in configuration.traded]
    return Markets(_with_fees(configuration, instruments), opened)


def _built(configuration: Configuration, feed: Feed, now: Callable[[], int] | None, *, flat: bool) -> Feed:
    """The feed as it is, or as one that builds bars from trades where the configuration wants it so."""
    if configuration.data.bars_from == "stream":
        return feed
    from tradebot.feeds.trade_bar_feed import TradeBarFeed

    return TradeBarFeed(feed, now, flat=flat)


def _stored(configuration: Configuration) -> Markets:
    from tradebot.feeds.replay import ReplayFeed
    from tradebot.store.library import Library
    from tradebot.store.reading import stored_bars

    data, interval = configuration.data, Interval.parse(configuration.data.interval)
    if data.bars_from == "trades":
        mend = 'Leave it out, or take "binance" or "mock".'
        raise ConfigError("stored bars are played as they are", place="data.bars_from", mend=mend)
    library = Library()
    bars = [stored_bars(library, symbol, interval).bars for symbol in configuration.traded]

    def opened(newest: int | None) -> Opened:
        closes = (array.close_ts[min(data.lookback_bars, len(array)) - 1] for array in bars)
        first = int(max(closes)) if data.start is None else to_ns(data.start)
        live_from = first if newest is None else max(first, interval.close_of(newest))
        return ReplayFeed(bars, live_from=live_from, speed=_speed(configuration)), DataClock(live_from)

    return Markets(_with_fees(configuration, [array.instrument for array in bars]), opened)


def _binance(configuration: Configuration, environment: Mapping[str, str]) -> Markets:
    from tradebot.feeds.binance import BinanceHistory
    from tradebot.feeds.binance_stream import BinanceFeed

    host = binance_host(configuration, environment)
    # A local exchange may be given candles of a second, so that what takes hours can be tried out in minutes.
    offered = (*BinanceHistory.abilities.intervals, *([Interval(1, "s")] if host.mode == "local" else []))
    if Interval.parse(configuration.data.interval) not in offered:
        fact = f"Binance has no bars of {configuration.data.interval}"
        raise ConfigError(fact, place="data.interval", mend=f"Use one of {', '.join(map(str, offered))}.")

    def opened(newest: int | None) -> Opened:
        feed = BinanceFeed(host)
        clock = VenueClock(feed.time)
        return _built(configuration, feed, clock.now, flat=True), clock

    venue = f"binance_{configuration.broker.market}"
    return Markets(
        _with_fees(configuration, [instrument_for(symbol, venue) for symbol in configuration.traded]), opened
    )


def binance_host(configuration: Configuration, environment: Mapping[str, str]) -> BinanceHost:
    """Where Binance is reached: as configured, else the local exchange if one is named in the environment, else live.

    Raises
    ------
    ConfigError : an address does not fit.
    """
    local = bool(environment.get(URL_VARIABLE))
    mode = configuration.broker.host or ("local" if local else "live")
    return BinanceHost.of_environment(environment, mode, configuration.broker.market)


def _speed(configuration: Configuration) -> float | None:
    return None if configuration.engine.speed is None else float(configuration.engine.speed)


def _with_fees(configuration: Configuration, instruments: list[Instrument]) -> tuple[Instrument, ...]:
    fee: Decimal | None = configuration.broker.commission
    if fee is None:
        return tuple(instruments)
    return tuple(msgspec.structs.replace(each, maker_fee=fee, taker_fee=fee) for each in instruments)
