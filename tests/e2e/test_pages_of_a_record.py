"""A record that is longer than a page is turned page by page, and nothing on it moves meanwhile."""

from __future__ import annotations

import re

import pytest
from httpx2 import Client
from playwright.sync_api import Page, Route, expect

from axe import violations
from served_api import API
from served_bot import until
from served_process import ServedProcess, asked

# Of a page; a record is then long in a moment.
SHORT = 2


def with_short_pages(page: Page, path: str) -> None:
    """Have the interface answer in short pages, whatever is asked for."""

    def shortened(route: Route) -> None:
        route.continue_(url=re.sub(r"limit=\d+", f"limit={SHORT}", route.request.url))

    page.route(f"**{API}/{path}?*", shortened)


@pytest.mark.parametrize(
    ("title", "path", "table", "mark"),
    [
        ("Orders", "orders", "All orders", "order_id"),
        ("Trades", "fills", "Trades", "order_id"),
        ("Decisions", "signals", "Decisions", "order_id"),
        ("Logs and audit", "audit", "Audit", "text"),
    ],
)
def test_older_pages_show_what_the_interface_tells_of_them(
    page: Page, server: ServedProcess, title: str, path: str, table: str, mark: str
):
    if path == "audit":
        with Client(base_url=server.url, timeout=30) as client:
            for verb in ("pause", "resume") * 3:
                client.post(f"{API}/bot/{verb}", json={})
    until(lambda: asked(server, path, limit=2 * SHORT + 1)["next"], patience_s=60)
    with_short_pages(page, path)
    page.goto({"fills": "/trades", "signals": "/decisions", "audit": "/logs"}.get(path, f"/{path}"))
    expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()
    if path == "signals":
        page.get_by_role("button", name="All", exact=True).click()
    pages = page.get_by_role("navigation", name="Pages of ")
    expect(pages.get_by_role("button", name="Newer")).to_be_disabled()
    older = pages.get_by_role("button", name="Older")
    for number in (2, 3):
        with page.expect_response(lambda answer: f"/{path}?" in answer.url and "cursor=" in answer.url) as turned:
            older.click()
        expect(pages).to_contain_text(f"Page {number}, {SHORT} older ones")
        rows = page.get_by_role("region", name=table, exact=True).get_by_role("row")
        expect(rows).to_have_count(1 + SHORT)
        for row, item in zip(rows.all()[1:], turned.value.json()["items"], strict=True):
            expect(row).to_contain_text(item[mark])
    assert violations(page) == []
    pages.get_by_role("button", name="Newest").click()
    expect(pages).to_contain_text(f"The newest {SHORT}")


def test_a_filter_stays_while_pages_are_turned(page: Page, server: ServedProcess):
    until(lambda: asked(server, "fills", limit=SHORT)["next"], patience_s=60)
    with_short_pages(page, "fills")
    page.goto("/trades")
    page.get_by_label("Filter trades").fill("no such trade")
    expect(page.get_by_text("None on this page matches")).to_be_visible()
    page.get_by_role("navigation", name="Pages of trades").get_by_role("button", name="Older").click()
    expect(page.get_by_text(f"Page 2, {SHORT} older ones")).to_be_visible()
    expect(page.get_by_label("Filter trades")).to_have_value("no such trade")
    expect(page.get_by_text("None on this page matches")).to_be_visible()
