"""The page /docs: the document of the interface, from which it can be tried, with nothing from elsewhere."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from served_process import ServedProcess


def test_the_interface_is_tried_from_its_page_without_any_other_server(page: Page, server: ServedProcess):
    asked_of: list[str] = []
    told: list[str] = []
    page.on("request", lambda request: asked_of.append(request.url))
    page.on("console", lambda message: told.append(message.text) if message.type == "error" else None)
    page.goto("/docs")
    operation = page.locator("#operations-system-health_api_v1_status_health_get")
    operation.get_by_role("button").first.click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".live-responses-table")).to_contain_text('"status": "ok"')
    assert {url for url in asked_of if not url.startswith((server.url, "data:"))} == set()
    assert told == []
