"""What a verification catches, and what it lets pass."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from tradebot import OrderIntent, ta
from tradebot.cli.main import root
from tradebot.core.errors import DataError
from tradebot.feeds.mock import mock_bars
from tradebot.research.verify import Check, Verdict, verify
from tradebot.strategies import AllocationPolicy, PortfolioPolicy, Strategy, registry

sys.path.append(str(Path(__file__).parent))
import cheats

BARS = mock_bars("AUSDT", "5m", 8_000, seed=11)
PAIR = [BARS, mock_bars("BUSDT", "5m", 8_000, seed=11)]
LIBRARY = [listing.name for listing in registry.catalog().strategies if listing.origin == "library"]
# What its defaults would do too seldom on a month.
OFTEN = {"cross_sectional_momentum": {"calendar": "daily", "formation": 3}, "pairs": {"level": 0.1}}
CHEATS = Path(cheats.__file__)


def check(verdict: Verdict, name: str) -> Check:
    return next(each for each in verdict.checks if each.name == name)


@pytest.mark.parametrize("name", LIBRARY)
def test_every_strategy_of_the_library_is_honest(name: str):
    kind = registry.find(name)
    verdict = verify(kind(**OFTEN.get(name, {})), PAIR if "policy" in kind.forms() else BARS)
    assert [each.fact for each in verdict.checks if each.passed is False] == []
    assert check(verdict, "look-ahead").passed


@pytest.mark.parametrize("cheat", [cheats.Tomorrow, cheats.Centred, cheats.Normalised])
def test_a_strategy_that_sees_the_future_is_caught(cheat: type[Strategy]):
    verdict = verify(cheat(), BARS)
    assert not verdict.passed
    assert check(verdict, "look-ahead").passed is False


@pytest.mark.parametrize("cheat", [cheats.StopBeyondTomorrow, cheats.FittedStop])
def test_a_strategy_whose_stop_alone_sees_the_future_is_caught(cheat: type[Strategy]):
    found = check(verify(cheat(), BARS), "look-ahead")
    assert found.passed is False
    assert "it looks ahead" in found.fact


def test_a_strategy_whose_stop_sees_the_past_alone_is_let_pass():
    class Behind(cheats.StopBeyondTomorrow):
        def setup(self, bars):
            super().setup(bars)
            low = bars.low.batch()
            self.floor = np.minimum.accumulate(low)

    assert check(verify(Behind(), BARS), "look-ahead").passed


@pytest.mark.parametrize("cheat", [cheats.WinnerOfTomorrow, cheats.PairOfTomorrow])
def test_a_policy_that_sees_the_future_of_any_market_is_caught(cheat: type[PortfolioPolicy]):
    verdict = verify(cheat(), PAIR)
    assert check(verdict, "look-ahead").passed is False
    assert check(verdict, "streaming").passed is False


def test_a_policy_that_reads_indicators_of_the_past_is_let_pass():
    class Stronger(AllocationPolicy):
        def setup(self, markets):
            self.rsi = {symbol: ta.rsi(bars.close, 14) for symbol, bars in markets.items()}

        def shares(self, portfolio, snapshot, context):
            best = max(self.rsi, key=lambda symbol: self.rsi[symbol][-1])
            return dict.fromkeys(self.rsi, 0.0) | {best: 0.9}

    verdict = verify(Stronger(), PAIR)
    assert [each.fact for each in verdict.checks if each.passed is False] == []
    assert check(verdict, "start").passed
    assert "2 indicators" in check(verdict, "streaming").fact


def test_a_policy_is_measured_with_costs_and_delay():
    verdict = verify(registry.find("fixed_weights")(band=0.01), PAIR)
    assert verdict.symbol == "AUSDT, BUSDT"
    returns = [row["return"] for row in check(verdict, "costs").rows]
    assert returns == sorted(returns, reverse=True)
    assert len(check(verdict, "delay").rows) == 3


def test_one_bar_of_the_future_is_enough_to_be_caught():
    class OneBar(cheats.Counting):
        def scores(self, close):
            return close.take(range(1, len(close) + 1), mode="clip") - close

    assert check(verify(OneBar(), BARS), "look-ahead").passed is False


def test_the_past_alone_is_no_look_ahead_however_it_is_worked_out():
    class Past(cheats.Counting):
        def scores(self, close):
            return close - close.take(range(-1, len(close) - 1), mode="clip")

    assert check(verify(Past(), BARS), "look-ahead").passed


def test_a_strategy_that_needs_past_bars_in_setup_cannot_run_live():
    assert check(verify(cheats.Normalised(), BARS), "streaming").passed is False


def test_rules_and_python_that_disagree_are_caught():
    found = check(verify(cheats.TwoFaced(), BARS), "forms")
    assert found.passed is False
    assert "differ" in found.fact


def test_an_indicator_that_depends_on_the_first_bar_is_caught_by_name():
    found = check(verify(cheats.FromTheFirstBar(), BARS), "start")
    assert found.passed is False
    assert found.fact.startswith("obv depends on where the data begins")


def test_orders_that_depend_on_the_first_bar_are_told_where_there_are_no_indicators():
    class EveryHundredth(PortfolioPolicy):
        def setup(self, markets):
            self.seen = 0

        def decide(self, portfolio, snapshot, context):
            self.seen += 1
            return [] if self.seen % 100 else [OrderIntent("AUSDT", "buy", 0.01)]

    counted = check(verify(EveryHundredth(), [BARS[:4_990]]), "start")
    assert counted.passed is None
    assert "of its orders in the last quarter 0% are the same from other starts" in counted.fact
    pairs = check(verify(registry.find("pairs")(window=200, level=0.1), PAIR), "start")
    assert "100% are the same" in pairs.fact


def test_indicators_kept_in_a_list_are_looked_at_too():
    class Listed(Strategy):
        def setup(self, bars):
            self.sums = [ta.sma(bars.close, 5), ta.obv(bars)]

        def on_bar(self, bar):
            return self.long() if self.sums[1][-1] > 0 else self.exit()

    verdict = verify(Listed(), BARS)
    assert check(verdict, "start").fact.startswith("sums.1 depends on where the data begins")
    assert "2 indicators" in check(verdict, "streaming").fact


def test_more_costs_never_leave_more():
    rows = check(verify(registry.find("sma_cross")(), BARS), "costs").rows
    returns = [row["return"] for row in rows]
    assert returns == sorted(returns, reverse=True)
    assert len(set(returns)) == 4


@pytest.mark.parametrize("name", ["sma_cross", "ma_cross"])
def test_a_delay_of_one_bar_moves_every_order_by_one_bar(name: str):
    from tradebot.engine.backtest import Backtest
    from tradebot.research.verify.frictions import delayed

    kind = registry.find(name)
    at_once, late = (Backtest(delayed(kind(), bars), BARS).run().orders for bars in (0, 1))
    shifted = at_once["created_ts"] + BARS.interval.ns
    assert late["created_ts"].tolist() == [ts for ts in shifted.tolist() if ts <= BARS.close_ts[-1]]


def test_too_few_bars_are_refused():
    with pytest.raises(DataError, match="100 bars are too few"):
        verify(registry.find("sma_cross")(), BARS[:100])


@pytest.mark.parametrize(
    ("strategy", "code"),
    [
        ("sma_cross", 0),
        (f"{CHEATS}:tomorrow", 1),
        (f"{CHEATS}:stop_beyond_tomorrow", 1),
        ("smma_cross", 2),
        ("pairs", 2),
    ],
)
def test_the_command_tells_by_its_exit_code(strategy: str, code: int):
    assert CliRunner().invoke(root, ["verify", strategy, "-d", "mock"], prog_name="tradebot").exit_code == code


@pytest.mark.parametrize(("policy", "code"), [("grid", 0), (f"{CHEATS}:winner_of_tomorrow", 1), ("gird", 2)])
def test_the_command_verifies_policies_over_several_markets(policy: str, code: int):
    arguments = ["verify", policy, "-d", "mock", "--symbol", "AUSDT", "--symbol", "BUSDT", "--json"]
    result = CliRunner().invoke(root, arguments, prog_name="tradebot")
    assert result.exit_code == code, result.output
    if code < 2:
        document = json.loads(result.stdout)
        assert document["passed"] is (code == 0)
        assert document["symbol"] == "AUSDT, BUSDT"


def test_the_command_gives_json():
    result = CliRunner().invoke(root, ["verify", "sma_cross", "-d", "mock", "--json"], prog_name="tradebot")
    document = json.loads(result.output)
    assert document["passed"] is True
    assert [each["name"] for each in document["checks"]] == [
        "look-ahead", "start", "forms", "streaming", "costs", "delay",
    ]  # fmt: skip
