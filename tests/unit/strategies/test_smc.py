"""The strategy of smart money concepts acts on structures that were known, and says which."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from tradebot_native import Bar, Signal

import tradebot
from tradebot.core.errors import StrategyError
from tradebot.core.interval import Interval
from tradebot.feeds.mock import mock_bars
from tradebot.indicators import Columns, smc
from tradebot.strategies import registry
from tradebot.strategies.library.smc import Smc

BARS = mock_bars("AUSDT", "5m", 9_000, seed=11)
Heard = tuple[int, float, Signal]


@pytest.fixture(scope="module")
def heard() -> list[Heard]:
    """Open time and close of each bar with a signal, and the signal."""
    signals: list[Heard] = []

    class Listening(Smc):
        name = "listening"

        def on_bar(self, bar: Bar) -> Any:
            decision = super().on_bar(bar)
            if isinstance(decision, Signal):
                signals.append((bar.ts, bar.close, decision))
            return decision

    tradebot.backtest(Listening(), BARS, cash=10_000)
    assert len(signals) > 20
    return signals


def test_the_registry_names_its_roles_and_bounds():
    kind = registry.find("smc")
    assert kind is Smc
    assert dict(kind.roles) == {"HTF": "1h", "LTF": "5m"}
    assert all(param.bounds for param in kind.parameters.values() if not isinstance(param.default, bool))


def test_a_target_pays_at_least_the_risk_asked_for(heard: list[Heard]):
    for _, close, signal in heard:
        assert signal.stop_loss is not None
        assert signal.take_profit is not None
        assert abs(signal.take_profit - close) >= 1.5 * abs(close - signal.stop_loss) - 1e-9
        assert (signal.take_profit > close > signal.stop_loss) == (signal.side == "long")


def test_confidence_is_the_share_of_the_reasons_that_came_together(heard: list[Heard]):
    for _, _, signal in heard:
        assert signal.metadata is not None
        reasons = signal.metadata["structures"]
        assert signal.confidence == len(reasons) / 6
        assert 3 <= len(reasons) <= 6
        assert reasons[0]["timeframe"] == "LTF"
        assert reasons[0]["kind"] in ("sweep", "order block", "gap")
        assert signal.tag == reasons[0]["kind"]


def test_both_sides_and_every_trigger_occur(heard: list[Heard]):
    assert {signal.side for _, _, signal in heard} == {"long", "short"}
    assert {signal.tag for _, _, signal in heard} == {"sweep", "order block", "gap"}


@pytest.mark.parametrize(("timeframe", "swing"), [("LTF", 10), ("HTF", 5)])
def test_zones_named_were_known_before_the_bar_and_not_yet_mitigated(heard: list[Heard], timeframe: str, swing: int):
    columns = Columns.of(BARS)
    if timeframe == "HTF":
        columns = columns.resample(Interval.parse("1h"))
    tables = smc.structures(columns, smc.Settings(swing_length=swing), by="bar")
    checked = 0
    for ts, _, signal in heard:
        # The last bar of the timeframe that had closed when the zone was read: the one before the bar on its own.
        read_at = int(np.searchsorted(columns.close_ts, BARS.interval.close_of(ts), side="right")) - 1
        read_at -= timeframe == "LTF"
        for used in signal.metadata["structures"]:
            if used["timeframe"] != timeframe or used["kind"] not in ("order block", "gap"):
                continue
            table = tables.gaps if used["kind"] == "gap" else tables.order_blocks
            side = "bullish" if signal.side == "long" else "bearish"
            start = int(np.searchsorted(columns.ts, used["time"]))
            facts = table.filter(
                (pl.col("start") == start) & (pl.col("side") == side) & (pl.col("known_at") <= read_at)
            )
            assert (facts["top"][-1], facts["bottom"][-1]) == (used["top"], used["bottom"])
            assert facts["mitigated_at"][-1] is None or facts["mitigated_at"][-1] > read_at
            checked += 1
    assert checked > 5


def test_a_higher_timeframe_that_is_not_above_the_bars_is_refused_before_the_run():
    with pytest.raises(StrategyError, match=r"smc\.roles\.HTF: 5m is not above the 5m bars"):
        tradebot.backtest(Smc(), BARS, tf_roles={"5m": "HTF"})
