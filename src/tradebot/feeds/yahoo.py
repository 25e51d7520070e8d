"""History from Yahoo, through yfinance: research only, and as clean as it comes."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

from tradebot.core.bar import BarArray
from tradebot.core.errors import DataError
from tradebot.core.instrument import Instrument
from tradebot.core.interval import Interval
from tradebot.core.protocols import FeedAbilities
from tradebot.feeds.clients import bars_of_rows, in_thread

_WORDS: Final = {"1m": "1m", "5m": "5m", "15m": "15m", "30m": "30m", "1h": "1h", "1d": "1d", "1w": "1wk", "1M": "1mo"}
# How far back Yahoo answers, in days.
_DAYS_BACK: Final = {"1m": 30, "5m": 60, "15m": 60, "30m": 60, "1h": 730}
_DAY: Final = 86_400_000_000_000
_SECOND: Final = 1_000_000_000
_TIMEOUT_S: Final = 15
_NAN: Final = float("nan")


class YahooHistory:
    """Bars of Yahoo, adjusted for splits and not for dividends, as Yahoo gives its open, high, low and close."""

    venue = "us_equity"
    abilities = FeedAbilities(intervals=tuple(map(Interval.parse, _WORDS)), live=False)
    rate = (60, 60.0)

    def __init__(self, *, environment: Mapping[str, str], market: str = "", base_url: str | None = None) -> None:
        import yfinance

        self._yahoo: Any = yfinance
        self._yahoo.config.debug.hide_exceptions = False
        if base_url is not None:
            _redirect(base_url)

    def page(self, interval: Interval) -> int:
        """Bars of a request: a week of minutes, and years of anything longer."""
        return 7 * 1_440 if str(interval) == "1m" else 20_000

    async def history(self, instrument: Instrument, interval: Interval, start: int, end: int) -> BarArray:
        """Bars that open in ``start <= ts < end``."""
        name, place = str(interval), f"yahoo {instrument.symbol} {interval}"
        days = _DAYS_BACK.get(name)
        if days is not None and start < time.time_ns() - days * _DAY:
            mend = "Begin later, or take longer bars."
            raise DataError(f"Yahoo keeps {name} bars for {days} days", place=place, mend=mend)
        errors = self._yahoo.exceptions

        def ask() -> Any:
            return self._yahoo.Ticker(instrument.symbol).history(
                start=start // _SECOND,
                end=end // _SECOND,
                interval=_WORDS[name],
                auto_adjust=False,
                actions=False,
                timeout=_TIMEOUT_S,
            )

        try:
            frame = await in_thread(ask, place, (errors.YFRateLimitError, OSError))
        except errors.YFPricesMissingError:
            return bars_of_rows([], instrument, interval, place)
        except errors.YFTickerMissingError as error:
            raise DataError("Yahoo has no such market", place=place, mend="Check the symbol.") from error
        rows = [
            (int(moment.value), *(float(row[name]) for name in ("Open", "High", "Low", "Close", "Volume")), 0.0, _NAN)
            for moment, row in frame.iterrows()
            if row["Close"] == row["Close"]  # a row of NaN is a bar that is not there
        ]
        return bars_of_rows(rows, instrument, interval, place)

    async def close(self) -> None:
        """Nothing to let go of."""


def _redirect(base_url: str) -> None:
    """Point every module of yfinance, which has no setting for it, at another address."""
    import sys

    for name, module in list(sys.modules.items()):
        if name.startswith("yfinance"):
            for constant in ("_BASE_URL_", "_QUERY1_URL_", "_ROOT_URL_"):
                if hasattr(module, constant):
                    setattr(module, constant, base_url)
