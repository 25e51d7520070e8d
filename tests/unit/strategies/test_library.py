"""The library: its page, its parameters, and its short sides."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from tradebot import ta
from tradebot.core.errors import ParameterError
from tradebot.engine.backtest import Backtest
from tradebot.feeds.mock import mock_bars
from tradebot.indicators import Frame
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


def test_every_section_of_the_page_has_its_picture():
    linked = set(re.findall(r"\]\((images/strategies/[a-z_]+\.svg)\)", page()))
    assert len(linked) == len(registry.catalog().strategies) + 1
    for link in linked:
        picture = ET.parse(ROOT / "docs" / link).getroot()
        assert picture.tag.endswith("svg"), "run: make pictures"
        assert len(picture.findall("{*}polyline")) >= 2
    there = {f"images/strategies/{file.name}" for file in (ROOT / "docs/images/strategies").iterdir()}
    assert there == linked


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("macd_cross", {"fast": 26, "slow": 26}),
        ("ma_cross", {"fast": 40}),
        ("rsi_reversion", {"oversold": 60.0}),
        ("donchian_breakout", {"entry": 10, "leave": 10}),
        ("ichimoku", {"base": 60}),
        ("opening_range_breakout", {"range_bars": 400}),
        ("smc", {"lookback": 30}),
        ("smc", {"patience": 200}),
        ("turtle", {"leave": 20}),
        ("pairs", {"leave": 2.5}),
        ("fixed_weights", {"weights": "A=0.7,B=0.5"}),
        ("fixed_weights", {"weights": "A=0.7,A=0.1"}),
        ("fixed_weights", {"weights": "half in A"}),
    ],
)
def test_parameters_that_contradict_each_other_are_refused(name: str, params: dict[str, object]):
    with pytest.raises(ParameterError, match=rf"^{name}\."):
        registry.find(name)(**params)


@pytest.mark.parametrize("name", ["macd_cross", "supertrend", "squeeze_breakout", "time_series_momentum"])
def test_the_short_side_trades_alike_in_both_forms(name: str):
    strategy = registry.find(name)(short_too=True)
    python, rules = (Backtest(strategy, BARS, cash=100_000, form=form).run() for form in ("python", "rules"))
    assert (python.trades["side"] < 0).any()
    np.testing.assert_array_equal(python.equity, rules.equity)


class Listening:
    """A sizer that trades with trust, and keeps what it heard."""

    def __init__(self) -> None:
        self.heard: list[float] = []

    def size(self, signal, portfolio, instrument, price):
        self.heard.append(signal.confidence)
        return signal.confidence * portfolio.equity / (2 * price)


@pytest.mark.parametrize("average", ["sma", "ema"])
def test_trust_in_an_average_cross_grows_with_the_distance_of_the_averages(average: str):
    fast, slow = (getattr(ta, average)(Frame.batch(BARS).close, bars).batch() for bars in (10, 30))
    distance = np.abs(fast - slow) / ta.atr(Frame.batch(BARS), 14).batch()
    crosses = np.flatnonzero((fast > slow)[30:] & (fast <= slow)[29:-1]) + 30
    sizer = Listening()
    Backtest(registry.find("ma_cross")(kind=average), BARS, cash=100_000, sizer=sizer).run()
    trust = np.array(sizer.heard)
    assert len(trust) > 20
    order = np.argsort(distance[crosses][: len(trust)])
    assert (np.diff(trust[order]) >= 0).all()
    assert 0.5 <= trust.min() < trust.max() < 1.0


def test_both_forms_of_an_average_cross_tell_a_sizer_the_same():
    heard = []
    for form in ("python", "rules"):
        sizer = Listening()
        strategy = registry.find("ma_cross")(short_too=True)
        outcome = Backtest(strategy, BARS, cash=100_000, sizer=sizer, form=form).run()
        heard.append((sizer.heard, outcome.equity.tolist()))
    assert len(heard[0][0]) > 20
    assert heard[0] == heard[1]


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
