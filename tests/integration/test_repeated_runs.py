"""`tradebot runs repeat`: the same to the bit, or the difference by its name."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from runs_command import IDEA, document, done, kept, process, run, write_bars
from tradebot.core import venue_facts
from tradebot.feeds.mock import mock_bars

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
recorded_markets = pytest.mark.skipif(not DATA.exists(), reason="the recorded markets lie beside the checkout")
MIXIN = """\
from tradebot import ta
from tradebot.strategies.mixins.halves import {half}Mixin

class My{half}({half}Mixin):
    version = "1.0"

    def {lower}_rules(self, bars):
        rsi = ta.rsi(bars.close, 5)
        return {{"{word}_long": rsi < {level} if {level} < 50 else rsi > {level}}}
"""
BOT = {
    "broker": {"type": "mock"},
    "trading": {"symbol": "BTCUSDT"},
    "data": {"data_source": "store", "interval": "1m"},
}


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADEBOT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TRADEBOT_STRATEGIES", str(tmp_path / "strategies"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    return write_bars(tmp_path / "BTCUSDT-1m.csv", 3_000)


def test_a_repeated_run_is_identical_to_the_bit_from_any_folder(
    csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    payments = tmp_path / "BTCUSDT-funding.csv"
    payments.write_text("funding_time,funding_rate,mark_price\n1704067500000,0.01,100\n1704069000000,0.01,100\n")
    done(
        "backtest", "sma_cross", "-d", csv.name, "--funding", payments.name, "-p", "fast=7", "--leverage", 3,
        "--slippage", "ticks:2", "--path", "adaptive", "--no-touch", "--participation", "50%",
        "--limit", "max_drawdown=90%", "--start", "2024-01-01T10:00", "--end", "2024-01-02",
    )  # fmt: skip
    monkeypatch.chdir("/")
    found = document("runs", "repeat", "latest")
    assert (found["identical"], found["changed"], found["parted"]) == (True, [], [])
    assert "identical to the bit." in done("runs", "repeat", "latest")


@recorded_markets
@pytest.mark.parametrize(
    "request_",
    [
        ("sma_cross", "-d", DATA / "binance_usdm/BTCUSDT-1m.parquet", "-d", DATA / "binance_usdm/ETHUSDT-1m.parquet",
         "-d", DATA / "binance_usdm/SOLUSDT-1m.parquet", "--funding", DATA / "binance_usdm/BTCUSDT-funding.csv",
         "--sizer", "fraction:0.3"),
        ("sma_cross", "-d", DATA / "us_equity/SPY-1d-raw.csv", "--form", "python"),
        ("buy_and_hold", "-d", DATA / "coinbase/BTC-USD-4h.parquet"),
        ("sma_cross", "-d", DATA / "us_equity/SPY-1d-yahoo-dirty.csv", "--violations", "widen"),
    ],
    ids=("three perpetuals with funding", "SPY daily", "a market with gaps", "a file with bad rows"),
)  # fmt: skip
def test_runs_over_recorded_markets_repeat_to_the_bit(request_: tuple[object, ...]):
    document("backtest", *request_)
    assert document("runs", "repeat", "latest")["identical"] is True
    assert document("runs", "repeat", "latest", "--as-recorded")["identical"] is True


def test_bars_that_came_since_do_not_touch_a_repetition(csv: Path):
    kept("sma_cross", "-d", csv)
    write_bars(csv, 4_000)
    found = document("runs", "repeat", "latest")
    assert (found["identical"], found["changed"]) == (True, [])


def test_changed_bars_are_named_with_the_first_trade_they_moved(csv: Path):
    kept("sma_cross", "-d", csv)
    before = pl.read_csv(csv)
    lifted = before.with_columns(
        pl.when(pl.int_range(pl.len()) >= 1_500).then(pl.col(name) + 1.0).otherwise(pl.col(name)).alias(name)
        for name in ("open", "high", "low", "close")
    )
    lifted.write_csv(csv)
    found = document("runs", "repeat", "latest", code=1)
    assert found["identical"] is False
    assert [each["what"] for each in found["changed"]] == ["bars of BTCUSDT"]
    trade, equity = found["parted"][:2]
    # What happened before the change is as it was, so both part at its time and not before.
    moment = "2024-01-02 01:00"
    for each in (trade, equity):
        assert each["what"].split(" at ")[1] >= moment
        assert each["was"] != each["now"]
    assert trade["what"].startswith("trade ")
    assert equity["what"].startswith("equity ")
    told = done("runs", "repeat", "latest", code=1)
    assert "not identical" in told
    assert "bars of BTCUSDT" in told


def test_a_run_of_two_mixins_knows_the_source_of_both(csv: Path, tmp_path: Path):
    folder = tmp_path / "strategies"
    folder.mkdir()
    for half, word in (("Entry", "enter"), ("Exit", "exit")):
        text = MIXIN.format(half=half, lower=half.lower(), word=word, level=20 if half == "Entry" else 80)
        (folder / f"{half.lower()}_half.py").write_text(text)
    strategy = {"type": "custom", "entry_logic": {"name": "MyEntry"}, "exit_logic": {"name": "MyExit"}}
    (tmp_path / "bot.json").write_text(json.dumps(BOT | {"strategy": strategy}))
    assert (done_ := process("backtest", "-c", "bot.json", "-d", csv)).returncode == 0, done_.stderr
    assert document("runs", "show", "latest")["code"]["sources"] == ["entry_half.py", "exit_half.py"]
    again = process("runs", "repeat", "latest", "--as-recorded")
    assert again.returncode == 2
    assert "MyEntry+MyExit is made of two mixins" in again.stderr
    file = folder / "exit_half.py"
    file.write_text(file.read_text().replace("80", "60"))
    changed = process("runs", "repeat", "latest", "--json")
    assert [each["what"] for each in json.loads(changed.stdout)["changed"]] == ["source of the strategy"]


def test_a_changed_strategy_is_named_and_its_old_source_can_be_run(csv: Path, tmp_path: Path):
    (tmp_path / "levels.py").write_text("PERIOD = 30\n")
    (tmp_path / "idea.py").write_text(IDEA)
    assert process("backtest", "idea.py", "-d", csv).returncode == 0
    (tmp_path / "levels.py").write_text("PERIOD = 90\n")
    changed = process("runs", "repeat", "latest", "--json")
    assert changed.returncode == 1
    assert [each["what"] for each in json.loads(changed.stdout)["changed"]] == ["source of the strategy"]
    recorded = process("runs", "repeat", "latest", "--as-recorded", "--json")
    assert recorded.returncode == 0, recorded.stderr
    assert json.loads(recorded.stdout)["changed"] == []
    for name in ("idea.py", "levels.py"):
        (tmp_path / name).unlink()
    assert process("runs", "repeat", "latest", "--as-recorded").returncode == 0
    assert process("runs", "repeat", "latest").returncode == 2


def test_finer_bars_are_part_of_what_a_run_is_made_of(csv: Path, tmp_path: Path):
    hours = tmp_path / "hours" / "BTCUSDT-1h.csv"
    hours.parent.mkdir()
    bars = mock_bars("BTCUSDT", "1m", 3_000, seed=7).resample("1h")
    columns = {name: getattr(bars, name) for name in ("open", "high", "low", "close", "volume")}
    pl.DataFrame({"open_time": bars.ts // 1_000_000, **columns}).write_csv(hours)
    document("backtest", "sma_cross", "-d", hours, "-p", "fast=3", "-p", "slow=5", "--magnify", f"BTCUSDT={csv.name}")
    assert document("runs", "repeat", "latest")["changed"] == []
    # Minutes that came since lie behind the last hour, and do not touch the run.
    write_bars(csv, 4_000)
    assert document("runs", "repeat", "latest")["changed"] == []
    table = pl.read_csv(csv)
    table.with_columns(volume=pl.col("volume") + (pl.int_range(pl.len()) == 77)).write_csv(csv)
    found = document("runs", "repeat", "latest")
    assert found["identical"] is True
    assert [each["what"] for each in found["changed"]] == ["finer bars of BTCUSDT"]


def test_changed_fees_of_the_venue_are_named(csv: Path, monkeypatch: pytest.MonkeyPatch):
    kept("sma_cross", "-d", csv)
    fees = venue_facts.PERPETUAL_FEES
    monkeypatch.setattr(venue_facts, "PERPETUAL_FEES", type(fees)(maker=fees.maker, taker=fees.taker * 2))
    found = document("runs", "repeat", "latest", code=1)
    assert [each["what"] for each in found["changed"]] == ["taker_fee of BTCUSDT"]
    assert found["parted"][0]["what"].startswith("trade 1 at")


def test_other_code_is_named_even_where_the_result_is_the_same(csv: Path, tmp_path: Path):
    kept("sma_cross", "-d", csv)
    file = next((tmp_path / "home").rglob("record.json"))
    record = json.loads(file.read_text())
    record["code"]["versions"]["tradebot"] = "0.0.9"
    record["code"]["engine_digest"] = "0" * 64
    file.write_text(json.dumps(record))
    found = document("runs", "repeat", "latest")
    assert found["identical"] is True
    assert [each["what"] for each in found["changed"]] == ["tradebot", "native core"]


def test_a_strategy_that_rolls_dice_is_found_out(csv: Path, tmp_path: Path):
    (tmp_path / "dice.py").write_text(
        "import random\nfrom tradebot import Strategy\nclass Dice(Strategy):\n    def on_bar(self, bar):\n"
        "        return random.choice([self.long(), self.exit()])\n"
    )
    kept("dice.py", "-d", csv)
    assert "does not give the same result twice" in done("runs", "repeat", "latest", code=1)


def test_one_bit_of_equity_is_enough_to_differ(csv: Path, tmp_path: Path):
    kept("sma_cross", "-d", csv)
    file = next((tmp_path / "home").rglob("equity.parquet"))
    table = pl.read_parquet(file)
    equity = table["equity"].to_numpy().copy()
    equity[1_234] = np.nextafter(equity[1_234], np.inf)
    table.with_columns(pl.Series("equity", equity)).write_parquet(file)
    (parted,) = document("runs", "repeat", "latest", code=1)["parted"]
    assert parted["what"].startswith("equity 1,235 at ")


def test_absent_data_is_one_sentence(csv: Path):
    kept("sma_cross", "-d", csv)
    csv.unlink()
    result = run("runs", "repeat", "latest")
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"{csv}: the file does not exist" in result.stderr


def test_a_run_that_was_made_by_an_unknown_option_names_it(csv: Path, tmp_path: Path):
    kept("sma_cross", "-d", csv)
    file = next((tmp_path / "home").rglob("record.json"))
    file.write_text(file.read_text().replace('"slippage": "none"', '"spillage": "none"'))
    assert "it was made with spillage, which this version has not" in run("runs", "repeat", "latest").stderr


def test_an_option_the_record_does_not_know_takes_its_default(csv: Path, tmp_path: Path):
    kept("sma_cross", "-d", csv)
    file = next((tmp_path / "home").rglob("record.json"))
    record = json.loads(file.read_text())
    for option in ("slippage", "limits", "touch"):
        del record["request"]["options"][option]
    file.write_text(json.dumps(record))
    assert document("runs", "repeat", "latest")["identical"] is True


def test_a_run_kept_from_python_is_shown_and_compared_but_not_repeated(csv: Path):
    import tradebot
    from tradebot.research.runs import Inputs, RunStore, runs_folder
    from tradebot.strategies.library.sma_cross import SmaCross

    result = tradebot.backtest(SmaCross(fast=5), mock_bars("MOCKUSDT", "1m", 1_000, 1))
    record = RunStore(runs_folder()).keep(result, request={"note": "first try"}, inputs=Inputs(SmaCross))
    kept("sma_cross", "-d", csv)
    assert document("runs", "show", record.short_id)["request"] == {"note": "first try"}
    assert "first try" in done("runs", "show", record.short_id)
    assert len(document("runs", "compare", record.short_id, "latest")["runs"]) == 2
    for command in ("repeat", "report"):
        result = run("runs", command, record.short_id)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "it was not made by `tradebot backtest`" in result.stderr
