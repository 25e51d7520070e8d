"""A browser, a bot to look at, and pages that remember what went wrong on them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

import tradebot.api
from chromium import chromium
from served_process import ServedProcess, served_process

# Looked for here, once: what is absent is told in one sentence, before any test begins.
CHROMIUM = chromium()
if not Path(tradebot.api.__file__).with_name("dashboard").joinpath("index.html").is_file():
    raise LookupError("the dashboard is not built: run make web")

# What a person waits for is there in a second; a busy machine may take much longer.
PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)


# A module's, not the session's: while it is open, this thread has a loop that no other asynchronous test can share.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedProcess]:
    with served_process(tmp_path_factory.mktemp("up")) as server:
        yield server


@pytest.fixture
def context(browser: Browser, server: ServedProcess) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=server.url, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()
