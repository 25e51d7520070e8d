"""What a bar file's name and folder say of it: symbol, interval, venue."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from tradebot.core.errors import DataError, did_you_mean
from tradebot.core.instrument import VENUES
from tradebot.core.interval import Interval
from tradebot.core.venue_facts import split_pair

_INTERVAL: Final = re.compile(r"\d+[smhdwM]")
_PART: Final = re.compile(r"[-_]")
# GBTC and BETH are stocks and funds, not pairs.
_SHORTEST_BASE: Final = 3
_STABLE_QUOTES: Final = ("USDT", "USDC", "BUSD", "FDUSD")


def symbol_and_interval(path: Path) -> tuple[str, Interval | None]:
    """Symbol, and interval if the name tells it: ``BTC-USD-4h.parquet``, ``SPY-1d-raw.csv``, ``GOOG.csv``."""
    name = path.name.partition(".")[0]
    parts = _PART.split(name)
    for place, part in enumerate(parts[1:], start=1):
        if _INTERVAL.fullmatch(part):
            return "-".join(parts[:place]).upper(), Interval.parse(part)
    return name.upper(), None


def venue_of(path: Path, symbol: str) -> str:
    """Venue by the folder's name, else by the form of the symbol.

    A dollar-stable quote (``BTCUSDT``) is taken for a Binance perpetual, a pair with a hyphen (``BTC-USD``) for
    Coinbase, and anything else for a US equity, unless it looks like a pair (``EURUSD``).

    Raises
    ------
    DataError : the symbol is a pair that trades on many venues.
    """
    folder = path.absolute().parent.name
    if folder in VENUES:
        return folder
    if symbol.endswith(_STABLE_QUOTES):
        return "binance_usdm"
    if "-" in symbol:
        return "coinbase"
    base, quote = split_pair(symbol)
    if quote and len(base) >= _SHORTEST_BASE:
        raise DataError(
            f"{symbol} looks like a pair of {base} and {quote}, and its name does not tell the venue",
            place=str(path),
            mend=f"Name one of {', '.join(VENUES)} as venue.",
        )
    return "us_equity"


def require_file(path: Path) -> None:
    """Refuse a path that is no file, and offer the nearest names that are.

    Raises
    ------
    DataError : the file or its folder does not exist, or the path is a folder.
    """
    if path.is_file():
        return
    if path.is_dir():
        raise DataError("is a folder, not a file", place=str(path), mend="Give one of the files in it.")
    folder = path.parent
    if not folder.is_dir():
        raise DataError("the folder does not exist", place=str(folder), mend="Check the path.")
    names = [entry.name for entry in folder.iterdir() if entry.is_file()]
    raise DataError(
        "the file does not exist", place=str(path), mend=did_you_mean(path.name, names) or "Check the path."
    )
