"""History of Binance, USDT-margined futures and spot, through ccxt."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final, cast
from urllib.parse import urlsplit

import numpy as np

from tradebot.core.asset_class import AssetClass
from tradebot.core.asset_facts import AssetFacts
from tradebot.core.bar import BarArray
from tradebot.core.errors import DataError
from tradebot.core.instrument import Instrument
from tradebot.core.interval import Interval
from tradebot.core.protocols import FeedAbilities
from tradebot.feeds.faults import Retriable, seconds_to_wait

_INTERVALS: Final = ("1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w", "1M")
_TIMEOUT_MS: Final = 10_000
_MILLISECOND: Final = 1_000_000
_CLOCK_SKEW: Final = 5_000_000_000
_CODE: Final = re.compile(r'"code":\s*(-\d+)')
# Unknown, disconnected, an unexpected answer or a timeout inside, overloaded (Binance Open Platform, "Error Codes").
# What class ccxt gives them depends on the host that answered.
_PASSING: Final = ("-1000", "-1001", "-1006", "-1007", "-1008")
# Klines: 1,500 a request of futures, 1,000 of spot.
_PAGES: Final = {"usdm": 1_500, "spot": 1_000}


class BinanceHistory:
    """Klines of Binance, as its pages on market data document them (developers.binance.com).

    Parameters
    ----------
    market : ``usdm`` or ``spot``.
    base_url : address in place of Binance's own.
    """

    abilities = FeedAbilities(intervals=tuple(map(Interval.parse, _INTERVALS)), live=False)
    # 2,400 weight a minute; a full page of klines weighs 10.
    rate = (200, 60.0)

    def __init__(self, *, environment: Mapping[str, str], market: str = "usdm", base_url: str | None = None) -> None:
        import aiohttp
        import ccxt.async_support as ccxt

        if market not in _PAGES:
            raise DataError(f'Binance has no market "{market}"', place="--market", mend="Choose usdm or spot.")
        self._market = market
        self._errors: Any = ccxt
        self._breaks = (OSError, aiohttp.ClientError)
        kind: Any = ccxt.binanceusdm if market == "usdm" else ccxt.binance
        options = {"timeout": _TIMEOUT_MS, "enableRateLimit": False, "options": {"fetchCurrencies": False}}
        self._client: Any = kind(options)
        if base_url is not None:
            self._client.urls["api"] = _remapped(self._client.urls["api"], base_url)

    @property
    def venue(self) -> str:
        """Venue of the market."""
        return f"binance_{self._market}"

    def page(self, interval: Interval) -> int:
        """Bars of a request."""
        return _PAGES[self._market]

    def settles(self, interval: Interval) -> int:
        """Time from the end of a bar until it is final, ns: what our clock may be ahead of Binance's."""
        return _CLOCK_SKEW

    async def history(self, instrument: Instrument, interval: Interval, start: int, end: int) -> BarArray:
        """Klines that open in ``start <= ts < end``."""
        client, name = self._client, str(interval)
        klines = client.fapiPublicGetKlines if self._market == "usdm" else client.publicGetKlines
        wish = {
            "symbol": instrument.symbol,
            "interval": name,
            "startTime": start // _MILLISECOND,
            "endTime": end // _MILLISECOND - 1,
            # What is asked for weighs by its limit, and a hole of a few bars may have to be filled often.
            "limit": min(self.page(interval), (end - start) // interval.ns + 2),
        }
        place = f"binance {self._market} {instrument.symbol} {name}"
        rows = await self._asked(klines, wish, place)
        return _bars(rows, instrument, interval, place)

    async def _asked(self, call: Any, wish: dict[str, Any], place: str) -> Any:
        errors = self._errors
        try:
            return await call(wish)
        except (errors.RateLimitExceeded, errors.DDoSProtection) as error:
            headers: Mapping[str, str] = self._client.last_response_headers or {}
            after = seconds_to_wait(headers.get("Retry-After"))
            raise Retriable(f"{place}: it asks us to wait", after) from error
        except errors.BadSymbol as error:
            raise DataError("Binance has no such market", place=place, mend="Check the symbol: BTCUSDT.") from error
        except (errors.NetworkError, errors.BadResponse, json.JSONDecodeError) as error:
            raise Retriable(f"{place}: no answer ({type(error).__name__})") from error
        except errors.BaseError as error:
            if isinstance(error.__cause__ or error.__context__, self._breaks):
                # ccxt takes an answer that breaks off for a refusal.
                raise Retriable(f"{place}: the answer broke off") from error
            if (code := _CODE.search(str(error))) and code[1] in _PASSING:
                raise Retriable(f"{place}: no answer ({code[1]})") from error
            raise DataError(f"Binance refuses: {str(error)[:200]}", place=place) from error

    async def time(self) -> int:
        """Binance's clock, int64 ns UTC.

        Raises
        ------
        Retriable : it does not answer.
        """
        ask = self._client.fapiPublicGetTime if self._market == "usdm" else self._client.publicGetTime
        told = await self._asked(ask, {}, f"binance {self._market} time")
        return int(told["serverTime"]) * _MILLISECOND

    async def assets(self) -> list[AssetFacts]:
        """Markets of exchangeInfo that trade."""
        client = self._client
        ask = client.fapiPublicGetExchangeInfo if self._market == "usdm" else client.publicGetExchangeInfo
        place = f"binance {self._market} exchangeInfo"
        answer: Any = await self._asked(ask, {}, place)
        kind = AssetClass.PERPETUAL if self._market == "usdm" else AssetClass.SPOT
        try:
            return [
                AssetFacts(
                    symbol=str(row["symbol"]),
                    name=f"{row['baseAsset']}/{row['quoteAsset']}",
                    venue=self.venue,
                    asset_class=kind,
                    active=row["status"] == "TRADING",
                    tradable=row["status"] == "TRADING" and row.get("contractType", "PERPETUAL") == "PERPETUAL",
                    shortable=self._market == "usdm",
                )
                for row in answer["symbols"]
            ]
        except (KeyError, TypeError) as error:
            raise Retriable(f"{place}: the answer is no list of symbols") from error

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


def _bars(rows: Any, instrument: Instrument, interval: Interval, place: str) -> BarArray:
    try:
        # Open time, open, high, low, close, volume, close time, quote volume, trades, …
        table = np.array([[float(cell) for cell in row[:9]] for row in rows], dtype=np.float64).reshape(-1, 9)
    except (TypeError, ValueError, IndexError) as error:
        raise Retriable(f"{place}: the answer is no table of klines") from error
    volume = table[:, 5]
    with np.errstate(invalid="ignore", divide="ignore"):
        vwap = np.where(volume > 0, table[:, 7] / volume, np.nan)
    return BarArray(
        instrument,
        interval,
        table[:, 0].astype(np.int64) * _MILLISECOND,
        *(np.ascontiguousarray(table[:, column]) for column in (1, 2, 3, 4, 5)),
        trades=table[:, 8].astype(np.int64),
        vwap=vwap,
    )


def _remapped(node: Any, base: str) -> Any:
    """Every address below another host, for a partial override would leave the others live."""
    if isinstance(node, dict):
        below = cast("dict[str, Any]", node)
        return {key: _remapped(value, base) for key, value in below.items()}
    return base + str(urlsplit(str(node)).path)
