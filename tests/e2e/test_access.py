"""The dashboard reached from other machines: who logs in, and what a viewer may not do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from axe import violations
from served_api import API
from served_process import ServedProcess, served_process

OPERATORS = "correct horse battery staple"
VIEWERS = "only looking around here"
# So far below the market that it rests, and within the collar about its price.
ORDER = '{"symbol": "MOCKUSDT", "side": "buy", "quantity": 1, "type": "limit", "price": 90}'


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedProcess]:
    passwords = {"TRADEBOT_API_PASSWORD": OPERATORS, "TRADEBOT_API_VIEWER_PASSWORD": VIEWERS}
    bound = ("--host", "0.0.0.0", "--allow-host", "127.0.0.1")
    with served_process(tmp_path_factory.mktemp("up"), *bound, **passwords) as server:
        yield server


def log_in(page: Page, password: str) -> None:
    page.goto("/")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


def ask(page: Page, path: str, body: str) -> dict:
    """What the interface answers to a change that the page asks for in the name of its session."""
    return page.evaluate(
        """async ([path, body]) => {
            const session = await (await fetch("/api/v1/session")).json();
            const headers = {"Content-Type": "application/json", "X-CSRF-Token": session.csrf_token};
            const answer = await fetch(path, {method: "POST", headers, body});
            return {status: answer.status, ...await answer.json()};
        }""",
        [f"{API}/{path}", body],
    )


def test_nothing_is_seen_before_the_password(page: Page):
    page.goto("/orders")
    expect(page.get_by_label("Password")).to_be_focused()
    expect(page.get_by_role("banner")).to_have_count(0)
    log_in(page, "a guess of somebody")
    expect(page.get_by_role("alert")).to_contain_text("the password is wrong")
    expect(page.get_by_role("banner")).to_have_count(0)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_all_can_read_the_page_that_asks_for_the_password(page: Page, theme: Literal["dark", "light"]):
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    log_in(page, "a guess of somebody")
    expect(page.get_by_role("alert")).to_be_visible()
    assert violations(page) == []


def test_a_viewer_sees_everything_and_is_refused_a_halt(page: Page):
    log_in(page, VIEWERS)
    expect(page.locator(".mode")).to_have_text("PAPER")
    expect(page.get_by_role("banner").get_by_text("connected")).to_be_visible()
    expect(page.get_by_role("banner").get_by_text("viewer", exact=True)).to_be_visible()
    for verb in ("Pause entries", "Cancel entries", "Flatten", "HALT", "Reset simulation"):
        expect(page.get_by_role("button", name=verb, exact=True)).to_be_disabled()
    expect(page.get_by_role("button", name="HALT")).to_have_attribute(
        "title", "Viewers may look, not act. Log in as operator."
    )
    refused = ask(page, "bot/halt", '{"confirm": "paper"}')
    assert refused["status"] == 403
    assert "viewer" in refused["detail"]
    expect(page.locator(".mode")).to_have_text("PAPER")


def test_a_viewer_is_refused_an_order(page: Page):
    log_in(page, VIEWERS)
    expect(page.locator(".mode")).to_have_text("PAPER")
    refused = ask(page, "orders", ORDER)
    assert refused["status"] == 403
    assert "viewer" in refused["detail"]
    page.get_by_role("link", name="Orders").click()
    expect(page.get_by_role("button", name="Place an order")).to_be_disabled()


def test_an_order_of_an_operator_arrives(page: Page):
    log_in(page, OPERATORS)
    expect(page.locator(".mode")).to_have_text("PAPER")
    placed = ask(page, "orders", ORDER)
    assert placed["status"] == 202, placed
    page.get_by_role("link", name="Orders").click()
    orders = page.get_by_role("region", name="All orders")
    expect(orders.get_by_role("row").filter(has_text=placed["order_id"])).to_contain_text("accepted")


def test_an_operator_who_has_logged_in_halts_and_releases(page: Page):
    log_in(page, OPERATORS)
    for verb, mode in (("HALT", "HALTED"), ("Release", "PAPER")):
        page.get_by_role("button", name=verb, exact=True).click()
        page.get_by_role("dialog").get_by_role("button", name=verb, exact=True).click()
        expect(page.locator(".mode")).to_have_text(mode)


def test_the_page_of_the_interface_tries_a_change_in_the_session_of_who_is_logged_in(page: Page):
    log_in(page, OPERATORS)
    expect(page.locator(".mode")).to_have_text("PAPER")
    page.goto("/docs")
    operation = page.locator("#operations-trading-resume_api_v1_bot_resume_post")
    operation.get_by_role("button").first.click()
    operation.get_by_role("button", name="Try it out").click()
    operation.locator("textarea").fill("{}")
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".live-responses-table")).to_contain_text('"action": "resume"')


def test_a_session_that_the_server_no_longer_knows_leads_to_the_password(page: Page, server: ServedProcess):
    log_in(page, OPERATORS)
    expect(page.get_by_role("banner").get_by_text("connected", exact=True)).to_be_visible()
    server.stop()
    server.start()
    page.get_by_label("Password").fill(OPERATORS)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("banner").get_by_text("connected", exact=True)).to_be_visible()
    expect(page.locator(".mode")).to_have_text("PAPER")


def test_one_who_logs_out_leaves_nothing_behind(page: Page):
    log_in(page, VIEWERS)
    page.get_by_role("button", name="Log out, viewer").click()
    expect(page.get_by_label("Password")).to_be_visible()
    page.goto("/orders")
    expect(page.get_by_label("Password")).to_be_visible()
    expect(page.get_by_role("banner")).to_have_count(0)
