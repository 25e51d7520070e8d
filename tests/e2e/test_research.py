"""A backtest, from the form to its report; runs compared; a configuration, edited under the eyes of the checks."""

from __future__ import annotations

import json
import re

from httpx2 import Client
from playwright.sync_api import Locator, Page, expect

from axe import violations
from served_api import API, REQUEST
from served_bot import until
from served_process import ServedProcess, asked


def parameter(page: Page, name: str) -> Locator:
    """The field of one of the strategy's parameters."""
    return page.get_by_role("spinbutton", name=re.compile(f"^{name} "))


def test_a_backtest_is_asked_for_in_the_form_and_read_as_a_report(page: Page, server: ServedProcess):
    page.goto("/backtests")
    page.get_by_label("Strategy").select_option("sma_cross")
    page.get_by_label("To, exclusive (UTC)").fill("2024-03-01")
    parameter(page, "fast").fill("10")
    parameter(page, "slow").fill("30")
    page.get_by_role("button", name="Run backtest").click()
    expect(page).to_have_url(re.compile(r"/backtests/[0-9a-f-]{36}$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("sma_cross on MOCKUSDT")
    expect(page.get_by_role("region", name="Trades of the run").get_by_role("row").nth(1)).to_be_visible()
    run = asked(server, f"backtests/{page.url.rsplit('/', 1)[1]}")
    assert run["state"] == "done"
    assert (run["params"]["fast"], run["params"]["slow"]) == (10, 30)
    figures = page.locator(".stats")
    expect(figures).to_contain_text(f"{run['final_balance']:,.2f}")
    expect(figures).to_contain_text(f"{run['total_trades']}")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Whole report").click()
    expect(opened.value.locator("body")).to_contain_text("sma_cross")


def test_a_parameter_out_of_its_bounds_is_named_at_its_field(page: Page):
    page.goto("/backtests")
    page.get_by_label("Strategy").select_option("sma_cross")
    parameter(page, "fast").fill("50")
    parameter(page, "slow").fill("20")
    page.get_by_role("button", name="Run backtest").click()
    expect(page.get_by_role("alert")).to_contain_text("fast")


def pixels(figure: Locator, colour: str) -> int:
    """How many pixels of a chart have exactly the colour that the stylesheet knows by this name."""
    return figure.evaluate(
        """(figure, name) => {
            const hex = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
            const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
            let found = 0;
            for (const canvas of figure.querySelectorAll("canvas")) {
                const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
                for (let i = 0; i < data.length; i += 4) {
                    found += data[i] === r && data[i + 1] === g && data[i + 2] === b && data[i + 3] === 255;
                }
            }
            return found;
        }""",
        colour,
    )


def test_the_curves_of_compared_runs_lie_over_one_another_and_each_can_be_taken_away(page: Page, server: ServedProcess):
    ids = []
    with Client(base_url=server.url, timeout=30) as client:
        for slow in (40, 60):
            wanted = REQUEST | {"initial_balance": 100.0 * slow, "params": {"fast": 10, "slow": slow}}
            ids.append(client.post(f"{API}/backtests", json=wanted).json()["id"])
    until(lambda: all(asked(server, f"backtests/{each}")["state"] == "done" for each in ids))
    page.goto("/backtests")
    for return_ in (asked(server, f"backtests/{each}")["total_return"] for each in ids):
        shown = f"{abs(return_):.2%}".replace("%", " %")
        page.get_by_role("region", name="Runs").get_by_role("row").filter(has_text=shown).get_by_role(
            "checkbox"
        ).check()
    page.get_by_role("link", name="Compare 2 below").click()
    expect(page.get_by_role("heading", name="Comparison")).to_be_in_viewport()
    page.mouse.move(0, 0)
    legend = page.get_by_role("table", name="Lines of the chart")
    for each, slow in zip(ids, (40, 60), strict=True):
        run = asked(server, f"backtests/{each}")
        growth = f"{run['final_balance'] / run['initial_balance']:.3f}"
        expect(legend.get_by_role("row").filter(has_text=f"slow {slow}")).to_contain_text(growth)
    figure = page.get_by_role("figure", name="Growth of 1")
    until(lambda: min(pixels(figure, "--series-1"), pixels(figure, "--series-2")) > 100)
    assert violations(page) == []
    line = legend.get_by_role("button", name="slow 40")
    line.focus()
    page.keyboard.press("Space")
    expect(line).to_have_attribute("aria-pressed", "false")
    until(lambda: pixels(figure, "--series-1") == 0)
    assert pixels(figure, "--series-2") > 100
    page.keyboard.press("Space")
    until(lambda: pixels(figure, "--series-1") > 100)


def test_an_error_in_an_edited_configuration_is_named_before_anything_is_written(page: Page, server: ServedProcess):
    page.goto("/configuration")
    editor = page.get_by_label("Configuration as JSON")
    document = json.loads(editor.input_value())
    document["risk_management"]["stop_loss_pct"] = 500
    document["trading"]["position_sise"] = document["trading"].pop("position_size")
    editor.fill(json.dumps(document))
    page.get_by_role("button", name="Check").click()
    findings = page.get_by_role("region", name="Findings")
    expect(findings.get_by_role("alert").filter(has_text="risk_management.stop_loss_pct")).to_contain_text("500")
    expect(findings.get_by_role("alert").filter(has_text="trading.position_sise")).to_contain_text("position_size")
    expect(page.get_by_role("button", name="Write to the file")).to_be_disabled()
    editor.fill("{")
    expect(findings.get_by_role("alert")).to_be_visible()
    assert asked(server, "config")["document"]["risk_management"]["stop_loss_pct"] == 2.0


def test_a_mended_configuration_is_written_to_its_file(page: Page, server: ServedProcess):
    page.goto("/configuration")
    editor = page.get_by_label("Configuration as JSON")
    expect(page.get_by_text("What runs is what the file says.")).to_be_visible()
    document = json.loads(editor.input_value())
    document["trading"]["position_size"] = 0.25
    running = asked(server, "config")["configuration"]["trading"]["position_size"]
    editor.fill(json.dumps(document))
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("Nothing is wrong with it.")).to_be_visible()
    page.get_by_role("button", name="Write to the file").click()
    differs = page.get_by_role("region", name="What differs")
    expect(differs.get_by_role("row").nth(1)).to_have_text(f"trading.position_size{running}0.25")
    expect(differs.get_by_role("row")).to_have_count(2)
    expect(page.get_by_text("tradebot paper reset --account paper")).to_be_visible()
    assert violations(page) == []
    assert asked(server, "config")["document"]["trading"]["position_size"] == 0.25
