"""Entries and exits put together by name."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import tradebot
from tradebot import Rules, Strategy, ta
from tradebot.cli.main import root
from tradebot.core.errors import ParameterError, StrategyError
from tradebot.feeds.mock import mock_bars
from tradebot.strategies import mixins
from tradebot.strategies.registry import find

BARS = mock_bars("BTCUSDT", "1h", 6_000, seed=3)
ENTRIES, EXITS = mixins.names("entry"), mixins.names("exit")


def test_all_of_them_are_there():
    assert ENTRIES == [
        "RSIBBEntryMixin",
        "RSIBBVolumeEntryMixin",
        "RSIIchimokuEntryMixin",
        "RSIVolumeSupertrendEntryMixin",
    ]
    assert EXITS == [
        "ATRExitMixin", "FixedRatioExitMixin", "RSIBBExitMixin", "TimeBasedExitMixin", "TrailingStopExitMixin",
    ]  # fmt: skip


@pytest.mark.parametrize("leave", EXITS)
@pytest.mark.parametrize("entry", ENTRIES)
def test_any_entry_goes_with_any_exit(entry: str, leave: str, tmp_path: Path):
    document = {
        "broker": {"type": "mock", "initial_balance": 10_000},
        "trading": {"symbol": "BTCUSDT", "position_size": 0.5},
        "data": {"data_source": "mock", "interval": "1h", "lookback_bars": 3_000},
        "strategy": {"type": "custom", "entry_logic": {"name": entry}, "exit_logic": {"name": leave}},
    }
    file = tmp_path / "bot.json"
    file.write_text(json.dumps(document))
    result = CliRunner().invoke(root, ["backtest", "-c", str(file), "--json", "--no-keep"], prog_name="tradebot")
    assert result.exit_code == 0, result.output
    assert json.loads(result.output)["total_trades"] > 0


def test_a_pair_trades_as_the_same_written_by_hand():
    class ByHand(Strategy):
        def rules(self, bars):
            bands = ta.bbands(bars.close, 20, 2.0, 2.0)
            busy = bars.volume > ta.sma(bars.volume, 20)
            rsi = ta.rsi(bars.close, 14)
            return Rules(
                enter_long=(rsi < 30.0) & (bars.close < bands.lower) & busy,
                exit_long=(rsi > 70.0) | (bars.close > bands.middle),
            )

    pair = mixins.compose("RSIBBVolumeEntryMixin", "RSIBBExitMixin", {"e_rsi_oversold": 30}, {"x_rsi_overbought": 70})
    ours, theirs = (tradebot.backtest(strategy, BARS).outcome for strategy in (pair, ByHand()))
    assert len(ours.trades["pnl"]) > 5
    np.testing.assert_array_equal(ours.equity, theirs.equity)


def test_a_time_exit_holds_for_its_bars():
    strategy = mixins.compose("RSIBBEntryMixin", "TimeBasedExitMixin", {}, {"x_bars": 7})
    trades = tradebot.backtest(strategy, BARS).outcome.trades
    assert set(trades["exit_index"] - trades["entry_index"]) == {7}


def test_parameters_keep_their_bounds():
    with pytest.raises(ParameterError, match="e_rsi_period"):
        mixins.compose("RSIBBEntryMixin", "RSIBBExitMixin", {"e_rsi_period": 1}, {})
    with pytest.raises(ParameterError, match="e_base: 5 does not exceed e_conversion, which is 9"):
        mixins.compose("RSIIchimokuEntryMixin", "RSIBBExitMixin", {"e_base": 5}, {})


def test_an_unknown_mixin_is_answered_with_the_nearest():
    with pytest.raises(StrategyError, match='Did you mean "RSIBBEntryMixin"'):
        find("RSIBEntryMixin+RSIBBExitMixin")


def test_a_person_adds_a_mixin_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRADEBOT_STRATEGIES", str(tmp_path))
    (tmp_path / "mine.py").write_text(
        "from tradebot import ta\n"
        "from tradebot.strategies.mixins import EntryMixin\n"
        "class DipEntryMixin(EntryMixin):\n"
        "    def entry_rules(self, bars):\n"
        "        return {'enter_long': bars.close < ta.sma(bars.close, 10)}\n"
    )
    (tmp_path / "broken.py").write_text("import nothing_there\n")
    assert "DipEntryMixin" in mixins.names("entry")
    result = tradebot.backtest(find("DipEntryMixin+RSIBBExitMixin")(), BARS)
    assert result.stats.trades.count > 5
