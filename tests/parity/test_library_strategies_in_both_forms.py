"""A strategy that carries Python and rules trades identically in both."""

from pathlib import Path

import numpy as np
import pytest

from tradebot.engine.backtest import Backtest
from tradebot.engine.outcome import RunOutcome
from tradebot.feeds.mock import mock_bars
from tradebot.sizing import FixedQuantity, FractionOfEquity
from tradebot.strategies import Strategy, registry

MARKETS = [mock_bars(symbol, "5m", 8_000, seed=11) for symbol in ("AUSDT", "BUSDT")]


def both_forms() -> list[type[Strategy]]:
    listed = [listing.name for listing in registry.catalog().strategies if listing.origin == "library"]
    return [kind for kind in map(registry.find, listed) if kind.forms() == ("python", "rules")]


def run(strategy: Strategy, form: str, bars, **options) -> RunOutcome:
    return Backtest(strategy, bars, cash=100_000, form=form, **options).run()


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the library is compared."""
    monkeypatch.setenv("TRADEBOT_STRATEGIES", str(tmp_path))


@pytest.mark.parametrize("kind", both_forms(), ids=lambda kind: kind.name)
@pytest.mark.parametrize("bars", [MARKETS[:1], MARKETS], ids=["one market", "two markets"])
@pytest.mark.parametrize("sizer", [FixedQuantity(3), FractionOfEquity(0.4)], ids=["fixed", "fraction"])
def test_fills_orders_and_equity_are_the_same_to_the_bit(kind: type[Strategy], bars, sizer):
    python, rules = (run(kind(), form, bars, sizer=sizer) for form in ("python", "rules"))
    assert len(python.fills["ts"]) > 0
    for name in python.fills:
        np.testing.assert_array_equal(python.fills[name], rules.fills[name], err_msg=name)
    for name in python.orders:
        np.testing.assert_array_equal(python.orders[name], rules.orders[name], err_msg=name)
    np.testing.assert_array_equal(python.equity, rules.equity)
    assert python.rejections == rules.rejections
