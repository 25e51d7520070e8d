"""The HTML report: complete, self-contained, small, and written in one step."""

from __future__ import annotations

import base64
import json
import re
import zlib
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from tradebot.core.errors import TradebotError
from tradebot.research.report import build
from tradebot.research.report.chart_data import bars_per_candle, chart_data, chosen_trades
from tradebot.research.report.distribution import histogram
from tradebot.research.report.packing import decimals_of, money_step, pack
from tradebot.research.result import BacktestResult
from tradebot.research.statistics.definitions import FIGURES, TRADE_FIGURES

CLOSES = [100.0, 110.0, 120.0, 90.0, 100.0, 100.0, 130.0, 125.0]
HOLDS = [(1, 3, 1.0), (4, 6, -2.0)]
VOID = {"meta", "line", "rect", "br"}


class Page(HTMLParser):
    """Notes anchors, outside references and tags that are opened and not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.anchors: list[str] = []
        self.references: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name == "id" and value:
                self.anchors.append(value)
            if name in ("src", "href") and value:
                self.references.append(value)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        assert self.open.pop() == tag


def unpacked(packed: dict) -> np.ndarray:
    steps = np.frombuffer(zlib.decompress(base64.b64decode(packed["data"])), dtype="<i4") if packed["count"] else []
    return packed["base"] + np.cumsum(steps) * packed["step"]


@pytest.fixture
def page(make_run) -> str:
    return build(BacktestResult(make_run(CLOSES, HOLDS, fee_rate=0.001)))


def test_the_page_has_every_section_once_and_closes_every_tag(page: str) -> None:
    anchors = Page(page).anchors
    assert len(anchors) == len(set(anchors))
    wanted = {"headline", "charts", "price", "equity", "drawdown", "months", "payoff", "trade-table", "costs",
              "orders", "assumptions", "statistics"}  # fmt: skip
    assert wanted <= set(anchors)


def test_the_page_refers_to_nothing_outside_itself(page: str) -> None:
    assert Page(page).references == []
    assert not re.search(r"https?://|@import|url\(", page)


def test_every_figure_stands_in_the_page_with_its_definition(page: str) -> None:
    for figure in (*FIGURES, *TRADE_FIGURES):
        assert figure.label in page
    assert "Sortino and Price 1994" in page


def test_names_from_outside_are_escaped(make_run) -> None:
    text = build(
        BacktestResult(make_run(CLOSES, HOLDS, strategy="</script><b>x", params={"<i>": "<u>"}, tags=("</script>",)))
    )
    assert "</script><b>" not in text
    assert "<i><i>" not in text
    assert text.count("</script>") == 2


def test_a_costless_run_warns_before_its_title(make_run) -> None:
    run = make_run(CLOSES, HOLDS)
    text = build(BacktestResult(replace(run, assumptions=replace(run.assumptions, costless=True))))
    assert text.index("This run had no costs") < text.index("<h1>")


def test_ambiguous_bars_are_counted_and_both_orders_shown(make_run) -> None:
    other = make_run(CLOSES, [(1, 3, 2.0)])
    text = build(BacktestResult(make_run(CLOSES, HOLDS, ambiguous_bars=2), rerun=lambda _: other))
    assert "2 (25.00 %)" in text
    assert "against the trader" in text
    assert "+4.00 %" in text


def test_a_run_that_cannot_be_repeated_still_has_a_report(make_run) -> None:
    assert "was not computed" in build(BacktestResult(make_run(CLOSES, HOLDS, ambiguous_bars=2)))


def test_rejections_are_listed_by_reason(make_run) -> None:
    text = build(BacktestResult(make_run(CLOSES, HOLDS, rejections={"insufficient_margin": 7})))
    assert "insufficient margin" in text


def test_several_markets_have_a_selector_and_a_table(make_run, bars_of) -> None:
    markets = [bars_of([100.0] * 6), bars_of([10.0] * 6, symbol="ETHUSDT")]
    text = build(BacktestResult(make_run(markets, {0: [(1, 3, 1.0)], 1: [(2, 4, -5.0)]})))
    assert {"market", "markets"} <= set(Page(text).anchors)
    assert ">ETHUSDT</option>" in text


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("closes", [[100.0], [100.0] * 30], ids=["one bar", "no trade"])
def test_a_run_without_trades_has_a_report(make_run, closes) -> None:
    Page(build(BacktestResult(make_run(closes))))


@pytest.mark.filterwarnings("error")
def test_a_run_without_bars_has_a_report(make_run) -> None:
    run = make_run([100.0])
    none = np.empty(0)
    Page(build(BacktestResult(replace(run, equity=none, bars=(run.bars[0][:0],)))))


@pytest.mark.filterwarnings("error")
def test_a_ruined_account_has_a_report(make_run) -> None:
    text = build(BacktestResult(make_run([100.0, 50.0, 20.0, 30.0, 20.0, 20.0, 30.0], [(1, 6, 20.0)])))
    assert "The account was ruined" in text


def test_a_packed_column_comes_back_to_its_step() -> None:
    values = np.array([101.25, 99.5, 99.5, 250_000.75])
    assert unpacked(pack(values, 0.25)).tolist() == values.tolist()


def test_a_column_beyond_32_bits_loses_only_its_last_digits() -> None:
    values = np.array([0.01, 5e9, 1e8])
    assert unpacked(pack(values, 0.01)).tolist() == pytest.approx(values.tolist(), abs=10.0)


def test_an_empty_column_is_packed() -> None:
    assert pack(np.empty(0), 1)["count"] == 0


def test_resolution_of_money_and_prices() -> None:
    assert money_step(np.array([1_234.5, -3.0])) == 0.01
    assert money_step(np.array([0.05])) == pytest.approx(1e-5)
    assert money_step(np.empty(0)) == 0.01
    assert [decimals_of(step) for step in (0.01, 0.1, 1.0, 10.0, 0.25, 1e-5)] == [2, 1, 0, 0, 2, 5]


def test_candles_are_merged_by_familiar_multiples() -> None:
    assert bars_per_candle(200_000, 200_000) == 1
    assert bars_per_candle(525_600, 200_000) == 3
    assert bars_per_candle(1_600_000, 200_000) == 10
    assert bars_per_candle(10, 0) == 10
    assert bars_per_candle(10_000_000, 2_000) == 5_760


def test_candles_keep_first_open_last_close_and_extremes(make_run, monkeypatch) -> None:
    monkeypatch.setattr("tradebot.research.report.chart_data.CANDLES", 3)
    data = chart_data(make_run(CLOSES))
    candles = data.page["markets"][0]
    assert data.bars_per_candle == 3
    assert unpacked(candles["open"]).tolist() == [100.0, 120.0, 100.0]
    assert unpacked(candles["close"]).tolist() == [120.0, 100.0, 125.0]
    assert unpacked(candles["high"]).tolist() == [120.0, 120.0, 130.0]
    assert unpacked(candles["low"]).tolist() == [100.0, 90.0, 100.0]


def test_too_many_trades_leave_first_last_best_and_worst() -> None:
    pnl = np.zeros(100)
    pnl[[40, 50]] = 5.0, -5.0
    kept = chosen_trades(pnl, np.arange(100), limit=8)
    assert {0, 1, 98, 99, 40, 50} <= set(kept.tolist())
    assert len(kept) <= 8
    assert kept.tolist() == sorted(kept.tolist())


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("values", [[0.0], [0.01], [-0.5, 30.0], [1e-9, -1e-9]])
def test_any_returns_make_a_histogram_that_counts_them_all(values: list[float]) -> None:
    svg = histogram(np.array(values))
    counted = sum(int(number.replace(",", "")) for number in re.findall(r"<title>([\d,]+) trades", svg))
    assert counted == len(values)


def test_no_bar_of_the_histogram_mixes_gains_and_losses() -> None:
    returns = np.array([-0.011, -0.002, 0.001, 0.004, 0.017])
    svg = histogram(returns)
    assert svg.count('class="loss"') == 2
    assert svg.count('class="gain"') == 3


def test_the_report_is_written_in_one_step_into_a_new_folder(make_run, tmp_path: Path) -> None:
    target = tmp_path / "deep" / "report.html"
    result = BacktestResult(make_run(CLOSES, HOLDS))
    assert result.report(target) == target
    assert result.report(str(target)) == target
    assert target.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert [path.name for path in target.parent.iterdir()] == ["report.html"]


def test_a_report_that_cannot_be_written_names_the_place_and_leaves_no_draft(make_run, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(TradebotError, match="taken"):
        BacktestResult(make_run(CLOSES, HOLDS)).report(tmp_path / "taken")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_the_data_of_the_page_is_json(page: str) -> None:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found
    assert json.loads(found.group(1))["steps"] == 8
