"""A bot that trades for real on an exchange where connections are cut and requests fail, for as long as it is asked to.

``make soak`` lets it run for half an hour; by itself it is a matter of seconds.
"""

from __future__ import annotations

import os
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from live_bot import LiveBot
from local_exchange import INSTRUMENT, Running, running
from tradebot.core.bar import Bar
from tradebot.core.event import BarClosed, History
from tradebot.core.interval import SECOND, Interval
from tradebot.exchange import rest_public
from tradebot.store.journal import JournalReader
from tradebot.store.ledger.queries import Ledger
from witness import Witness

SECONDS = int(os.environ.get("TRADEBOT_SOAK_SECONDS", "15"))
IS_SHORT = SECONDS < 600
DISCONNECT_S = 5.0
SETTLE_S = 90.0
SYMBOLS = ("AAAUSDT", "BBBUSDT", "CCCUSDT", "DDDUSDT")
SECONDLY = Interval(1, "s")
PRICE = 1_000.0
# One request in twenty fails: done and not answered, answered with "nobody knows", refused, never arrived.
FAULTS = [
    {"action": "lose_answer", "chance": 0.0075, "times": None},
    {"action": "lose_answer", "chance": 0.0075, "times": None, "seconds": 12.0},
    {"action": "error_after", "chance": 0.0075, "times": None},
    {"action": "error_after", "chance": 0.0075, "times": None, "code": -1007},
    {"action": "drop", "chance": 0.005, "times": None},
    {"action": "drop", "chance": 0.005, "times": None, "seconds": 12.0},
    {"action": "error", "chance": 0.01, "times": None, "code": -1008},
]
STRATEGY = '''
from tradebot import Strategy


class Churning(Strategy):
    """In and out all the time: at the market and by limits, long and short, closed, reversed or stopped out."""

    def setup(self, bars):
        self.row = 0

    def on_bar(self, bar):
        self.row += 1
        way, turn = self.row % 6, self.row // 6
        if way == 5 and turn % 3 == 0:
            return self.exit()
        if way != 0:
            return None
        enter, away = (self.long, -1) if turn % 4 < 2 else (self.short, 1)
        terms = {"type": "limit", "limit": round(bar.close, 1)} if turn % 2 else {}
        stop, target = (round(bar.close * (1 + share * away), 1) for share in (0.003, -0.004))
        return enter(stop_loss=stop, take_profit=target, **terms)
'''


def market(start: int, seconds: int) -> Iterator[BarClosed]:
    """Bars of a second, wandering."""
    draw = np.random.default_rng(11)
    closes = PRICE * np.exp(np.cumsum(draw.normal(0, 4e-4, (seconds, len(SYMBOLS))), axis=0))
    opens = np.vstack([np.full(len(SYMBOLS), PRICE), closes[:-1]])
    for n in range(seconds):
        for symbol, first, last in zip(SYMBOLS, opens[n], closes[n], strict=True):
            edges = max(first, last) + 0.2, min(first, last) - 0.2
            prices = (round(float(each), 1) for each in (first, *edges, last))
            yield BarClosed(symbol, SECONDLY, Bar(start + n * SECOND, *prices, volume=500.0))


class Guard:
    """One position as the exchange knows it: its stops, and how long it has lain bare."""

    def __init__(self) -> None:
        self.held = Decimal(0)
        self.stops: dict[str, Decimal] = {}
        self.bare_since: int | None = None
        self.longest_bare = 0.0

    def look(self, ts: int) -> None:
        """Whether the stops that rest cover the position now."""
        guarded = sum(each for each in self.stops.values() if each * self.held < 0)
        if abs(guarded) < abs(self.held):
            self.bare_since = self.bare_since or ts
        elif self.bare_since is not None:
            self.longest_bare = max(self.longest_bare, (ts - self.bare_since) / SECOND)
            self.bare_since = None


class Watch:
    """The exchange's word on every position: for how long at a stretch it lay without its whole stop, in seconds."""

    def __init__(self, exchange: Running) -> None:
        self.bare: list[float] = []
        self._guards: dict[str, Guard] = defaultdict(Guard)
        Witness(exchange, self._heard)

    def _heard(self, ts: int, message: dict[str, Any]) -> None:
        told = message.get("o", {})
        sign = 1 if told.get("S") == "BUY" else -1
        if message["e"] == "ORDER_TRADE_UPDATE" and told["x"] == "TRADE":
            self._traded(ts, told["s"], sign * Decimal(told["l"]))
        elif message["e"] == "ALGO_UPDATE" and told["o"] == "STOP_MARKET":
            guard = self._guards[told["s"]]
            if told["X"] == "NEW":
                guard.stops[told["caid"]] = sign * Decimal(told["q"])
            elif told["X"] not in ("TRIGGERING", "TRIGGERED"):
                guard.stops.pop(told["caid"], None)
            guard.look(ts)

    def _traded(self, ts: int, symbol: str, signed: Decimal) -> None:
        guard = self._guards[symbol]
        before, guard.held = guard.held, guard.held + signed
        guard.look(ts)
        if before and guard.held * before <= 0:
            self.bare.append(guard.longest_bare)
            guard.longest_bare = 0.0

    @property
    def is_guarded(self) -> bool:
        """Whether no position lies bare now."""
        return all(guard.bare_since is None for guard in self._guards.values())


def resident(pid: int) -> float:
    """Memory of a process, MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


@contextmanager
def trouble(exchange: Running) -> Iterator[None]:
    exchange.control("faults", FAULTS)
    try:
        yield
    finally:
        exchange.loop.call_soon_threadsafe(exchange.exchange.venue.faults.clear)


def soak(bot: LiveBot, exchange: Running) -> list[tuple[float, float]]:
    """Cut every connection again and again while requests fail; the bot's memory over the time."""
    began, memory = time.monotonic(), []
    cut = began + DISCONNECT_S
    while (now := time.monotonic()) < began + SECONDS:
        bot.check()
        if now >= cut:
            exchange.control("disconnect")
            cut += DISCONNECT_S
        memory.append((now - began, resident(bot.process.pid)))
        time.sleep(0.5)
    return memory


def booked(bot: LiveBot) -> Counter[tuple[str, str, Decimal, Decimal]]:
    with Ledger(bot.folder) as ledger:
        return Counter((row.symbol, row.trade_id, row.price, row.quantity) for row in ledger.fills(limit=10**6))


def traded(exchange: Running) -> Counter[tuple[str, str, Decimal, Decimal]]:
    rows = exchange.ledger()["trades"]
    return Counter((row["symbol"], str(row["id"]), Decimal(row["price"]), Decimal(row["qty"])) for row in rows)


def bars_on_record(bot: LiveBot) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    with JournalReader(bot.folder) as journal:
        journal.verify()
        for entry in journal.read():
            match entry.message:
                case BarClosed(symbol, _, bar):
                    found[symbol].append(bar.ts)
                case History(symbol, _, bars):
                    found[symbol] += bars.ts.tolist()
                case _:
                    pass
    return found


def test_cut_connections_and_failing_requests_lose_no_fill_and_no_bar_and_leave_no_position_bare(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    # Binance has no futures candles of a second; with those of a minute half an hour would hold thirty decisions.
    monkeypatch.setattr(rest_public, "INTERVALS", (*rest_public.INTERVALS, "1s"))
    lead = 12
    start = (time.time_ns() // SECOND + 1) * SECOND
    events = list(market(start, SECONDS + lead))
    instruments = [msgspec.structs.replace(INSTRUMENT, symbol=symbol, base=symbol[:3]) for symbol in SYMBOLS]
    time.sleep(max(0.0, (start - time.time_ns()) / SECOND))
    settings = {"interval": SECONDLY, "cash": Decimal(100_000), "seed": 3}
    with running(events=events, instruments=instruments, speed=1.0, **settings) as exchange:
        watch = Watch(exchange)
        sections = {
            "broker": {"leverage": 3},
            "trading": {"symbols": SYMBOLS, "symbol": None, "position_size": 0.1, "max_positions": 4},
            "data": {"interval": "1s"},
            "engine": {"cancel_on_stop": False},
        }
        # A bot that starts sooner than the first candle closes finds a market without any.
        time.sleep(max(0.0, (start - time.time_ns()) / SECOND + 4))
        bot = LiveBot(tmp_path, exchange, STRATEGY, "Churning", sections)
        try:
            bot.until(lambda: exchange.ledger()["trades"])
            with trouble(exchange):
                memory = soak(bot, exchange)
            bot.until(lambda: watch.is_guarded and traded(exchange) == booked(bot), SETTLE_S)
            bot.stop()
        finally:
            bot.end()
        trades = traded(exchange)
    report(watch, memory, trades)
    assert max(trades.values()) == 1
    assert booked(bot) == trades
    for symbol, times in bars_on_record(bot).items():
        assert np.diff(times).tolist() == [SECOND] * (len(times) - 1), symbol
        assert times[-1] >= start + (SECONDS - 1) * SECOND
    if not IS_SHORT:
        assert np.quantile(watch.bare, 0.99) <= 2.0
        # What grows by then are the bars that indicators can be computed from anew: a megabyte an hour at this pace.
        assert slope(memory) < 10.0


def slope(memory: list[tuple[float, float]]) -> float:
    """Growth of the memory in MB an hour, once it has warmed up."""
    late = np.array(memory[len(memory) // 3 :])
    return float(np.polyfit(late[:, 0], late[:, 1], 1)[0] * 3_600)


def report(watch: Watch, memory: list[tuple[float, float]], trades: Counter[Any]) -> None:
    bare = np.array(watch.bare)
    print(
        f"{len(trades)} trades, {len(bare)} positions; longest time of each without a stop: "
        f"median {np.median(bare):.3f} s, p99 {np.quantile(bare, 0.99):.3f} s, most {bare.max():.3f} s; "
        f"memory {memory[0][1]:.1f} to {memory[-1][1]:.1f} MB, {slope(memory):+.2f} MB an hour"
    )
