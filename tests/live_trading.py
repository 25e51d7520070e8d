"""A bot in this process that trades for real on a local exchange, in real time, on bars of a second."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from local_exchange import INSTRUMENT, Running, running
from tradebot.app.approval import configuration_hash
from tradebot.app.bot import Bot
from tradebot.config import load
from tradebot.core.bar import Bar as OneBar
from tradebot.core.event import BarClosed, Event, Notify, Output, Reviewed, Submit
from tradebot.core.interval import SECOND, Interval
from tradebot.store.accounts import account_folder
from tradebot.store.approvals import Approvals

LONGEST_S = 20.0
SECONDLY = Interval(1, "s")
ACCOUNT = "real"
STRATEGIES = '''
from tradebot import Strategy


class Held(Strategy):
    """Buys on the first bar and holds, with a stop."""

    def on_bar(self, bar):
        return self.long(stop_loss=round(bar.close * 0.9, 1)) if self.position == 0 else None


class Flooding(Strategy):
    """Bids below the market on every bar, whatever came of the last."""

    def setup(self, bars):
        self.row = 0

    def on_bar(self, bar):
        self.row += 1
        return self.long(type="limit", limit=round(bar.close * 0.9 - 0.1 * (self.row % 5), 1))
'''


class Trading:
    """A bot, the exchange it trades on, and what came of every event."""

    def __init__(self, bot: Bot, exchange: Running) -> None:
        self.bot = bot
        self.exchange = exchange
        self.outputs: list[Output] = []
        self.folder = account_folder(ACCOUNT)
        self.run: asyncio.Task[str] = asyncio.create_task(asyncio.sleep(0, ""))

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait for something to be so; what ends the bot is raised here."""
        ends = time.monotonic() + LONGEST_S
        while not holds():
            if self.run.done():
                self.run.result()
                raise AssertionError("the bot has stopped")
            assert time.monotonic() < ends, (self.notices(), self.exchange.ledger())
            await asyncio.sleep(0.02)

    async def until_told(self, words: str) -> None:
        """Wait for a notice that holds these words."""
        await self.until(lambda: any(words in text for text in self.notices()))

    async def bars(self, count: int) -> None:
        """Let the bot take some bars."""
        goal = self.bot.driver.bars + count
        await self.until(lambda: self.bot.driver.bars >= goal)

    def notices(self) -> list[str]:
        """What the operator was told."""
        return [output.text for output in self.outputs if isinstance(output, Notify)]

    def denials(self) -> set[str]:
        """Rules that have denied an order."""
        return {output.rule for output in self.outputs if isinstance(output, Reviewed) and not output.allowed}

    def submitted(self) -> list[str]:
        """Orders that were to leave."""
        return [output.order_id for output in self.outputs if isinstance(output, Submit)]

    def placed(self) -> dict[str, int]:
        """Orders that came to the exchange, by client id."""
        return self.exchange.ledger()["placedByClientId"]

    @property
    def position(self) -> float:
        """What the exchange says it holds."""
        return float(self.exchange.ledger()["positions"].get("BTCUSDT", 0))

    @property
    def books(self) -> float:
        """What the bot says it holds."""
        return self.bot.trader.portfolio.quantity("BTCUSDT")

    def stops(self) -> list[dict[str, Any]]:
        """Stops that rest at the exchange."""
        return [row for row in self.exchange.ledger()["algoOrders"] if row["algoStatus"] == "NEW"]


class _Observer:
    def __init__(self) -> None:
        self.outputs: list[Output] = []

    def seen(self, event: Event, outputs: Sequence[Output]) -> None:
        self.outputs += outputs


def secondly(closes: Iterable[float], start: int) -> Iterator[BarClosed]:
    """Bars of a second that close at these prices."""
    before: float | None = None
    for n, close in enumerate(closes):
        first = close if before is None else before
        prices = first, max(first, close), min(first, close), close
        yield BarClosed("BTCUSDT", SECONDLY, OneBar(start + n * SECOND, *prices, volume=1_000.0))
        before = close


@asynccontextmanager
async def trading(
    folder: Path,
    strategy: str,
    *,
    closes: Iterable[float] = (100.0,) * 60,
    sections: Mapping[str, Mapping[str, Any]] | None = None,
    environment: Mapping[str, str] | None = None,
    prepare: Callable[[Running], object] = lambda _: None,
    **settings: Any,
) -> AsyncIterator[Trading]:
    """A bot that trades; ``TRADEBOT_HOME`` is a folder of the test's own, and the exchange has candles of a second.

    Parameters
    ----------
    strategy : one of ``STRATEGIES``.
    closes : prices of the market, a second each.
    sections, environment : what configuration and environment have beyond the least.
    prepare : is given the exchange before the bot starts.
    settings : of the exchange.
    """
    (folder / "ideas.py").write_text(STRATEGIES)
    document: dict[str, dict[str, Any]] = {
        "broker": {"type": "binance", "market": "usdm", "host": "local"},
        "trading": {"symbol": "BTCUSDT", "position_size": 0.5},
        "data": {"data_source": "binance", "interval": "1s", "lookback_bars": 2, "retry_interval": 1},
        "strategy": {"type": f"{folder / 'ideas.py'}:{strategy}"},
        "engine": {"mode": "live", "account": ACCOUNT},
    }
    for name, fields in (sections or {}).items():
        document[name] = document.get(name, {}) | fields
    (folder / "bot.json").write_text(json.dumps(document))
    loaded = load(folder / "bot.json", {})
    now = time.time_ns()
    Approvals().approve(configuration_hash(loaded), operator="test", now=now, expires=now + 10**12)
    start = (time.time_ns() // SECOND + 1) * SECOND
    await asyncio.sleep((start - time.time_ns()) / SECOND)
    market = list(secondly(closes, start))
    with running(market, instruments=(INSTRUMENT,), speed=1.0, interval=SECONDLY, **settings) as exchange:
        prepare(exchange)
        variables = {
            "TRADEBOT_BINANCE_URL": exchange.url,
            "BINANCE_LOCAL_API_KEY": exchange.key,
            "BINANCE_LOCAL_API_SECRET": exchange.secret,
            **(environment or {}),
        }
        # The first candle must have ended, for the bot begins with the past.
        await asyncio.sleep(1.5)
        observer = _Observer()
        async with Bot.open(loaded, variables, observers=(observer,)) as bot:
            told = Trading(bot, exchange)
            told.outputs = observer.outputs
            told.run = asyncio.create_task(bot.run())
            try:
                yield told
            finally:
                bot.stop("the test ends")
                await asyncio.gather(told.run, return_exceptions=True)
