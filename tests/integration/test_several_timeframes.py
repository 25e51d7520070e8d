"""Several timeframes from the command line and a configuration: roles, resampled bars, coverage before the run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tradebot.cli.main import root
from tradebot.core.bar import BarArray
from tradebot.feeds.mock import mock_bars
from tradebot.store.library import Library

STRATEGY = '''\
from tradebot import Strategy, ta


class TwoFrames(Strategy):
    """Long while the price is above an average of the higher timeframe."""

    roles = {"HTF": "4h", "LTF": "15m"}

    def setup(self, bars):
        self.trend = ta.sma(self.bars("HTF").close, 3)

    def on_bar(self, bar):
        return self.long() if bar.close > self.trend[-1] else self.exit()
'''
DAY_ONE, DAY_TEN = "2024-01-01T00:00:00Z", "2024-01-10T00:00:00Z"
MINUTES = 9 * 24 * 60


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Minutes from the first to the tenth of January, in a file and in a store of its own, and a strategy."""
    monkeypatch.setenv("TRADEBOT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    bars = minutes()
    Library().bars.upsert(bars)
    write(bars, tmp_path / "MOCKUSDT-1m.csv")
    (tmp_path / "two.py").write_text(STRATEGY)
    return tmp_path


def minutes() -> BarArray:
    return mock_bars("MOCKUSDT", "1m", MINUTES, seed=5, start="2024-01-01")


def write(bars: BarArray, file: Path) -> None:
    import polars as pl

    pl.DataFrame(bars.columns()).write_csv(file)


def asked(*arguments: object) -> Result:
    return CliRunner().invoke(root, list(map(str, arguments)), prog_name="tradebot")


def document(*arguments: object) -> dict[str, Any]:
    result = asked(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def refused(*arguments: object) -> str:
    result = asked("backtest", *arguments, "--no-keep")
    assert result.exit_code == 2, result.output
    assert len(result.output.splitlines()) == 1
    return result.output


def configuration(folder: Path, **data: Any) -> Path:
    file = folder / "bot.json"
    file.write_text(
        json.dumps(
            {
                "broker": {"type": "mock"},
                "trading": {"symbol": "MOCKUSDT"},
                "data": {"data_source": "store", "interval": "15m"} | data,
                "strategy": {"type": "two.py"},
            }
        )
    )
    return file


def outcome(found: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(found[name] for name in ("final_balance", "total_trades", "sharpe_ratio"))


@pytest.mark.parametrize("data", ["store:MOCKUSDT", "MOCKUSDT-1m.csv"])
def test_longer_base_bars_are_made_of_what_is_there_and_the_report_says_so(folder: Path, data: str):
    write(minutes().resample("15m"), folder / "MOCKUSDT-15m.csv")
    made = document("backtest", "two.py", "-d", data, "--interval", "15m")
    supplied = document("backtest", "two.py", "-d", "MOCKUSDT-15m.csv")
    assert outcome(made) == outcome(supplied)
    notes = made["assumptions"]["notes"]
    assert any("15m bars made of" in note for note in notes)
    assert "Timeframes: HTF 4h, LTF 15m" in notes


def test_the_lower_role_chooses_the_bars_that_are_traded():
    by_role = document("backtest", "two.py", "-d", "store:MOCKUSDT", "--tf-role", "LTF=15m", "--tf-role", "HTF=1h")
    by_interval = document("backtest", "two.py", "-d", "store:MOCKUSDT", "--interval", "15m", "--tf-role", "HTF=1h")
    assert outcome(by_role) == outcome(by_interval)
    assert "Timeframes: HTF 1h, LTF 15m" in by_role["assumptions"]["notes"]


def test_a_configuration_says_the_same_as_the_options(folder: Path):
    file = configuration(folder, timeframes=["1h", "15m"], tf_roles={"1h": "HTF", "15m": "LTF"})
    configured = document("backtest", "--config", file)
    assert outcome(configured) == outcome(
        document("backtest", "two.py", "-d", "store:MOCKUSDT", "--interval", "15m", "--tf-role", "HTF=1h")
    )


def test_an_option_goes_before_the_interval_of_a_configuration(folder: Path):
    file = configuration(folder, timeframes=["1h", "15m"], tf_roles={"1h": "HTF", "15m": "LTF"})
    found = document("backtest", "--config", file, "--interval", "5m")
    assert "Timeframes: HTF 1h, LTF 5m" in found["assumptions"]["notes"]


def test_a_run_with_roles_is_repeated_with_them():
    document("backtest", "two.py", "-d", "store:MOCKUSDT", "--tf-role", "LTF=15m", "--tf-role", "HTF=1h")
    again = document("runs", "repeat", "latest")
    assert again["identical"] is True
    assert "Timeframes: HTF 1h, LTF 15m" in again["result"]["assumptions"]["notes"]


def test_verify_takes_roles():
    found = asked("verify", "two.py", "-d", "MOCKUSDT-1m.csv", "--tf-role", "HTF=30m", "--json")
    assert found.exit_code == 0, found.output
    assert json.loads(found.stdout)["passed"] is True


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--interval", "4h"], "two_frames.roles.HTF: 4h is not above the 4h bars the run trades on."),
        (["--tf-role", "HTF=1m"], "two_frames.roles.HTF: 1m is not above the 1m bars the run trades on."),
        (["--interval", "15m", "--tf-role", "HTF=20m"], "15m bars do not fill 20m bars."),
        (["--interval", "15m", "--tf-role", "LTF=5m"], "--tf-role LTF: 5m contradicts --interval 15m."),
        (["--tf-role", "HTF"], '--tf-role: "HTF" is not a name and a value.'),
        (["--tf-role", "HTF=soon"], '"soon" is not an interval.'),
        (["--tf-role", "HTF=1h", "--tf-role", "HTF=2h"], "--tf-role: HTF comes twice."),
        (["--tf-role", "MTF=1h"], 'two_frames.roles: there is no role "MTF".'),
        (["--tf-role", "HTF=1w"], "its indicators need 3 closed 1w bars of MOCKUSDT and there are 1. Give more bars"),
    ],
)  # fmt: skip
def test_timeframes_that_do_not_fit_are_told_before_the_run(arguments: list[str], told: str):
    assert told in refused("two.py", "-d", "store:MOCKUSDT", *arguments)


@pytest.mark.parametrize(
    ("arguments", "fact", "mend"),
    [
        (["--start", "2023-06-01"], f"1m bars begin at {DAY_ONE}, after the start 2023-06-01",
         ("`tradebot data download --provider mock --symbols MOCKUSDT --interval 1m --start 2023-06-01T00:00:00Z "
         f"--end {DAY_ONE}` gets them; or give --start {DAY_ONE}")),
        (["--end", "2024-02-01"], f"1m bars end at {DAY_TEN}, before the end 2024-02-01", f"or give --end {DAY_TEN}"),
        (["--interval", "1h", "--end", "2024-02-01T00:30"], f"1h bars end at {DAY_TEN}",
         f"--interval 1h --start {DAY_TEN} --end 2024-02-01T00:00:00Z`"),
    ],
)  # fmt: skip
def test_what_the_store_lacks_of_the_span_is_told_with_the_command_that_gets_it(
    arguments: list[str], fact: str, mend: str
):
    said = refused("sma_cross", "-d", "store:MOCKUSDT", *arguments)
    assert f"MOCKUSDT: {fact}" in said
    assert mend in said


def test_the_span_of_a_file_is_held_to_it_too():
    said = refused("sma_cross", "-d", "MOCKUSDT-1m.csv", "--start", "2023-06-01")
    assert (
        f"MOCKUSDT: 1m bars begin at {DAY_ONE}, after the start 2023-06-01. Give --start {DAY_ONE}, or a file" in said
    )


def test_a_start_between_two_bars_is_covered_by_the_next():
    document("backtest", "sma_cross", "-d", "store:MOCKUSDT", "--interval", "1h", "--start", "2024-01-02T00:30")


def test_a_market_that_was_never_stored_is_told_with_the_command_that_gets_it(folder: Path):
    file = configuration(folder, data_source="binance")
    (folder / "bot.json").write_text(file.read_text().replace("MOCKUSDT", "QQQUSDT"))
    assert refused("--config", file).endswith(
        "QQQUSDT: no bars are stored under this name. "
        "`tradebot backfill --provider binance --market spot --symbols QQQUSDT --interval 15m` gets them.\n"
    )


def test_gaps_of_a_market_that_never_closes_are_noted(folder: Path):
    lines = (folder / "MOCKUSDT-1m.csv").read_text().splitlines(keepends=True)
    (folder / "MOCKUSDT-1m.csv").write_text("".join(lines[:3_000] + lines[3_100:5_000] + lines[5_001:]))
    notes = document("backtest", "sma_cross", "-d", "MOCKUSDT-1m.csv")["assumptions"]["notes"]
    assert "MOCKUSDT: no bars for 2 stretches of the time" in notes


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (
            {"timeframes": ["1d"]},
            "data.timeframes: the strategy two_frames reads 4h bars, which are not there. Add it, or",
        ),
        ({"timeframes": ["4h", "1d"]}, "data.timeframes: the strategy two_frames reads no 1d bars. Leave it out."),
        ({"timeframes": ["20m"]}, "data.timeframes.0: bars of data.interval 15m do not fill 20m bars."),
        ({"interval": "4h"}, "data.tf_roles: two_frames.roles.HTF: 4h is not above the 4h bars the run trades on."),
        (
            {"timeframes": ["1h"], "tf_roles": {"1h": "LTF"}},
            "data.tf_roles.1h: LTF is what is traded on, and data.interval is 15m. Make them the same.",
        ),
        ({"tf_roles": {"15m": "HTF"}}, "data.tf_roles.15m: HTF is not above data.interval 15m. Give it a longer one."),
        (
            {"timeframes": ["1h", "4h"], "tf_roles": {"1h": "HTF", "4h": "HTF"}},
            "data.tf_roles.4h: HTF is given to 1h as well. Give each role one interval.",
        ),
        ({"timeframes": ["1h"], "tf_roles": {"1h": "HFT"}}, 'there is no role "HFT". Did you mean "HTF"?'),
        ({"timeframes": ["1h"], "tf_roles": {"1h": "H2"}}, 'data.tf_roles.1h: "H2" is not a role. Write it as HTF'),
    ],
)
def test_timeframes_of_a_configuration_that_do_not_fit_are_told_at_validation(
    folder: Path, data: dict[str, Any], told: str
):
    file = configuration(folder, **data)
    result = asked("config", "validate", file)
    assert result.exit_code == 2
    assert told in result.output


@pytest.mark.parametrize("higher", ["1w", "1M"])
@pytest.mark.parametrize("interval", ["1m", "1h", "1d"])
def test_weeks_and_months_are_higher_timeframes_of_minutes_hours_and_days(folder: Path, interval: str, higher: str):
    write(mock_bars("LONGUSDT", "1h", 24 * 200, seed=3, start="2023-12-20"), folder / "LONGUSDT-1h.csv")
    if interval == "1m":
        write(mock_bars("LONGUSDT", "1m", 60 * 24 * 140, seed=3, start="2023-12-20"), folder / "LONGUSDT-1m.csv")
    source = "LONGUSDT-1m.csv" if interval == "1m" else "LONGUSDT-1h.csv"
    found = document("backtest", "two.py", "-d", source, "--interval", interval, "--tf-role", f"HTF={higher}")
    assert f"Timeframes: HTF {higher}, LTF {interval}" in found["assumptions"]["notes"]
    assert found["total_trades"] > 0
