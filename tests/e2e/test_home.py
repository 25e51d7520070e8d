"""The first page: a bot at work within moments of the server's start, and what it does as it does it."""

from __future__ import annotations

from playwright.sync_api import Page, Response, Route, expect

from served_process import ServedProcess, asked

FIRST_LOAD_BYTES = 300_000


def test_a_trading_paper_bot_is_seen(page: Page):
    page.goto("/")
    expect(page.locator(".mode")).to_have_text("PAPER")
    expect(page.get_by_role("banner").get_by_text("trading", exact=True)).to_be_visible()
    expect(page.get_by_role("region", name="Latest fills").get_by_role("row").nth(1)).to_contain_text("MOCKUSDT")


def test_a_trade_arrives_while_one_looks(page: Page, server: ServedProcess):
    page.goto("/")
    newest = page.get_by_role("region", name="Latest fills").get_by_role("row").nth(1)
    before = newest.inner_text()
    expect(newest).not_to_have_text(before, use_inner_text=True)
    when = newest.locator("time").get_attribute("datetime") or ""
    assert when[:19] in {fill["time"][:19] for fill in asked(server, "fills", limit=1000)["items"]}


def test_a_position_is_shown_with_the_stop_that_rests_for_it(page: Page):
    page.goto("/")
    held = page.get_by_role("region", name="Positions").get_by_role("row").nth(1)
    expect(held).to_contain_text("at venue")


def test_the_last_price_of_what_is_held_moves_by_itself(page: Page):
    page.goto("/")
    last = page.get_by_role("region", name="Positions").get_by_role("row").nth(1).get_by_role("cell").nth(4)
    before = last.inner_text()
    expect(last).not_to_have_text(before)


def test_an_account_on_paper_that_stands_in_for_the_real_one_is_told_on_every_page(page: Page):
    def lost(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json=answer.json() | {"stand_in": "real-paper"})

    page.route("**/api/v1/bot", lost)
    page.goto("/")
    expect(page.get_by_text("Account real-paper trades ON PAPER in its place")).to_be_visible()
    page.get_by_role("link", name="Risk").click()
    expect(page.get_by_role("banner")).to_contain_text("on paper: real-paper")


def test_the_first_load_takes_less_than_300_kilobytes_of_compressed_script(page: Page):
    scripts: list[Response] = []
    page.on("response", lambda answer: scripts.append(answer) if answer.request.resource_type == "script" else None)
    page.goto("/")
    expect(page.locator(".mode")).to_have_text("PAPER")
    sizes = [script.request.sizes()["responseBodySize"] for script in scripts]
    assert len(sizes) > 1
    assert sum(sizes) < FIRST_LOAD_BYTES
