"""What holds on every page of the dashboard: it can be read by all, on a phone too, and nothing fails on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from httpx2 import Client
from playwright.sync_api import Browser, Page, expect

from axe import violations
from served_api import API, REQUEST
from served_bot import until
from served_process import ServedProcess, asked

PAGES = (
    "/", "/chart", "/decisions", "/orders", "/trades", "/risk", "/reconcile",
    "/backtests", "/strategies", "/data", "/configuration", "/logs",
)  # fmt: skip
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def report(server: ServedProcess) -> str:
    """Path of the report of a finished backtest."""
    with Client(base_url=server.url, timeout=30) as client:
        wanted = client.post(f"{API}/backtests", json=REQUEST).json()["id"]
    until(lambda: asked(server, f"backtests/{wanted}")["state"] == "done")
    return f"/backtests/{wanted}"


class Visit(NamedTuple):
    """A page that is open, and the warnings and errors that its console has shown."""

    page: Page
    told: list[str]


def settled(page: Page, path: str) -> None:
    """Go to a page, and wait until everything on it has arrived."""
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("banner").get_by_text("connected", exact=True)).to_be_visible()
    expect(page.get_by_text("Loading", exact=True)).to_have_count(0)


@pytest.fixture(scope="module", params=[*PAGES, "a report", "/nosuch"])
def visit(request: pytest.FixtureRequest, browser: Browser, server: ServedProcess, report: str) -> Iterator[Visit]:
    context = browser.new_context(base_url=server.url, color_scheme="dark", reduced_motion="reduce", viewport=DESK)
    page, told = context.new_page(), []
    page.on("console", lambda message: told.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: told.append(str(error)))
    settled(page, report if request.param == "a report" else request.param)
    yield Visit(page, told)
    context.close()


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axe_finds_nothing_serious(visit: Visit, theme: str):
    if visit.page.evaluate("document.documentElement.dataset.theme") != theme:
        visit.page.get_by_role("button", name="Theme: ").click()
    expect(visit.page.locator("html")).to_have_attribute("data-theme", theme)
    assert violations(visit.page) == []


def test_a_phone_shows_it_without_scrolling_sideways(visit: Visit):
    visit.page.set_viewport_size(PHONE)
    visit.page.wait_for_function("width => document.documentElement.scrollWidth <= width", arg=PHONE["width"])
    visit.page.set_viewport_size(DESK)


def test_a_phone_shows_every_column_of_a_list(visit: Visit):
    visit.page.set_viewport_size(PHONE)
    cut = "all => all.filter(rows => rows.scrollWidth > rows.clientWidth).map(rows => rows.textContent)"
    assert visit.page.locator("[data-cards] tbody").evaluate_all(cut) == []
    visit.page.set_viewport_size(DESK)


def test_a_phone_shows_the_state_of_the_account_without_one_figure_over_another(visit: Visit):
    visit.page.set_viewport_size(PHONE)
    cut = "all => all.filter(figure => figure.scrollWidth > figure.clientWidth).map(figure => figure.textContent)"
    assert visit.page.locator(".gauge dd").evaluate_all(cut) == []
    visit.page.set_viewport_size(DESK)


def test_a_phone_keeps_the_halt_in_reach_however_far_it_is_scrolled(visit: Visit):
    visit.page.set_viewport_size(PHONE)
    visit.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    expect(visit.page.get_by_role("banner").get_by_role("button", name="HALT", exact=True)).to_be_in_viewport(ratio=1)
    visit.page.set_viewport_size(DESK)


def test_a_phone_gives_every_button_room_for_a_finger(visit: Visit):
    visit.page.set_viewport_size(PHONE)
    small = "all => all.filter(it => it.checkVisibility() && it.offsetHeight < 40).map(it => it.textContent)"
    assert visit.page.locator("button:not(th button), nav a, select").evaluate_all(small) == []
    visit.page.set_viewport_size(DESK)


def test_the_console_stays_clean(visit: Visit):
    assert visit.told == []


def test_the_pages_tested_here_are_those_there_are(page: Page):
    settled(page, "/")
    links = page.get_by_role("navigation").get_by_role("link").all()
    assert [link.get_attribute("href") for link in links] == list(PAGES)
