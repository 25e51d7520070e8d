"""W11: a bot on paper beside its API, left alone or under load; ``python -m benchmarks.ours.load quiet|busy|asked``.

The bot trades a played market of 20 bars a second. What is measured is the time from a bar's arrival to the order that
it leads to, durable and on its way. Under load 50 listeners hear the whole stream and 200 requests a second are made by
another process; ``asked`` gives the time of its requests for ``/bot`` instead. What the stream remembers (20,000
messages) is full before the measurement, so that memory which grows is no memory that fills up to its bound.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any, Final

import tradebot
from benchmarks import data
from benchmarks.measure import peak_memory_mb
from tradebot.api.application import create_app
from tradebot.api.live.events import News
from tradebot.api.live.hub import Hub
from tradebot.api.serving import hosted, open_socket, server_of, services_of
from tradebot.api.settings import ApiSettings
from tradebot.app.hosting import HostedBot
from tradebot.config import load
from tradebot.core.errors import TradebotError
from tradebot.core.event import BarClosed, Submit
from tradebot.engine.live.driver import Driver
from tradebot.telemetry.logs import quieten

SECONDS: Final = 60.0
_SETTLED_S: Final = 20.0
_WARM_S: Final = 5.0
_REMEMBERED: Final = 20_000
# As long as the messages of a bot are on average.
_FILLING: Final = "x" * 110
_CONFIGURATION: Final[dict[str, Any]] = {
    "broker": {"type": "mock", "initial_balance": 1_000_000.0},
    "trading": {"symbol": "MOCKUSDT", "position_size": 0.1},
    "data": {"data_source": "mock", "symbol": "MOCKUSDT", "interval": "1m", "lookback_bars": 50},
    "strategy": {"type": "sma_cross", "params": {"fast": 2, "slow": 3}},
    "engine": {"mode": "paper", "speed": 1200, "account": "load"},
}


class Stopwatch:
    """Times from the arrival of bars to the orders they lead to."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self._arrived: dict[int, float] = {}
        self._since = 0.0

    def attach(self) -> None:
        """Look over the shoulder of every driver from here on."""
        pour, process, send = Driver._pour, Driver.process, Driver._send

        async def watched(source: AsyncIterator[Any]) -> AsyncIterator[Any]:
            async for event in source:
                self._arrived[id(event)] = time.perf_counter()
                yield event

        async def process_on(driver: Driver, event: Any) -> None:
            arrived = self._arrived.pop(id(event), 0.0)
            self._since = arrived if isinstance(event, BarClosed) else 0.0
            await process(driver, event)

        def send_on(driver: Driver, errand: Any) -> Any:
            if self._since and isinstance(errand, Submit):
                self.seconds.append(time.perf_counter() - self._since)
            return send(driver, errand)

        Driver._pour = lambda driver, source: pour(driver, watched(source))  # type: ignore[method-assign]
        Driver.process = process_on  # type: ignore[method-assign]
        Driver._send = send_on  # type: ignore[method-assign]


@contextmanager
def served(folder: Path) -> Iterator[tuple[HostedBot, str]]:
    """A bot at work and its API, in this process as ``tradebot up`` has them."""
    file = folder / "load.json"
    file.write_text(json.dumps(_CONFIGURATION))
    hub = Hub(_REMEMBERED)
    hub.publish(News("log", "notice", 0, {"text": _FILLING}) for _ in range(_REMEMBERED))
    bot = hosted(load(file, {}), {}, hub)
    server = server_of(create_app(services_of(hub, bot=bot, configuration=file), ApiSettings()))

    def serve() -> None:
        with asyncio.Runner(loop_factory=bot.precedence.second) as runner:
            runner.run(server.serve(sockets=[bound]))

    with open_socket(ApiSettings(port=0)) as bound:
        thread = Thread(target=serve, daemon=True)
        thread.start()
        bot.start()
        try:
            yield bot, f"http://127.0.0.1:{bound.getsockname()[1]}"
        finally:
            with suppress(TradebotError):
                bot.stop("the measurement ends")
            bot.join()
            server.should_exit = True
            thread.join(15)


def memory_mb() -> float:
    """What this process holds now; the most it has held where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    except OSError:
        return peak_memory_mb()


def percentile(values: list[float], share: float) -> float:
    """The smallest value that this share of them does not exceed."""
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]


def main(what: str, seconds: float = SECONDS) -> None:
    folder = data.CACHE / "load"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ["TRADEBOT_HOME"] = str(folder)
    quieten()
    watch = Stopwatch()
    watch.attach()
    with served(folder) as (_, url):
        time.sleep(_WARM_S)
        watch.seconds.clear()
        clients = None
        if what != "quiet":
            command = [sys.executable, "-m", "benchmarks.ours.load_clients", url, str(seconds)]
            clients = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        settled = min(_SETTLED_S, seconds / 3)
        time.sleep(settled)
        before, processor = memory_mb(), time.process_time()
        time.sleep(seconds - settled)
        grown, processor = memory_mb() - before, time.process_time() - processor
        orders = list(watch.seconds)
        heard = {"wrong": 0, "requests": [0.0]} if clients is None else json.loads(clients.communicate(timeout=60)[0])
    times = heard["requests"] if what == "asked" else orders
    figures = {
        "run_s": percentile(times, 0.99),
        "cpu_s": None,
        "peak_mb": grown,
        "units": 1,
        "version": tradebot.__version__,
        "trades": heard["wrong"],
        "equity": 0.0,
        "median_s": percentile(times, 0.5),
        "measured": len(times),
        "processor_share": processor / (seconds - settled),
    }
    json.dump(figures, sys.stdout)
    print(flush=True)


if __name__ == "__main__":
    main(sys.argv[1], *map(float, sys.argv[2:]))
