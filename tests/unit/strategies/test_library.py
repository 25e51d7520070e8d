"""The library: its page, its parameters, and its short sides."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tradebot.core.errors import ParameterError
from tradebot.engine.backtest import Backtest
from tradebot.feeds.mock import mock_bars
from tradebot.strategies import registry
from tradebot.strategies.page import page

BARS = mock_bars("AUSDT", "5m", 8_000, seed=11)
ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADEBOT_STRATEGIES", str(tmp_path))


def test_the_page_of_the_library_is_current():
    written = (ROOT / "docs" / "strategies.md").read_text(encoding="utf-8")
    assert written == page(), "run: python -m tradebot.strategies.page > docs/strategies.md"


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("macd_cross", {"fast": 26, "slow": 26}),
        ("ma_cross", {"fast": 40}),
        ("rsi_reversion", {"oversold": 60.0}),
        ("donchian_breakout", {"entry": 10, "leave": 10}),
        ("ichimoku", {"base": 60}),
        ("opening_range_breakout", {"range_bars": 400}),
    ],
)
def test_parameters_that_contradict_each_other_are_refused(name: str, params: dict[str, int]):
    with pytest.raises(ParameterError, match=rf"^{name}\."):
        registry.find(name)(**params)


@pytest.mark.parametrize("name", ["macd_cross", "supertrend", "squeeze_breakout", "time_series_momentum"])
def test_the_short_side_trades_alike_in_both_forms(name: str):
    strategy = registry.find(name)(short_too=True)
    python, rules = (Backtest(strategy, BARS, cash=100_000, form=form).run() for form in ("python", "rules"))
    assert (python.trades["side"] < 0).any()
    np.testing.assert_array_equal(python.equity, rules.equity)


def test_trust_in_an_average_cross_grows_with_the_distance_of_the_averages():
    seen: list[tuple[float, float]] = []

    class Watched(registry.find("ma_cross")):
        name = "watched"

        def on_bar(self, bar):
            said = super().on_bar(bar)
            if said is not None and hasattr(said, "confidence"):
                seen.append((abs(self.fast_ma[-1] - self.slow_ma[-1]) / self.atr[-1], said.confidence))
            return said

    Backtest(Watched(), BARS, cash=100_000).run()
    trust = [confidence for _, confidence in sorted(seen)]
    assert len(seen) > 20
    assert trust == sorted(trust)
    assert trust[0] >= 0.5
    assert trust[0] < trust[-1] < 1.0


def test_an_opening_range_is_entered_beyond_the_high_and_low_of_the_first_bars_only():
    strategy = registry.find("opening_range_breakout")(range_bars=12, hold_bars=200)
    trades = Backtest(strategy, BARS, cash=100_000).run().trades
    day = 86_400 * 10**9
    assert len(trades["entry_ts"]) > 10
    for entered, left, side in zip(trades["entry_ts"], trades["exit_ts"], trades["side"], strict=True):
        first = np.searchsorted(BARS.ts, entered // day * day)
        opening, decided = slice(first, first + 12), np.searchsorted(BARS.ts, entered) - 1
        assert decided >= first + 12
        beyond = BARS.close[decided] > BARS.high[opening].max() if side > 0 else None
        assert beyond or BARS.close[decided] < BARS.low[opening].min()
        assert left <= entered // day * day + 201 * BARS.interval.ns
