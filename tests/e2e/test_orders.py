"""The way of an order: what it cost, told beneath its row."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from axe import violations
from served_bot import CONFIGURATION, until
from served_process import ServedProcess, asked, served_process

# So near that stops are reached all the time.
NEAR = CONFIGURATION | {"risk_management": CONFIGURATION["risk_management"] | {"stop_loss_pct": 0.05}}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedProcess]:
    with served_process(tmp_path_factory.mktemp("up"), configuration=NEAR) as server:
        yield server


def row_of(page: Page, order_id: str) -> Locator:
    name = page.get_by_role("button", name=order_id, exact=True)
    return page.get_by_role("region", name="All orders").get_by_role("row").filter(has=name)


def test_the_timeline_of_a_stop_tells_what_it_cost(page: Page, server: ServedProcess):
    def stopped() -> dict | None:
        orders = asked(server, "orders", limit=100)["items"]
        return next((it for it in orders if (it["tag"], it["state"]) == ("stop_loss", "filled")), None)

    stop = until(stopped, patience_s=60)
    (fill,) = asked(server, "fills", order_id=stop["order_id"])["items"]
    result = float(fill["realized"]) - float(fill["fee"])
    sign = 1 if stop["side"] == "buy" else -1
    slip = sign * (float(fill["price"]) / float(stop["trigger"]) - 1) * 10_000
    page.goto("/orders")
    row_of(page, stop["order_id"]).get_by_role("button").first.click()
    timeline = page.get_by_role("region", name=f"Timeline of {stop['order_id']}")
    expect(timeline).to_contain_text(f"Result, after its fees\u2212{abs(result):,.2f}")
    expect(timeline).to_contain_text(
        f"Slippage to its trigger{slip:+.1f}".replace("+0.0", "0.0").replace("-0.0", "0.0")
    )
    expect(timeline).to_contain_text("Triggered to filled")
    assert violations(page) == []


def test_an_order_unfolds_where_it_stands(page: Page, server: ServedProcess):
    orders = until(lambda: (found := asked(server, "orders", limit=200))["items"][5:] and found)
    # The list stands still, so that nothing but the unfolding can move it.
    page.route("**/api/v1/orders?*", lambda route: route.fulfill(json=orders))
    page.goto("/orders")
    order_id = orders["items"][3]["order_id"]
    row = row_of(page, order_id)
    expect(row).to_be_visible()
    before = row.evaluate("it => it.getBoundingClientRect().top")
    row.get_by_role("button").first.click()
    expect(page.get_by_role("region", name=f"Timeline of {order_id}")).to_be_visible()
    assert row.evaluate("it => it.getBoundingClientRect().top") == before
    row.get_by_role("button").first.click()
    expect(page.get_by_role("region", name="Timeline of ")).to_have_count(0)
