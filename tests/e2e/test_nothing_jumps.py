"""A page stays where it is while its figures arrive."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

# What web.dev/articles/cls calls good.
MOST = 0.1
# Lists are left out: in them a trade that arrives moves the older ones down.
PAGES = ("/", "/chart", "/risk", "/reconcile", "/configuration", "/logs")
WATCH = """
window.shifts = [];
new PerformanceObserver((seen) => {
  for (const shift of seen.getEntries()) if (!shift.hadRecentInput) window.shifts.push(shift.value);
}).observe({ type: "layout-shift", buffered: true });
"""


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)], ids=["a desk", "a phone"])
def test_nothing_jumps_while_a_page_arrives(page: Page, path: str, width: int, height: int):
    page.set_viewport_size({"width": width, "height": height})
    page.add_init_script(WATCH)
    page.goto(path)
    expect(page.get_by_role("banner").get_by_text("connected", exact=True)).to_be_visible()
    expect(page.locator(".mode")).to_have_text("PAPER")
    expect(page.get_by_text("Loading", exact=True)).to_have_count(0)
    page.wait_for_timeout(500)
    assert page.evaluate("window.shifts.reduce((sum, it) => sum + it, 0)") < MOST
