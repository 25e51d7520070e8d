"""Books that differ from the broker's: what differs comes first, and the markets it has closed are released there."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, Route, expect

from axe import violations
from served_api import API

COMPARED = [
    {"kind": "position", "name": "BTCUSDT", "ours": 14.357, "brokers": 14.357, "differs": False},
    {"kind": "order", "name": "by-hand-1", "ours": None, "brokers": "accepted", "differs": True},
    {"kind": "balance", "name": "USDT", "ours": 9997.6, "brokers": 9997.6, "differs": False},
]


def differing(page: Page, **found: Any) -> None:
    """Open the page upon books beside which another hand has an order."""

    def answer(route: Route) -> None:
        known = route.fetch()
        differing = {"compared": COMPARED, "differences": 1, "quarantined": ["BTCUSDT", "ETHUSDT"]}
        route.fulfill(response=known, json=known.json() | differing | found)

    page.route(
        f"**{API}/reconcile", lambda route: answer(route) if route.request.method == "GET" else route.continue_()
    )
    page.goto("/reconcile")


def test_what_differs_comes_first_and_says_which_side_has_nothing(page: Page):
    differing(page)
    expect(page.get_by_role("status").filter(has_text="1 difference,")).to_be_visible()
    rows = page.get_by_role("region", name="Ours beside the broker's").locator("tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.first.get_by_role("cell")).to_have_text(["order", "by-hand-1", "none", "accepted", "differs"])


def test_the_markets_that_a_difference_has_closed_are_released_where_they_are_told(page: Page):
    differing(page)
    told = page.locator(".notice", has_text="BTCUSDT, ETHUSDT: closed to entries until a release")
    told.get_by_role("button", name="Release").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("take them again")
    with page.expect_response(f"**{API}/bot/release") as answered:
        dialog.get_by_role("button", name="Release").click()
    assert answered.value.status == 202


def test_a_bot_that_is_halted_is_released_in_one_place_alone(page: Page):
    differing(page, halted="the position of BTCUSDT is not explained")
    expect(page.get_by_text("closed to entries until a release")).to_be_visible()
    expect(page.get_by_role("main").get_by_role("button", name="Release")).to_have_count(0)


def test_books_that_differ_can_be_read_by_all(page: Page):
    for theme in ("dark", "light"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        differing(page)
        expect(page.get_by_text("by-hand-1")).to_be_visible()
        assert violations(page) == []
