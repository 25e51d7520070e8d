"""What an operator does by hand: an order placed and taken back, a position closed, a note on a trade."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from axe import violations
from served_bot import SILENT, until
from served_process import ServedProcess, asked, served_process


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedProcess]:
    with served_process(tmp_path_factory.mktemp("up"), configuration=SILENT) as server:
        until(lambda: asked(server, "bot")["state"] == "trading")
        yield server


@pytest.fixture
def form(page: Page) -> Locator:
    """The form of an order by hand."""
    page.goto("/orders")
    page.get_by_role("button", name="Place an order").click()
    form = page.get_by_role("region", name="Order by hand")
    expect(form.get_by_text("Last price")).to_be_visible()
    return form


def send(page: Page, form: Locator, reason: str = "") -> Locator:
    """Review what is in the form and send it; gives the dialog."""
    form.get_by_role("button", name="Review the order").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill(reason)
    dialog.get_by_role("button", name="Send the order").click()
    return dialog


def test_an_order_by_hand_shows_its_value_and_its_limits_before_it_is_sent(
    page: Page, form: Locator, server: ServedProcess
):
    before = asked(server, "orders")["items"]
    form.get_by_label("Quantity, units").fill("2")
    expect(form.get_by_text("of equity")).to_be_visible()
    last = asked(server, "stats/MOCKUSDT")["last"]
    shown = float(form.locator(".estimate > span").nth(1).inner_text().split()[2].replace(",", ""))
    assert shown == pytest.approx(2 * last, rel=0.1)
    expect(form.get_by_role("listitem").filter(has_text="Positions")).to_contain_text("0 → 1 of 1 within")
    form.get_by_role("button", name="Review the order").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("listitem").filter(has_text="Buys 2 MOCKUSDT at the market")).to_be_visible()
    assert violations(page) == []
    dialog.get_by_role("button", name="Leave it").click()
    assert asked(server, "orders")["items"] == before


def test_a_limit_order_is_placed_and_taken_back(page: Page, form: Locator, server: ServedProcess):
    form.get_by_role("button", name="Limit", exact=True).click()
    form.get_by_label("Quantity, units").fill("1.5")
    form.get_by_label("Limit price").fill(str(round(asked(server, "stats/MOCKUSDT")["last"] * 0.85, 2)))
    send(page, form, "a bid far below")
    expect(form.get_by_role("status")).to_contain_text("Reviewed and sent as ")
    order_id = form.get_by_role("status").inner_text().removesuffix(".").split()[-1]
    row = page.get_by_role("region", name="All orders").get_by_role("row").filter(has_text=order_id)
    expect(row).to_contain_text("accepted")
    row.get_by_role("button", name=f"Cancel {order_id}").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("listitem").filter(has_text="It is taken back at the venue.")).to_be_visible()
    dialog.get_by_role("button", name="Cancel", exact=True).click()
    expect(row).to_contain_text("canceled")
    assert asked(server, f"orders/{order_id}")["state"] == "canceled"


def test_an_order_that_a_rule_refuses_says_which(page: Page, form: Locator):
    form.get_by_role("button", name="Limit", exact=True).click()
    form.get_by_label("Quantity, units").fill("1")
    form.get_by_label("Limit price").fill("900")
    dialog = send(page, form)
    expect(dialog.get_by_role("alert")).to_contain_text("the bot refuses it")


def test_a_position_is_opened_noted_and_closed_by_hand(page: Page, form: Locator, server: ServedProcess):
    form.get_by_label("Quantity, units").fill("1")
    form.get_by_label("Stop, once filled").fill(str(round(asked(server, "stats/MOCKUSDT")["last"] * 0.7, 2)))
    send(page, form)
    expect(form.get_by_role("status")).to_contain_text("Reviewed and sent as ")

    page.get_by_role("link", name="Trades").click()
    page.get_by_role("button", name="Note on trade").first.click()
    page.get_by_role("dialog").get_by_role("textbox").fill("bought on a hunch")
    assert violations(page) == []
    page.get_by_role("button", name="Keep the note").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("region", name="Trades").get_by_text("bought on a hunch")).to_be_visible()
    assert asked(server, "fills")["items"][0]["note"] == "bought on a hunch"

    page.get_by_role("link", name="Home").click()
    working = page.get_by_role("region", name="Working orders").get_by_role("row").filter(has_text="stop")
    expect(working).to_contain_text("sell")
    page.get_by_role("button", name="Close MOCKUSDT").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("listitem").filter(has_text="closed by a market order")).to_be_visible()
    dialog.get_by_role("textbox").fill("seen enough")
    dialog.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_text("Flat.", exact=True)).to_be_visible()
    assert asked(server, "positions")["positions"] == []
    told = [entry["text"] for entry in asked(server, "audit", limit=200)["items"]]
    assert any("seen enough" in text for text in told)
