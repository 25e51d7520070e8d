"""The configuration document of two mixins trades as the same rules written by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import msgspec
import polars as pl
import pytest
from click.testing import CliRunner, Result

import tradebot
from tradebot import FractionOfEquity, Protection, RiskLimits, Rules, Strategy, ta
from tradebot.cli.main import root
from tradebot.core.bar import BarArray
from tradebot.feeds.mock import mock_bars
from tradebot.store.files import read_bars

DOCUMENT = json.loads((Path(__file__).parents[2] / "config.example.json").read_text(encoding="utf-8"))
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
RECORDED = DATA / "binance_usdm" / "BTCUSDT-15m.parquet"


class ByHand(Strategy):
    """The rules of the document, as a person would write them."""

    def rules(self, bars):
        rsi, bands = ta.rsi(bars.close, 14), ta.bbands(bars.close, 20, 2.0, 2.0)
        return Rules(
            enter_long=(rsi < 30) & (bars.close < bands.lower) & (bars.volume > ta.sma(bars.volume, 20)),
            exit_long=(rsi > 70) | (bars.close > bands.middle),
        )


def by_hand(bars: BarArray) -> pl.DataFrame:
    fee = Decimal("0.001")
    instrument = msgspec.structs.replace(bars.instrument, maker_fee=fee, taker_fee=fee)
    result = tradebot.backtest(
        ByHand(),
        replace(bars, instrument=instrument),
        cash=1_000,
        sizer=FractionOfEquity(0.1),
        risk=RiskLimits(
            max_positions=1, max_exposure=1.0, max_drawdown=0.2, max_daily_trades=10, max_daily_loss_amount=50.0
        ),
        protection=Protection(stop_loss_pct=0.05, take_profit_pct=0.10),
    )
    return result.trades


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(root, list(map(str, arguments)), prog_name="tradebot")


def written(folder: Path, strategy: dict[str, object]) -> Path:
    file = folder / "bot.json"
    file.write_text(json.dumps(DOCUMENT | {"strategy": strategy}), encoding="utf-8")
    return file


def data_file(folder: Path) -> Path:
    bars = mock_bars("BTCUSDT", "1h", 8_000, seed=3)
    columns = {name: getattr(bars, name) for name in ("open", "high", "low", "close", "volume")}
    file = folder / "BTCUSDT-1h.parquet"
    pl.DataFrame({"open_time": bars.ts // 1_000_000, **columns}).write_parquet(file)
    return file


@pytest.mark.parametrize("recorded", [False, True], ids=["mock", "recorded"])
def test_the_document_trades_as_the_same_pair_by_hand(recorded: bool, tmp_path: Path):
    file = RECORDED if recorded else data_file(tmp_path)
    config, trades = written(tmp_path, DOCUMENT["strategy"]), tmp_path / "trades.parquet"
    told = ("-d", file, "--interval", "15m" if recorded else "1h")
    result = invoke("backtest", "-c", config, *told, "--trades", trades, "--no-keep")
    assert result.exit_code == 0, result.output
    found, expected = pl.read_parquet(trades), by_hand(read_bars(file, venue="binance_spot"))
    assert len(expected) > 3
    assert found.equals(expected)


@pytest.mark.parametrize(
    ("half", "part", "sentence"),
    [
        ("entry_logic", {"name": "RSIBVolumeEntryMixin"}, 'Did you mean "RSIBBVolumeEntryMixin"'),
        ("exit_logic", {"name": "ATRExitMixing"}, 'Did you mean "ATRExitMixin"'),
        ("entry_logic", {"name": "RSIBBExitMixin"}, '"RSIBBExitMixin" is an exit'),
        (
            "entry_logic",
            {"name": "RSIBBEntryMixin", "params": {"e_rsi_period": 1}},
            "strategy.entry_logic.params.e_rsi_period: 1 is below the minimum 2",
        ),
        (
            "entry_logic",
            {"name": "RSIBBEntryMixin", "params": {"e_rsi_perod": 10}},
            'there is no such parameter. Did you mean "e_rsi_period"',
        ),
        (
            "entry_logic",
            {"name": "RSIIchimokuEntryMixin", "params": {"e_conversion": 30}},
            "e_base: 26 does not exceed e_conversion, which is 30",
        ),
    ],
)
def test_what_is_wrong_with_a_mixin_is_said_before_the_run(
    half: str, part: dict[str, object], sentence: str, tmp_path: Path
):
    strategy = {name: value for name, value in DOCUMENT["strategy"].items() if name != "position_size"}
    result = invoke("backtest", "-c", written(tmp_path, strategy | {half: part}), "-d", data_file(tmp_path))
    assert result.exit_code == 2
    assert sentence in result.stderr


def test_a_mixin_in_a_file_of_the_users_is_named_in_a_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = tmp_path / "strategies"
    folder.mkdir()
    monkeypatch.setenv("TRADEBOT_STRATEGIES", str(folder))
    (folder / "dip.py").write_text(
        "from tradebot import param, ta\n"
        "from tradebot.strategies.mixins import EntryMixin\n\n\n"
        "class DipEntryMixin(EntryMixin):\n"
        '    """The close below its average."""\n\n'
        '    e_period: int = param(10, ge=2, le=200, doc="Bars of the average.")\n\n'
        "    def entry_rules(self, bars):\n"
        '        return {"enter_long": bars.close < ta.sma(bars.close, self.e_period)}\n'
    )
    entry = {"name": "DipEntryMixin", "params": {"e_period": 20}}
    strategy = {"type": "custom", "entry_logic": entry, "exit_logic": {"name": "FixedRatioExitMixin"}}
    result = invoke("backtest", "-c", written(tmp_path, strategy), "-d", data_file(tmp_path), "--json", "--no-keep")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["total_trades"] > 3
