"""The result: what it decodes, prints and serialises, and that it computes nothing before it is asked."""

from __future__ import annotations

import json
import math
import sys
from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np
import polars as pl
import pytest
from rich.console import Console
from tradebot_native import REASONS

from tradebot.core.errors import TradebotError
from tradebot.engine.outcome import RunOutcome
from tradebot.research.backtest import backtest
from tradebot.research.result import BacktestResult

CLOSES = [100.0, 110.0, 120.0, 90.0, 100.0, 100.0, 130.0, 125.0]
HOLDS = [(1, 3, 1.0), (4, 6, -2.0)]
ISSUE_KEYS = [
    "id",
    "symbol",
    "strategy",
    "start_date",
    "end_date",
    "initial_balance",
    "final_balance",
    "total_return",
    "max_drawdown",
    "sharpe_ratio",
    "total_trades",
    "winning_trades",
    "losing_trades",
    "win_rate",
]


def test_making_a_result_computes_nothing(make_run) -> None:
    result = BacktestResult(make_run(CLOSES, HOLDS))
    assert set(vars(result)) == {"outcome", "_rerun", "_by_path"}


def test_trades_are_decoded_with_times_and_returns(make_run) -> None:
    trades = BacktestResult(make_run(CLOSES, HOLDS)).trades
    assert trades["symbol"].to_list() == ["BTCUSDT", "BTCUSDT"]
    assert trades["side"].to_list() == ["long", "short"]
    assert trades["pnl"].to_list() == pytest.approx([20.0, -20.0])
    assert trades["return"].to_list() == pytest.approx([0.2, -1 / 9])
    assert trades["bars_held"].to_list() == [2, 2]
    assert trades.schema["entry_time"] == pl.Datetime("ns", "UTC")
    assert str(trades["entry_time"][0]) == "2025-01-02 00:00:00+00:00"


def test_orders_are_decoded_with_state_and_reason(make_run) -> None:
    run = make_run(CLOSES, HOLDS)
    reason = run.orders["reason"].copy()
    reason[0] = REASONS.index("min_notional")
    orders = BacktestResult(
        replace(run, records=replace(run.records, orders=lambda: {**run.orders, "reason": reason}))
    ).orders
    assert orders["type"].unique().to_list() == ["market"]
    assert orders["side"].to_list() == ["buy", "sell", "sell", "buy"]
    assert orders["state"].unique().to_list() == ["filled"]
    assert orders["reason"].to_list() == ["min_notional", "", "", ""]


def test_fills_are_decoded(make_run) -> None:
    fills = BacktestResult(make_run(CLOSES, HOLDS)).fills
    assert fills["side"].to_list() == ["buy", "sell", "sell", "buy"]
    assert fills["liquidity"].unique().to_list() == ["taker"]
    assert fills["price"].to_list() == [100.0, 120.0, 90.0, 100.0]


def test_equity_and_drawdown_stand_beside_buy_and_hold(make_run) -> None:
    result = BacktestResult(make_run(CLOSES, HOLDS))
    assert result.equity["buy_and_hold"].to_list() == pytest.approx([10.0 * c for c in CLOSES])
    assert result.drawdown["drawdown"].min() == pytest.approx(result.stats.max_drawdown)


def test_exposure_holds_the_position_of_every_symbol(make_run, bars_of) -> None:
    markets = [bars_of([100.0] * 6), bars_of([10.0] * 6, symbol="ETHUSDT")]
    exposure = BacktestResult(make_run(markets, {0: [(1, 3, 1.0)], 1: [(2, 4, -5.0)]})).exposure
    assert exposure["BTCUSDT"].to_list() == [0.0, 1.0, 1.0, 0.0, 0.0, 0.0]
    assert exposure["ETHUSDT"].to_list() == [0.0, 0.0, -5.0, -5.0, 0.0, 0.0]
    assert exposure["gross"].to_list() == [0.0, 100.0, 150.0, 50.0, 0.0, 0.0]
    assert exposure["net"].to_list() == [0.0, 100.0, 50.0, -50.0, 0.0, 0.0]


def test_json_has_the_stable_keys_and_no_nan(make_run) -> None:
    result = BacktestResult(make_run(CLOSES))
    answer = json.loads(result.to_json(), parse_constant=lambda word: pytest.fail(f"JSON holds {word}"))
    assert set(ISSUE_KEYS) <= set(answer)
    assert answer["id"] == str(result.id)
    assert answer["symbol"] == "BTCUSDT"
    assert answer["start_date"] == "2025-01-01T00:00:00+00:00"
    assert answer["win_rate"] is None
    assert answer["statistics"]["trades"]["count"] == 0
    assert math.isnan(result.stats.trades.win_rate)


def test_to_dict_is_what_to_json_writes(make_run) -> None:
    result = BacktestResult(make_run(CLOSES, HOLDS))
    assert json.loads(result.to_json()) == result.to_dict()


def test_either_order_runs_the_other_path_once(make_run) -> None:
    run = make_run(CLOSES, HOLDS, ambiguous_bars=2)
    asked: list[str] = []

    def rerun(path: str) -> RunOutcome:
        asked.append(path)
        return make_run(CLOSES, [(1, 3, 1.0)])

    result = BacktestResult(run, rerun=rerun)
    for _ in range(2):
        both = result.either_order()
        assert both["pessimistic"] is result.stats
        assert both["optimistic"].trades.count == 1
    assert asked == ["optimistic"]


def test_either_order_of_an_adaptive_run_needs_both(make_run) -> None:
    run = make_run(CLOSES, HOLDS, ambiguous_bars=2)
    run = replace(run, assumptions=replace(run.assumptions, path="adaptive"))
    asked: list[str] = []

    def rerun(path: str) -> RunOutcome:
        asked.append(path)
        return run

    BacktestResult(run, rerun=rerun).either_order()
    assert asked == ["pessimistic", "optimistic"]


def test_without_ambiguous_bars_both_orders_are_the_run_itself(make_run) -> None:
    result = BacktestResult(make_run(CLOSES, HOLDS))
    assert all(stats is result.stats for stats in result.either_order().values())


def test_a_result_that_cannot_be_repeated_says_how_to_make_one_that_can(make_run) -> None:
    result = BacktestResult(make_run(CLOSES, HOLDS, ambiguous_bars=1))
    assert not result.can_rerun
    with pytest.raises(TradebotError, match=r"cannot be repeated.*tradebot\.backtest"):
        result.either_order()


def test_printing_warns_of_a_costless_run_before_anything_else(make_run) -> None:
    run = make_run(CLOSES, HOLDS)
    text = str(BacktestResult(replace(run, assumptions=replace(run.assumptions, costless=True))))
    assert text.splitlines()[0].startswith("! This run had no costs")


def test_printing_groups_figures_and_counts_rejections_by_reason(make_run) -> None:
    text = str(BacktestResult(make_run(CLOSES, HOLDS, rejections={"min_notional": 3, "lot": 5})))
    for word in ("Result", "Risk", "Trades", "Costs", "Assumptions", "at the next bar's open"):
        assert word in text
    assert "8 (lot 5, min notional 3)" in text
    assert "no costs" not in text


@pytest.mark.parametrize("width", [40, 80, 200])
def test_printing_keeps_within_the_terminal(make_run, width: int) -> None:
    console = Console(width=width, record=True, file=None, quiet=True)
    lines = console.render_lines(BacktestResult(make_run(CLOSES, HOLDS)))
    assert all(sum(segment.cell_length for segment in line) <= width for line in lines)


@pytest.mark.filterwarnings("error")
def test_a_run_without_trades_prints_and_decodes(make_run) -> None:
    result = BacktestResult(make_run([100.0]))
    assert "Trades" in str(result)
    for frame in (result.trades, result.orders, result.fills):
        assert frame.height == 0
    assert result.exposure.height == result.equity.height == 1


def test_names_in_a_notebook_are_escaped(make_run) -> None:
    html = BacktestResult(make_run(CLOSES, HOLDS, strategy="<script>x</script>"))._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_repr_names_strategy_market_and_run(make_run) -> None:
    run = make_run(CLOSES, HOLDS)
    assert repr(BacktestResult(run)) == f"BacktestResult(Played on BTCUSDT, 2 trades, id={run.id})"


class Deciding:
    """Stands for a policy that remembers how often it was run."""

    def __init__(self) -> None:
        self.runs = 0


@pytest.fixture
def engine_runs(make_run, monkeypatch) -> list[dict[str, Any]]:
    """The engine is replaced: these tests are about what is handed over, not about what it does."""
    seen: list[dict[str, Any]] = []

    class Engine:
        def __init__(self, strategy: Any, bars: object, **settings: object) -> None:
            seen.append({"strategy": strategy, "bars": bars, **settings})

        def run(self, progress: object = None) -> RunOutcome:
            seen[-1]["progress"] = progress
            if isinstance(seen[-1]["strategy"], Deciding):
                seen[-1]["strategy"].runs += 1
            outcome = make_run(CLOSES, HOLDS, ambiguous_bars=1)
            return replace(outcome, assumptions=replace(outcome.assumptions, path=seen[-1]["path"]))

    module = ModuleType("tradebot.engine.backtest")
    module.Backtest = Engine  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tradebot.engine.backtest", module)
    return seen


def test_backtest_hands_every_setting_to_the_engine(engine_runs) -> None:
    watcher = print
    backtest(Deciding(), "bars", cash=5.0, leverage=2.0, touch=False, progress=watcher)
    (run,) = engine_runs
    assert (run["bars"], run["cash"], run["leverage"], run["touch"]) == ("bars", 5.0, 2.0, False)
    assert (run["fill"], run["path"], run["form"]) == ("next_open", "pessimistic", "auto")
    assert run["slippage"] is run["participation"] is run["sizer"] is run["risk"] is run["funding"] is None
    assert run["progress"] is watcher


def test_a_repeated_backtest_begins_as_the_first_one_did(engine_runs) -> None:
    policy = Deciding()
    backtest(policy, "bars", path="optimistic", progress=print).either_order()
    assert [run["path"] for run in engine_runs] == ["optimistic", "pessimistic"]
    assert engine_runs[1]["progress"] is None
    assert engine_runs[0]["strategy"] is policy
    assert engine_runs[1]["strategy"].runs == 1


def test_a_strategy_that_cannot_be_copied_still_gives_a_result(engine_runs, tmp_path) -> None:
    policy = Deciding()
    with (tmp_path / "log").open("w") as policy.log:
        result = backtest(policy, "bars")
    assert result.stats.trades.count == 2
    assert not result.can_rerun


def test_a_name_is_looked_up_in_the_registry(engine_runs, monkeypatch) -> None:
    monkeypatch.setattr("tradebot.strategies.registry.find", lambda name: {"deciding": Deciding}[name])
    backtest("deciding", "bars")
    assert isinstance(engine_runs[0]["strategy"], Deciding)


def test_orders_without_an_end_have_no_final_time(make_run) -> None:
    run = make_run(CLOSES, HOLDS)
    final = np.where(np.arange(4) == 3, 0, run.orders["final_ts"])
    orders = BacktestResult(
        replace(run, records=replace(run.records, orders=lambda: {**run.orders, "final_ts": final}))
    ).orders
    assert orders["final"].null_count() == 1
