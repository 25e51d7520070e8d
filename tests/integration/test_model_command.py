"""A model from training to a repeated run, on the command line."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from tradebot.cli.main import root
from tradebot.feeds.mock import mock_bars

TRAIN = (
    "tradebot model train btc.model -d BTCUSDT-1h.parquet -f log_return:1 -f parkinson:24 --target barrier --horizon 6"
)
RUN = "tradebot backtest btc.model -d BTCUSDT-1h.parquet -p enter=0.02 --json"


@pytest.fixture(autouse=True)
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRADEBOT_HOME", str(tmp_path / "home"))
    bars = mock_bars("BTCUSDT", "1h", 3_000, seed=7)
    columns = {name: getattr(bars, name) for name in ("open", "high", "low", "close", "volume")}
    pl.DataFrame({"open_time": bars.ts // 1_000_000, **columns}).write_parquet("BTCUSDT-1h.parquet")
    return tmp_path


def said(line: str, code: int = 0) -> str:
    result = CliRunner().invoke(root, shlex.split(line)[1:], prog_name="tradebot")
    assert result.exit_code == code, result.stderr
    return result.stdout if code == 0 else result.stderr


@pytest.mark.parametrize("kind", ["ridge", "lightgbm"])
def test_a_trained_model_is_traded_kept_and_repeated_to_the_bit(kind: str, workplace: Path):
    said(f"{TRAIN} --model {kind}")
    first = json.loads(said(RUN))
    assert first["total_trades"] > 10
    assert any("has learnt from" in note for note in first["assumptions"]["notes"])
    assert "identical to the bit" in said("tradebot runs repeat latest")
    (kept,) = (workplace / "home" / "runs").glob("*/source/btc.model")
    assert kept.read_bytes() == Path("btc.model").read_bytes()
    # The run goes on by the model that was kept, whatever has become of the file.
    Path("btc.model").unlink()
    assert "identical to the bit" in said("tradebot runs repeat latest --as-recorded")
    assert "btc.model: it cannot be read" in said("tradebot runs repeat latest", code=2)


def test_a_model_that_was_trained_again_is_told_of():
    said(f"{TRAIN} --model ridge")
    said(RUN)
    said(f"{TRAIN} --model ridge --first 0.5")
    result = CliRunner().invoke(root, ["runs", "repeat", "latest", "--json"], prog_name="tradebot")
    assert result.exit_code == 1
    changed = json.loads(result.stdout)["changed"]
    assert "source of the strategy" in [each["what"] for each in changed]


def test_training_and_showing_say_the_same():
    trained = json.loads(said(f"{TRAIN} --json"))
    assert json.loads(said("tradebot model show btc.model --json")) == trained
    assert trained["features"] == ["log_return:1", "parkinson:24"]
    assert [fold["rows"] for fold in trained["folds"]] == sorted(fold["rows"] for fold in trained["folds"])
    shown = said("tradebot model show btc.model")
    assert all(text in shown for text in ("LGBMRegressor", "log_return:1, parkinson:24", "barrier, 6 bars ahead"))


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("tradebot model show away.model", "Error: away.model: it cannot be read: No such file or directory."),
        ("tradebot backtest BTCUSDT.model -d mock", "Error: BTCUSDT.model: it cannot be read"),
        (f"{TRAIN} -f parkinsn:3", 'Error: features: no feature is called "parkinsn". Did you mean "parkinson"?'),
        (TRAIN.replace("btc.model", "btc.txt"), "Error: btc.txt: the name does not end in .model. Call it btc.model."),
        (f"{TRAIN} --end 2024-01-20", "Error: bars of BTCUSDT 1h: "),
    ],
)
def test_what_cannot_be_is_one_sentence(line: str, sentence: str):
    told = said(line, code=2)
    assert told.startswith(sentence)
    assert told.count("\n") == 1
    assert not Path("btc.model").exists()


def test_the_model_of_a_run_in_its_own_training_range_is_refused():
    said(f"{TRAIN} --first 0.9")
    told = said(f"{RUN} --end 2024-03-01", code=2)
    assert told.startswith("Error: model btc: the bars end at 2024-03-01T00:00:00Z, and it has learnt from bars up to ")
