"""What an operator tells the bot from the page, and what the page says before it does it."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.sync_api import Locator, Page, expect

from axe import violations
from served_process import ServedProcess, asked


@pytest.fixture
def home(page: Page) -> Page:
    page.goto("/")
    expect(page.locator(".mode")).to_have_text("PAPER")
    return page


def told(server: ServedProcess) -> list[str]:
    """Commands of operators, newest first."""
    entries = asked(server, "audit", limit=200)["items"]
    return [entry["text"] for entry in entries if entry["kind"] == "OperatorCommand"]


def ask(page: Page, verb: str) -> Locator:
    """The dialog in which a verb says what it will do."""
    page.get_by_role("button", name=verb, exact=True).click()
    return page.get_by_role("dialog")


def confirm(page: Page, verb: str, reason: str = "") -> None:
    dialog = ask(page, verb)
    dialog.get_by_role("textbox").fill(reason)
    dialog.get_by_role("button", name=verb, exact=True).click()
    expect(dialog).to_have_count(0)


@pytest.mark.parametrize(
    ("verb", "effect"),
    [
        ("Pause entries", "No new position is opened."),
        ("Cancel entries", "Every working order that would open a position is taken back."),
        ("Flatten", "Every position is closed at the market."),
        ("HALT", "It holds over restarts until a person releases it."),
    ],
)
def test_a_verb_says_what_it_will_do_and_does_nothing_until_it_is_confirmed(
    home: Page, server: ServedProcess, verb: str, effect: str
):
    before = told(server)
    dialog = ask(home, verb)
    expect(dialog.get_by_role("listitem").filter(has_text=effect)).to_be_visible()
    dialog.get_by_role("button", name="Leave it").click()
    expect(dialog).to_have_count(0)
    assert told(server) == before
    assert asked(server, "bot")["state"] == "trading"


def test_entries_are_paused_and_resumed(home: Page, server: ServedProcess):
    confirm(home, "Pause entries", "lunch")
    expect(home.get_by_role("banner").get_by_text("paused", exact=True)).to_be_visible()
    confirm(home, "Resume entries")
    expect(home.get_by_role("banner").get_by_text("trading", exact=True)).to_be_visible()
    assert {"pause: lunch", "resume: asked for by local"} <= set(told(server))


def test_a_halt_is_seen_everywhere_until_it_is_released(home: Page, server: ServedProcess):
    confirm(home, "HALT", "a drill")
    expect(home.locator(".mode")).to_have_text("HALTED")
    expect(home.get_by_text("Release, above, lets it trade again")).to_contain_text("a drill")
    expect(home.get_by_role("button", name="Pause entries")).to_be_disabled()
    home.get_by_role("link", name="Risk").click()
    expect(home.locator(".mode")).to_have_text("HALTED")
    assert asked(server, "bot")["state"] == "halted"
    confirm(home, "Release", "it is over")
    expect(home.locator(".mode")).to_have_text("PAPER")
    assert {"halt: a drill", "release: it is over"} <= set(told(server))


def test_a_reset_of_the_simulation_begins_a_new_record(home: Page, server: ServedProcess):
    before = {fill["order_id"] for fill in asked(server, "fills", limit=1000)["items"]}
    dialog = ask(home, "Reset simulation")
    expect(dialog).to_contain_text("The account begins anew with the first balance of its configuration.")
    dialog.get_by_role("button", name="Reset").click()
    expect(dialog).to_have_count(0)
    expect(home.get_by_role("banner").get_by_text("trading", exact=True)).to_be_visible()
    expect(home.get_by_role("region", name="Latest fills").get_by_role("row").nth(1)).to_be_visible()
    after = {fill["order_id"] for fill in asked(server, "fills", limit=1000)["items"]}
    assert after
    assert not after & before


def test_a_halt_needs_no_mouse_and_its_dialog_keeps_the_keyboard(home: Page):
    for _ in range(20):
        home.keyboard.press("Tab")
        if home.evaluate("document.activeElement.textContent") == "HALT":
            break
    expect(home.get_by_role("button", name="HALT")).to_be_focused()
    home.keyboard.press("Enter")
    dialog = home.get_by_role("dialog")
    expect(dialog.locator(":focus")).to_have_count(1)
    reached = set()
    for _ in range(10):
        home.keyboard.press("Tab")
        # Between the last control and the first one, a browser gives the focus to its own bars: to none of the page.
        where = home.evaluate("""() => {
            const focused = document.activeElement;
            if (focused === document.body) return "";
            return focused.closest("dialog") ? focused.textContent || focused.tagName : "behind the dialog";
        }""")
        reached.add(where)
    assert reached - {""} == {"INPUT", "Leave it", "HALT"}
    home.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(home.get_by_role("button", name="HALT")).to_be_focused()


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_all_can_read_what_a_verb_will_do(home: Page, theme: Literal["dark", "light"]):
    home.emulate_media(color_scheme=theme, reduced_motion="reduce")
    home.reload()
    expect(ask(home, "Flatten")).to_be_visible()
    assert violations(home) == []


def test_all_can_read_the_timeline_of_an_order(home: Page):
    home.goto("/orders")
    home.get_by_role("region", name="All orders").get_by_role("button", expanded=False).first.click()
    expect(home.get_by_role("button", expanded=True)).to_be_visible()
    assert violations(home) == []
