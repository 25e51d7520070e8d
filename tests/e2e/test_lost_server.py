"""A server that dies under the eyes of the page, and comes back."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from axe import violations
from served_process import ServedProcess


def test_a_lost_server_is_told_and_found_again_without_loading_the_page_anew(page: Page, server: ServedProcess):
    page.goto("/")
    header = page.get_by_role("banner")
    expect(header.get_by_text("connected", exact=True)).to_be_visible()
    page.evaluate("window.isThePageOfBefore = true")
    server.kill()
    expect(header.get_by_text("server lost", exact=True)).to_be_visible()
    expect(header.get_by_text("trading", exact=True)).to_have_count(0)
    lost = page.get_by_role("alert").filter(has_text="The server has not answered for")
    expect(lost).to_contain_text("tradebot halt")
    assert violations(page) == []
    server.start()
    expect(header.get_by_text("connected", exact=True)).to_be_visible()
    expect(lost).to_have_count(0)
    expect(header.get_by_text("trading", exact=True)).to_be_visible()
    newest = page.get_by_role("region", name="Latest fills").get_by_role("row").nth(1)
    expect(newest).not_to_have_text(newest.inner_text(), use_inner_text=True)
    assert page.evaluate("window.isThePageOfBefore") is True


def test_a_page_that_was_not_seen_before_is_at_hand_without_a_server(page: Page, server: ServedProcess):
    page.goto("/")
    page.wait_for_function("() => performance.getEntriesByType('resource').some(({ name }) => name.includes('/Risk-'))")
    server.kill()
    expect(page.get_by_role("banner").get_by_text("server lost", exact=True)).to_be_visible()
    page.get_by_role("link", name="Risk").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Risk")
    expect(page.get_by_role("alert").first).to_contain_text("The server does not answer.")
    server.start()
    expect(page.get_by_role("meter", name="Positions")).to_be_visible()


def test_a_server_that_hangs_is_told_as_one_that_is_lost(page: Page, server: ServedProcess):
    page.goto("/")
    header = page.get_by_role("banner")
    expect(header.get_by_text("connected", exact=True)).to_be_visible()
    with server.hung():
        expect(header.get_by_text("server lost", exact=True)).to_be_visible()
        expect(page.get_by_role("alert").filter(has_text="The server has not answered for")).to_be_visible()
    expect(header.get_by_text("connected", exact=True)).to_be_visible()
    expect(header.get_by_text("trading", exact=True)).to_be_visible()
