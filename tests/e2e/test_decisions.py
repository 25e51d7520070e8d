"""Why each signal was taken or refused, with every verdict, found by its words."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from axe import violations
from served_bot import CONFIGURATION, until
from served_process import ServedProcess, asked, served_process

# One entry a day: the second one is refused.
ONE_A_DAY = CONFIGURATION | {"risk_management": CONFIGURATION["risk_management"] | {"max_daily_trades": 1}}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedProcess]:
    with served_process(tmp_path_factory.mktemp("up"), configuration=ONE_A_DAY) as server:
        until(lambda: asked(server, "risk/verdicts", allowed=False)["items"])
        yield server


def test_a_refused_signal_is_found_by_its_rule_and_says_why(page: Page, server: ServedProcess):
    verdict = asked(server, "risk/verdicts", allowed=False)["items"][-1]
    page.goto("/decisions")
    page.get_by_role("button", name="Refused").click()
    page.get_by_label("Search decisions").fill(f"{verdict['rule']}")
    found = page.get_by_role("region", name="Decisions").get_by_role("row")
    expect(found.nth(1)).to_contain_text("refused")
    expect(found.filter(has_text="taken")).to_have_count(0)
    found.nth(1).get_by_role("button").click()
    review = page.get_by_role("region", name="What the review found")
    expect(review).to_contain_text(f"refused {verdict['rule']}: ")
    expect(page.get_by_text("never left for the venue")).to_be_visible()
    assert violations(page) == []
    page.get_by_label("Search decisions").fill("no such thing")
    expect(page.get_by_text("None on this page matches; clear the search, turn the page, or show all.")).to_be_visible()


def test_a_taken_signal_shows_the_way_of_its_order_and_what_it_cost(page: Page):
    page.goto("/decisions")
    page.get_by_role("button", name="Taken").click()
    page.get_by_role("region", name="Decisions").get_by_role("row").nth(1).get_by_role("button").click()
    expect(page.get_by_role("region", name="What the review found")).to_contain_text("allowed every limit and rule")
    timeline = page.get_by_role("region", name="Timeline of ")
    expect(timeline.get_by_role("listitem").filter(has_text="Filled")).to_be_visible()
    expect(timeline).to_contain_text("Slippage to the signal")


def test_what_was_said_at_a_time_is_found_by_it(page: Page, server: ServedProcess):
    given = asked(server, "signals", limit=200)["items"]
    page.add_init_script('localStorage.setItem("tradebot.settings", JSON.stringify({zone: "utc"}))')
    page.goto("/decisions")
    rows = page.get_by_role("region", name="Decisions").get_by_role("row")
    expect(rows.nth(1)).to_be_visible()
    page.get_by_label("Up to (UTC)").fill(given[-1]["time"][:16])
    expect(rows.nth(1).locator("time")).to_have_attribute("datetime", re.compile(given[-1]["time"][:16]))
    expect(page.get_by_role("button", name="All", exact=True)).to_have_attribute("aria-pressed", "true")
    assert violations(page) == []
    page.get_by_role("button", name="Newest").click()
    expect(page.get_by_label("Up to (UTC)")).to_have_value("")
    expect(rows.nth(1).locator("time")).not_to_have_attribute("datetime", re.compile(given[-1]["time"][:16]))


def test_a_time_of_day_is_searched_as_it_is_shown(page: Page):
    page.goto("/decisions")
    rows = page.get_by_role("region", name="Decisions").get_by_role("row")
    clock = rows.nth(1).locator("time span").last.inner_text()
    page.get_by_label("Search decisions").fill(clock)
    expect(rows.nth(1).locator("time")).to_contain_text(clock)
    expect(rows).to_have_count(2)
