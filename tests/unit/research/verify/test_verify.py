"""What a verification catches, and what it lets pass."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tradebot.cli.main import root
from tradebot.core.errors import DataError
from tradebot.feeds.mock import mock_bars
from tradebot.research.verify import Check, Verdict, verify
from tradebot.strategies import Strategy, registry

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


@pytest.mark.parametrize(("strategy", "code"), [("sma_cross", 0), (f"{CHEATS}:tomorrow", 1), ("smma_cross", 2)])
def test_the_command_tells_by_its_exit_code(strategy: str, code: int):
    assert CliRunner().invoke(root, ["verify", strategy, "-d", "mock"], prog_name="tradebot").exit_code == code


def test_the_command_gives_json():
    result = CliRunner().invoke(root, ["verify", "sma_cross", "-d", "mock", "--json"], prog_name="tradebot")
    document = json.loads(result.output)
    assert document["passed"] is True
    assert [each["name"] for each in document["checks"]] == [
        "look-ahead", "start", "forms", "streaming", "costs", "delay",
    ]  # fmt: skip
