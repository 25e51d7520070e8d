"""Frames of the dashboard while 50 markets move ten times a second; ``python -m benchmarks.ours.dashboard [SECONDS]``.

A bot on the built-in market holds a position in each of 50 markets, and each closes ten bars a second: 500 messages a
second on the stream. Chromium shows a page; each of its frames is timed and every task of more than 50 ms counted. An
empty page of the same browser is timed in the same run, before and after: what it loses is the machine's doing.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, sync_playwright

SECONDS: Final = 15.0
MARKETS: Final = 50
# A minute in a tenth of a second.
_SPEED: Final = 600
_FRAME_MS: Final = 1000 / 60
_WARM_S: Final = 15.0
_PAGES: Final = ("/", "/chart", "/orders", "/trades", "/risk")
_BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")

# Times between frames, and the lengths of the tasks that the browser calls long.
_WATCH: Final = """async (seconds) => {
  const long = [];
  const watch = new PerformanceObserver((list) => long.push(...list.getEntries().map((entry) => entry.duration)));
  watch.observe({ type: "longtask" });
  const frames = [];
  const end = performance.now() + seconds * 1000;
  for (let last = await new Promise(requestAnimationFrame); last < end; ) {
    const now = await new Promise(requestAnimationFrame);
    frames.push(now - last);
    last = now;
  }
  watch.disconnect();
  return { frames, long };
}"""

# Messages a second that the stream brings.
_COUNT: Final = """async (seconds) => {
  const socket = new WebSocket(`ws://${location.host}/api/v1/stream`);
  let count = 0;
  socket.onmessage = () => count++;
  await new Promise((done) => setTimeout(done, seconds * 1000));
  socket.close();
  return count / seconds;
}"""


def figures_of(frames: list[float], long: list[float]) -> dict[str, float]:
    """Frames a second, the share that was dropped, the slowest ones, and the long tasks."""
    whole = sum(frames)
    dropped = sum(max(round(each / _FRAME_MS) - 1, 0) for each in frames)
    return {
        "frames_per_s": round(1000 * len(frames) / whole, 1),
        "dropped": round(dropped / (len(frames) + dropped), 4),
        "median_ms": round(statistics.median(frames), 1),
        "p99_ms": round(sorted(frames)[int(0.99 * len(frames))], 1),
        "long_tasks": len(long),
        "longest_task_ms": max(long, default=0.0),
    }


def _configuration() -> dict[str, Any]:
    return {
        "broker": {"type": "mock", "initial_balance": 1_000_000.0},
        "trading": {
            "symbols": [f"M{number:02}USDT" for number in range(MARKETS)],
            "position_size": 0.01,
            "max_positions": MARKETS,
        },
        "data": {"data_source": "mock", "interval": "1m", "lookback_bars": 50},
        "strategy": {"type": "buy_and_hold", "params": {}},
        "engine": {"mode": "paper", "speed": _SPEED},
    }


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    """Address of the bot at work."""
    file = folder / "markets.json"
    file.write_text(json.dumps(_configuration()), encoding="utf-8")
    command = [sys.executable, "-m", "tradebot", "up", str(file), "--port", "0", "--json"]
    environment = os.environ | {"TRADEBOT_HOME": str(folder)}
    with subprocess.Popen(command, env=environment, cwd=folder, stdout=subprocess.PIPE, text=True) as server:
        try:
            yield json.loads((server.stdout and server.stdout.readline()) or "{}")["url"]
        finally:
            server.terminate()


def _watched(browser: Browser, address: str, seconds: float) -> dict[str, float]:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(address)
    page.wait_for_timeout(3_000)
    found = page.evaluate(_WATCH, seconds)
    page.close()
    return figures_of(found["frames"], found["long"])


def main(seconds: float = SECONDS) -> None:
    """Print a line of JSON for each page."""
    browser_path = next(filter(None, map(shutil.which, _BROWSERS)), None)
    with tempfile.TemporaryDirectory() as home, _served(Path(home)) as url, sync_playwright() as playwright:
        time.sleep(_WARM_S)
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(url)
        print(json.dumps({"page": "stream", "messages_per_s": page.evaluate(_COUNT, 5.0)}), flush=True)
        page.close()
        for name, address in [
            ("idle", "about:blank"),
            *((path, url + path) for path in _PAGES),
            ("idle", "about:blank"),
        ]:
            print(json.dumps({"page": name} | _watched(browser, address, seconds)), flush=True)
        browser.close()


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
