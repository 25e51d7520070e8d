"""A server that dies under the eyes of the page, and comes back."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from served_process import ServedProcess


def test_a_lost_server_is_told_and_found_again_without_loading_the_page_anew(page: Page, server: ServedProcess):
    page.goto("/")
    header = page.get_by_role("banner")
    expect(header.get_by_text("connected", exact=True)).to_be_visible()
    page.evaluate("window.isThePageOfBefore = true")
    server.kill()
    expect(header.get_by_text("server lost", exact=True)).to_be_visible()
    expect(header.get_by_text("trading", exact=True)).to_have_count(0)
    server.start()
    expect(header.get_by_text("connected", exact=True)).to_be_visible()
    expect(header.get_by_text("trading", exact=True)).to_be_visible()
    newest = page.get_by_role("region", name="Latest fills").get_by_role("row").nth(1)
    expect(newest).not_to_have_text(newest.inner_text(), use_inner_text=True)
    assert page.evaluate("window.isThePageOfBefore") is True
