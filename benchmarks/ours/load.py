"""W11: a bot on paper beside its API, left alone or under load; ``python -m benchmarks.ours.load quiet|busy``.

The bot gets 30 bars a second from another process and orders on every one. What is measured is the time from a bar's
leaving that process to its order, durable and on its way. Under load 50 listeners hear the whole stream and 200
requests a second are made by a third process, for 60 s. What the stream remembers (20,000 messages) is full before the
measurement, so that memory which grows is no memory that fills up to its bound.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any, Final

import numpy as np

import tradebot
from benchmarks import data
from benchmarks.measure import peak_memory_mb
from benchmarks.ours.load_market import Market
from benchmarks.ours.load_stopwatch import PARTS, Stopwatch
from tradebot.api.application import create_app
from tradebot.api.live.events import News
from tradebot.api.live.hub import Hub
from tradebot.api.serving import hosted, open_socket, server_of, services_of
from tradebot.api.settings import ApiSettings
from tradebot.app.hosting import HostedBot
from tradebot.config import load
from tradebot.core.errors import TradebotError
from tradebot.telemetry.logs import quieten

SECONDS: Final = 60.0
ASKED: Final = "W11 /bot, under load"
_SETTLED_S: Final = 20.0
_WARM_S: Final = 5.0
_REMEMBERED: Final = 20_000
# As long as the messages of a bot are on average.
_FILLING: Final = "x" * 110
_STRATEGY: Final = Path(__file__).with_name("load_strategy.py")
_CONFIGURATION: Final[dict[str, Any]] = {
    "broker": {"type": "mock", "initial_balance": 1_000_000.0},
    "trading": {"symbol": "MOCKUSDT", "position_size": 0.1},
    "data": {"data_source": "mock", "symbol": "MOCKUSDT", "interval": "1m", "lookback_bars": 50},
    "strategy": {"type": "turns"},
    "engine": {"mode": "paper", "account": "load"},
}


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A bot at work and its API, in this process as ``tradebot up`` has them; gives its address."""
    file = folder / "load.json"
    file.write_text(json.dumps(_CONFIGURATION))
    hub = Hub(_REMEMBERED)
    hub.publish(News("log", "notice", 0, {"text": _FILLING}) for _ in range(_REMEMBERED))
    bot: HostedBot = hosted(load(file, {}), {}, hub)
    server = server_of(create_app(services_of(hub, bot=bot, configuration=file), ApiSettings()))

    def serve() -> None:
        with asyncio.Runner(loop_factory=bot.precedence.second) as runner:
            runner.run(server.serve(sockets=[bound]))

    with open_socket(ApiSettings(port=0)) as bound:
        thread = Thread(target=serve, daemon=True)
        thread.start()
        bot.start()
        try:
            yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        finally:
            with suppress(TradebotError):
                bot.stop("the measurement ends")
            bot.join()
            server.should_exit = True
            thread.join(15)


@contextmanager
def clients(url: str, seconds: float) -> Iterator[subprocess.Popen[str]]:
    """The load, from when every listener hears."""
    command = [sys.executable, "-m", "benchmarks.ours.load_clients", url, str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process


def memory_mb() -> float:
    """What this process holds now; the most it has held where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    except OSError:
        return peak_memory_mb()


def measured(watch: Stopwatch, seconds: float) -> dict[str, Any]:
    """The orders of so many seconds."""
    watch.orders.clear()
    settled = min(_SETTLED_S, seconds / 3)
    time.sleep(settled)
    before, processor = memory_mb(), time.process_time()
    time.sleep(seconds - settled)
    grown, processor = memory_mb() - before, time.process_time() - processor
    orders = np.array(watch.orders)
    slow = orders[orders[:, 0] >= np.percentile(orders[:, 0], 99)]
    return {
        **_figures(orders[:, 0].tolist()),
        "peak_mb": grown,
        "processor_share": processor / (seconds - settled),
        "parts": [
            dict(zip(PARTS, of, strict=True))
            for of in (np.median(orders[:, 1:], axis=0).tolist(), np.mean(slow[:, 1:], axis=0).tolist())
        ],
    }


def _figures(times: list[float]) -> dict[str, Any]:
    answer = {"trades": 0, "equity": 0.0, "units": 1, "version": tradebot.__version__}
    return {**answer, "times": times, "run_s": float(np.percentile(times, 99))}


def main(what: str, seconds: float = SECONDS) -> None:
    folder = data.CACHE / "load"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "strategies").mkdir(parents=True)
    shutil.copy(_STRATEGY, folder / "strategies" / "turns.py")
    os.environ |= {"TRADEBOT_HOME": str(folder), "TRADEBOT_STRATEGIES": str(folder / "strategies")}
    quieten()
    market = Market()
    market.attach()
    watch = Stopwatch(market)
    watch.attach()
    with served(folder) as url:
        time.sleep(_WARM_S)
        if what == "quiet":
            figures = measured(watch, seconds)
        else:
            with clients(url, seconds) as process:
                figures = measured(watch, seconds)
                heard = json.loads(process.communicate(timeout=60)[0])
            figures |= {"trades": heard["wrong"], "beside": {ASKED: _figures(heard["requests"])}}
    json.dump(figures, sys.stdout)
    print(flush=True)


if __name__ == "__main__":
    main(sys.argv[1], *map(float, sys.argv[2:]))
