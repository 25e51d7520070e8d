"""Draws the pictures of docs/dashboard.md: ``python docs/draw_dashboard.py [CHROMIUM]``.

A bot trades on the built-in market for a while; each page is then taken in both themes and at the width of a phone, and
the three are put side by side.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from httpx2 import Client
from playwright.sync_api import Browser, Page, sync_playwright

from tradebot.feeds.mock import mock_bars
from tradebot.store.library import Library

ROOT: Final = Path(__file__).parents[1]
FOLDER: Final = ROOT / "docs" / "images" / "dashboard"
_SPEED: Final = 900
_TRADING_S: Final = 45
_WIDE: Final = (1280, 800)
_PHONE: Final = (390, 800)
_HEIGHT: Final = 480
_GAP: Final = 12
_BACKTESTS: Final = ({"fast": 10, "slow": 30}, {"fast": 20, "slow": 100}, {"fast": 50, "slow": 200})

# Puts pictures side by side and gives them as one, compressed.
_JOIN: Final = """async ([pictures, height, gap]) => {
  const images = await Promise.all(pictures.map(async (source) => {
    const image = new Image(); image.src = source; await image.decode(); return image;
  }));
  const widths = images.map((image) => Math.round(image.width * height / image.height));
  const canvas = document.createElement("canvas");
  canvas.width = widths.reduce((sum, width) => sum + width + gap, -gap);
  canvas.height = height;
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  let left = 0;
  images.forEach((image, index) => {
    context.drawImage(image, left, 0, widths[index], height);
    left += widths[index] + gap;
  });
  return canvas.toDataURL("image/webp", 0.82);
}"""


def main(chromium: str) -> None:
    """Draw every page."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, _served(Path(home)) as url, sync_playwright() as playwright:
        with Client(base_url=url, timeout=30) as client:
            run = _researched(client)
        time.sleep(_TRADING_S)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, (path, prepare) in _pages(run).items():
            _draw(browser, url + path, name, prepare)
        browser.close()


@contextmanager
def _served(home: Path) -> Iterator[str]:
    """The address of a bot that trades, with bars in the store and a backtest done."""
    Library(home).bars.write(mock_bars("MOCKUSDT", "1h", 4_000))
    document = json.loads((ROOT / "examples" / "paper.json").read_text(encoding="utf-8"))
    document["engine"]["speed"] = _SPEED
    file = home / "paper.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    environment = os.environ | {"TRADEBOT_HOME": str(home)}
    tradebot = [sys.executable, "-m", "tradebot"]
    backtest = [*tradebot, "backtest", "--config", str(file), "--bars", "20160"]
    subprocess.run(backtest, env=environment, cwd=home, check=True, capture_output=True)  # noqa: S603
    up = [*tradebot, "up", str(file), "--port", "0", "--json"]
    with subprocess.Popen(up, env=environment, cwd=home, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603
        try:
            yield json.loads((server.stdout and server.stdout.readline()) or "{}")["url"]
        finally:
            server.terminate()


def _researched(client: Client) -> str:
    """Ask for backtests; the id of the one whose report is shown."""
    ids = [_asked(client, params) for params in _BACKTESTS]
    while any(client.get(f"/api/v1/backtests/{each}").json()["state"] in ("queued", "running") for each in ids):
        time.sleep(0.2)
    return ids[1]


def _asked(client: Client, params: dict[str, int]) -> str:
    wanted: dict[str, Any] = {
        "symbol": "MOCKUSDT", "strategy": "sma_cross", "start_date": "2024-01-01", "end_date": "2024-06-01",
        "timeframes": ["1h"], "initial_balance": 10_000.0, "params": params,
    }  # fmt: skip
    return client.post("/api/v1/backtests", json=wanted).json()["id"]


def _pages(run: str) -> dict[str, tuple[str, Callable[[Page], Any]]]:
    """Address of every page, and what is done on it before it is taken."""
    return {
        "home": ("/", _wait_for_a_position),
        "chart": ("/chart", lambda page: page.get_by_label("Structures").check()),
        "decisions": ("/decisions", _open_decision),
        "orders": ("/orders", _open_timeline),
        "order": ("/orders", _fill_in_an_order),
        "trades": ("/trades", _nothing),
        "risk": ("/risk", _nothing),
        "reconcile": ("/reconcile", _nothing),
        "backtests": ("/backtests", _compare),
        "comparison": ("/backtests", _compare_below),
        "report": (f"/backtests/{run}", _nothing),
        "belief": (f"/backtests/{run}", _doubt),
        "strategies": ("/strategies", _nothing),
        "data": ("/data", lambda page: page.get_by_role("button", name="Import a file").click()),
        "configuration": ("/configuration", _check_an_error),
        "logs": ("/logs", _nothing),
        "login": ("/", _nothing),
    }


def _nothing(_: Page) -> None:
    """Leave the page as it is."""


def _wait_for_a_position(page: Page) -> None:
    page.get_by_text("at venue").wait_for(timeout=120_000)


def _open_decision(page: Page) -> None:
    page.locator("tbody tr", has_text="taken").first.get_by_role("button").click()


def _open_timeline(page: Page) -> None:
    page.locator("tbody tr", has_text="filled").first.get_by_role("button").click()


def _fill_in_an_order(page: Page) -> None:
    page.get_by_role("button", name="Place an order").click()
    page.get_by_label("Quantity, units").fill("20")
    page.get_by_role("button", name="Limit", exact=True).click()
    page.get_by_label("Limit price").fill("90")
    page.get_by_label("Stop, once filled").fill("86")


def _doubt(page: Page) -> None:
    page.get_by_role("button", name="Compute").click()
    page.get_by_role("button", name="Verify").click()
    page.get_by_role("region", name="Checks").wait_for(timeout=120_000)
    page.get_by_role("button", name="Compute").wait_for(timeout=120_000)
    page.get_by_role("heading", name="Parameter heat map").evaluate("it => it.scrollIntoView()")
    page.evaluate("scrollBy(0, -140)")


def _compare(page: Page) -> None:
    for box in page.get_by_role("checkbox").all()[:3]:
        box.check()


def _compare_below(page: Page) -> None:
    _compare(page)
    page.get_by_role("link", name="Compare 3 below").click()


def _check_an_error(page: Page) -> None:
    text = page.get_by_label("Configuration as JSON")
    text.fill(text.input_value().replace('"max_drawdown_pct": 30', '"max_drawdown_pct": 300'))
    page.get_by_role("button", name="Check").click()


def _draw(browser: Browser, url: str, name: str, prepare: Callable[[Page], Any]) -> None:
    pictures: list[str] = []
    for scheme, (width, height) in (("dark", _WIDE), ("light", _WIDE), ("dark", _PHONE)):
        page = browser.new_page(
            viewport={"width": width, "height": height}, color_scheme="dark" if scheme == "dark" else "light"
        )
        if name == "login":
            page.route("**/api/v1/session", lambda route: route.fulfill(status=401, json={"detail": "Log in."}))
        page.goto(url)
        page.wait_for_timeout(1_500)
        prepare(page)
        page.wait_for_timeout(1_200)
        pictures.append("data:image/png;base64," + base64.b64encode(page.screenshot()).decode())
        page.close()
    _keep(browser, pictures, _HEIGHT, name)
    if name == "home":
        _keep(browser, pictures[:1], _WIDE[1], "overview")


def _keep(browser: Browser, pictures: list[str], height: int, name: str) -> None:
    page = browser.new_page()
    joined = page.evaluate(_JOIN, [pictures, height, _GAP])
    page.close()
    (FOLDER / f"{name}.webp").write_bytes(base64.b64decode(joined.partition(",")[2]))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "/usr/bin/chromium")
