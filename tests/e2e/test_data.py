"""Bars brought into the store by the page, and the gaps that it shows of them."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from axe import violations
from served_process import ServedProcess, asked

# Ten minutes, of which the sixth and the seventh are missing.
ROWS = [f"2024-03-04T00:{minute:02}:00Z,100,101,99,100.5,{minute + 1}" for minute in range(10) if minute not in (5, 6)]
FILE = "\n".join(["time,open,high,low,close,volume", *ROWS]).encode()


def test_a_file_is_imported_and_its_gap_is_shown(page: Page, server: ServedProcess):
    page.goto("/data")
    page.get_by_role("button", name="Import a file").click()
    page.get_by_label("File: CSV, JSON or JSON lines").set_input_files(
        {"name": "XRPUSDT-1m.csv", "mimeType": "text/csv", "buffer": FILE}
    )
    form = page.get_by_role("region", name="Import a file of bars")
    form.get_by_label("Market").fill("XRPUSDT")
    form.get_by_label("Venue").fill("binance_spot")
    form.get_by_label("Interval").fill("1m")
    assert violations(page) == []
    form.get_by_role("button", name="Import").click()
    expect(form.get_by_role("status")).to_contain_text("8 bars of")
    page.get_by_label("Series", exact=True).select_option("XRPUSDT 1m")
    gaps = page.get_by_role("region", name="Gaps", exact=True)
    expect(gaps.get_by_role("row").nth(1)).to_contain_text("2")
    assert asked(server, "data/XRPUSDT/1m")["missing"] == 2


def test_a_file_that_is_no_table_of_bars_is_refused_with_the_reason(page: Page):
    page.goto("/data")
    page.get_by_role("button", name="Import a file").click()
    page.get_by_label("File: CSV, JSON or JSON lines").set_input_files(
        {"name": "words.csv", "mimeType": "text/csv", "buffer": b"a,b\n1,2\n"}
    )
    form = page.get_by_role("region", name="Import a file of bars")
    form.get_by_label("Market").fill("XRPUSDT")
    form.get_by_label("Interval").fill("1m")
    form.get_by_role("button", name="Import").click()
    expect(form.get_by_role("alert")).to_contain_text("words.csv")
