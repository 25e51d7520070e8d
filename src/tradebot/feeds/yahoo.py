"""History from Yahoo, through yfinance: research only, and as clean as it comes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

from tradebot.core.bar import BarArray
from tradebot.core.errors import DataError
from tradebot.core.instrument import Instrument
from tradebot.core.interval import Interval
from tradebot.core.protocols import FeedAbilities
from tradebot.feeds.clients import bars_of_rows, in_thread
from tradebot.feeds.provider import equity_settles
from tradebot.feeds.yahoo_line import YahooLine

# Its weeks and months mix prices from before and after a split; they are better made of days.
_INTERVALS: Final = ("1m", "5m", "15m", "30m", "1h", "1d")
# How far back Yahoo answers, in days.
_DAYS_BACK: Final = {"1m": 30, "5m": 60, "15m": 60, "30m": 60, "1h": 730}
_DAY: Final = 86_400_000_000_000
_SECOND: Final = 1_000_000_000
_TIMEOUT_S: Final = 15
_NAN: Final = float("nan")

# Time of the first bar after each split, int64 ns UTC, and the shares one share became.
Splits = tuple[tuple[int, float], ...]


class YahooHistory:
    """Bars of Yahoo as traded, like those of every other provider.

    Notes
    -----
    Yahoo divides its open, high, low and close by every split that came after them, and multiplies the volume; there is
    no way to ask for others. Both are undone here by the splits it lists, so that bars that are stored today and bars
    stored before the next split are of one series. Dividends are in none of these columns.
    """

    venue = "us_equity"
    abilities = FeedAbilities(intervals=tuple(map(Interval.parse, _INTERVALS)), live=False)
    # Sixty requests a minute, and the first page of a market takes a second one for its splits.
    rate = (30, 60.0)

    def __init__(self, *, environment: Mapping[str, str], market: str = "", base_url: str | None = None) -> None:
        import yfinance

        self._yahoo: Any = yfinance
        self._yahoo.config.debug.hide_exceptions = False
        self._line = YahooLine(base_url)
        self._splits: dict[str, tuple[int, Splits]] = {}

    def page(self, interval: Interval) -> int:
        """Bars of a request: a week of minutes, and years of anything longer."""
        return 7 * 1_440 if str(interval) == "1m" else 20_000

    def settles(self, interval: Interval) -> int:
        """Time from the end of a bar until it is final, ns."""
        return equity_settles(interval)

    async def history(self, instrument: Instrument, interval: Interval, start: int, end: int) -> BarArray:
        """Bars that open in ``start <= ts < end``."""
        name, place = str(interval), f"yahoo {instrument.symbol} {interval}"
        days = _DAYS_BACK.get(name)
        if days is not None and start < time.time_ns() - days * _DAY:
            mend = "Begin later, or take longer bars."
            raise DataError(f"Yahoo keeps {name} bars for {days} days", place=place, mend=mend)
        splits = await self._splits_since(start, instrument.symbol)
        frame = await self._frame(instrument.symbol, name, start, end, place)
        return bars_of_rows(_as_traded(frame, splits), instrument, interval, place)

    async def close(self) -> None:
        """Close the connections."""
        self._line.close()

    async def _splits_since(self, start: int, symbol: str) -> Splits:
        """Splits from a time to today: a page of bars brings those of its own time alone."""
        since, known = self._splits.get(symbol, (None, ()))
        if since is None or start < since:
            frame = await self._frame(symbol, "1d", start, time.time_ns(), f"yahoo {symbol} splits")
            listed: Any = {} if frame is None else frame["Stock Splits"]
            known = tuple((int(moment.value), float(ratio)) for moment, ratio in listed.items() if ratio > 0)
            self._splits[symbol] = (start, known)
        return known

    async def _frame(self, symbol: str, interval: str, start: int, end: int, place: str) -> Any:
        """What yfinance makes of Yahoo's answer; ``None`` where it says that it has no bars."""
        errors = self._yahoo.exceptions

        def ask() -> Any:
            ticker = self._line.ticker(symbol)
            try:
                return ticker.history(
                    start=start // _SECOND,
                    end=end // _SECOND,
                    interval=interval,
                    auto_adjust=False,
                    timeout=_TIMEOUT_S,
                )
            except errors.YFPricesMissingError:
                # The line lets no answer through but one that has the market and its bars, of which there are none.
                return None

        return await in_thread(ask, place, (errors.YFException,))


def _as_traded(frame: Any, splits: Splits) -> Iterator[tuple[float, ...]]:
    """Rows of time, prices, volume and what Yahoo does not tell, before any split touched them."""
    if frame is None:
        return
    for moment, row in frame.iterrows():
        if row["Close"] != row["Close"]:
            continue  # a row of NaN is a bar that is not there
        ts, ratio = int(moment.value), 1.0
        for first, shares in splits:
            ratio *= shares if ts < first else 1.0
        prices = (float(row[name]) * ratio for name in ("Open", "High", "Low", "Close"))
        yield ts, *prices, float(row["Volume"]) / ratio, 0.0, _NAN
