"""Spans that bars do not reach, and the commands that get them."""

import numpy as np
import pytest

from command_tree import commands
from tradebot.cli.coverage import check_coverage, download_command
from tradebot.core.bar import BarArray
from tradebot.core.errors import DataError
from tradebot.core.instant import to_ns
from tradebot.core.instrument import Instrument, instrument_for
from tradebot.core.interval import DAY, Interval


def days(instrument: Instrument, first: str, count: int) -> BarArray:
    ts = to_ns(first) + np.arange(count, dtype=np.int64) * DAY
    price = np.full(count, 100.0)
    return BarArray(
        instrument, Interval.parse("1d"), ts=ts, open=price, high=price, low=price, close=price, volume=price
    )


CRYPTO = instrument_for("BTCUSDT", "binance_usdm")
EQUITY = instrument_for("SPY", "us_equity")


def test_a_market_that_never_closes_is_covered_from_the_first_bar_to_the_last():
    check_coverage(days(CRYPTO, "2024-01-02", 8), "2024-01-02", "2024-01-10", is_stored=True)


@pytest.mark.parametrize(("start", "end"), [("2024-01-01", None), (None, "2024-01-11")])
def test_one_missing_day_of_it_is_told(start: str | None, end: str | None):
    with pytest.raises(DataError, match=r"BTCUSDT: 1d bars (begin|end) at 2024-01-(02|10)T00:00:00Z"):
        check_coverage(days(CRYPTO, "2024-01-02", 8), start, end, is_stored=True)


def test_days_on_which_an_exchange_is_closed_are_not_missing():
    # New Year of 2025 was a Wednesday; the span ends on a Sunday.
    check_coverage(days(EQUITY, "2025-01-02", 2), "2025-01-01", "2025-01-05", is_stored=True)


def test_a_week_without_an_exchange_is_missing():
    with pytest.raises(DataError, match=r"--provider yahoo --symbols SPY --interval 1d --start 2024-12-20T00:00:00Z"):
        check_coverage(days(EQUITY, "2025-01-02", 2), "2024-12-20", None, is_stored=True)


@pytest.mark.parametrize(
    ("venue", "interval", "start", "end", "command"),
    [
        ("binance_usdm", "1m", "2024-01-01", None, ("data download --provider binance --market usdm --symbols X "
         "--interval 1m --start 2024-01-01")),
        ("binance_spot", "1h", None, None, "backfill --provider binance --market spot --symbols X --interval 1h"),
        ("us_equity", "1d", None, None, "backfill --provider yahoo --symbols X --interval 1d"),
        ("us_equity", "1m", None, None, "backfill --provider alpaca --symbols X --interval 1m"),
        ("coinbase", "1h", "2024-01-01", None, "data import FILE --venue coinbase"),
    ],
)  # fmt: skip
def test_the_command_is_that_of_the_venue(venue: str, interval: str, start: str | None, end: str | None, command: str):
    assert download_command(venue, "X", Interval.parse(interval), start, end) == f"`tradebot {command}`"


@pytest.mark.parametrize("start", [None, "2024-01-01"])
@pytest.mark.parametrize("venue", ["binance_usdm", "binance_spot", "us_equity", "mock"])
def test_the_command_line_takes_the_command(venue: str, start: str | None):
    _, *words = download_command(venue, "X", Interval.parse("1h"), start, None).strip("`").split()
    path, options = (words[:2], words[2:]) if words[0] == "data" else (words[:1], words[1:])
    command = dict(commands())[tuple(path)]
    command.make_context(path[-1], options)
