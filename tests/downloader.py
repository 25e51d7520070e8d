"""A download that can be killed: ``python downloader.py URL``, then a folder a line, each downloaded into by a fork.

Says the process id of each fork, and when it has ended how. It forks before anything has started a thread, so that a
fork is at work at once and no lock of the parent's is lost in it.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import ccxt.async_support  # noqa: F401 - imported once for all forks
import polars as pl  # noqa: F401

from binance_answers import END, HOUR, START
from tradebot.core.instrument import instrument_for
from tradebot.feeds.binance import BinanceHistory
from tradebot.feeds.download import Pace, download
from tradebot.store.bars import ParquetBarStore

SYMBOLS = ("BTCUSDT", "ETHUSDT")
PAGE = 50
PACE = Pace(20, 0.5, concurrency=2)


async def fetch(url: str, root: Path) -> None:
    provider = BinanceHistory(environment={}, base_url=url)
    provider.page = lambda interval: PAGE  # type: ignore[method-assign]
    markets = [instrument_for(symbol, "binance_usdm") for symbol in SYMBOLS]
    try:
        record = root.with_suffix(".requests")
        done = await download(provider, ParquetBarStore(root), markets, HOUR, START, END, pace=PACE, record=record)
    finally:
        await provider.close()
    assert [each.failure for each in done] == ["", ""]


def main(url: str) -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            failed = 1
            try:
                asyncio.run(fetch(url, Path(line.strip())))
                failed = 0
            finally:
                os._exit(failed)
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
