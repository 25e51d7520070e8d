"""A position that an operator opened by hand is closed by hand, on the page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from httpx2 import Client
from playwright.sync_api import Page, expect

from served_api import API
from served_bot import SILENT, until
from served_process import ServedProcess, asked, served_process


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedProcess]:
    with served_process(tmp_path_factory.mktemp("up"), configuration=SILENT) as server:
        yield server


def test_a_position_is_closed_once_the_page_has_said_what_that_does(page: Page, server: ServedProcess):
    until(lambda: asked(server, "bot")["state"] == "trading")
    with Client(base_url=server.url, timeout=30) as client:
        bought = client.post(f"{API}/orders", json={"symbol": "MOCKUSDT", "side": "buy", "quantity": 1.0})
    assert bought.status_code == 202, bought.text
    page.goto("/")
    page.get_by_role("button", name="Close MOCKUSDT").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("listitem").filter(has_text="closed by a market order")).to_be_visible()
    dialog.get_by_role("textbox").fill("seen enough")
    dialog.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_text("Flat.", exact=True)).to_be_visible()
    assert asked(server, "positions")["positions"] == []
    told = [entry["text"] for entry in asked(server, "audit", limit=200)["items"]]
    assert any("seen enough" in text for text in told)
