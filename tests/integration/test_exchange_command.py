"""``tradebot exchange`` starts a local exchange of any market, and says in one sentence what stands in the way."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner

from tradebot.cli.main import root
from tradebot.feeds.mock import mock_bars


def refusal(*words: str) -> str:
    result = CliRunner().invoke(root, ["exchange", "--for", "1s", "--port", "0", *words], prog_name="tradebot")
    assert result.exit_code == 2, result.output
    return result.stderr


@contextmanager
def started(*words: str) -> Iterator[dict[str, Any]]:
    command = [sys.executable, "-m", "tradebot", "exchange", "--port", "0", "--json", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        yield told | {"process": process}
        process.send_signal(signal.SIGINT)
        assert process.wait(10) in (0, 130)


def asked(address: str, method: str = "GET") -> Any:
    with urllib.request.urlopen(urllib.request.Request(address, method=method), timeout=10) as answer:
        return json.load(answer)


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    bars = mock_bars("BTCUSDT", "1m", 200, seed=3)
    columns = {name: getattr(bars, name) for name in ("open", "high", "low", "close", "volume")}
    file = tmp_path / "BTCUSDT-1m.parquet"
    pl.DataFrame({"open_time": bars.ts // 1_000_000, **columns}).write_parquet(file)
    return file


def test_the_built_in_market_is_at_the_present_moment() -> None:
    with started("-s", "BTCUSDT", "-s", "ETHUSDT") as told:
        assert told["symbols"] == ["BTCUSDT", "ETHUSDT"]
        assert told["rest"].startswith("http://127.0.0.1:")
        candles = asked(f"{told['rest']}/fapi/v1/klines?symbol=ETHUSDT&interval=1m&limit=1500")
        now = asked(f"{told['rest']}/fapi/v1/time")["serverTime"]
        assert len(candles) >= 1500
        assert now - candles[-1][0] < 180_000


def test_recorded_bars_are_the_past_first_and_then_come_one_by_one(recorded: Path) -> None:
    with started("-d", str(recorded), "--past", "150", "--stepped") as told:
        address = f"{told['rest']}/fapi/v1/klines?symbol=BTCUSDT&interval=1m&limit=1000"
        assert len(asked(address)) == 150
        for _ in range(2 * 50):
            step = asked(f"{told['rest']}/control/step", "POST")
        assert step["endsStep"]
        candles = asked(address)
        assert asked(f"{told['rest']}/control/step", "POST") == {"over": True}
    bars = mock_bars("BTCUSDT", "1m", 200, seed=3)
    assert [float(candle[4]) for candle in candles] == bars.close.tolist()


def test_recorded_bars_go_on_from_now_where_they_are_dated_anew(recorded: Path) -> None:
    with started("-d", str(recorded), "--past", "150", "--now", "--stepped") as told:
        asked(f"{told['rest']}/control/step", "POST")
        candles = asked(f"{told['rest']}/fapi/v1/klines?symbol=BTCUSDT&interval=1m&limit=1000")
        now = asked(f"{told['rest']}/fapi/v1/time")["serverTime"]
    assert [float(candle[1]) for candle in candles] == mock_bars("BTCUSDT", "1m", 200, seed=3).open.tolist()[:151]
    assert 0 <= now - candles[-1][0] < 120_000


def test_months_are_not_dated_anew(tmp_path: Path) -> None:
    columns = {name: [100.0] * 12 for name in ("open", "high", "low", "close", "volume")}
    file = tmp_path / "BTCUSDT-1M.parquet"
    starts = pl.datetime_range(pl.datetime(2024, 1, 1), pl.datetime(2024, 12, 1), "1mo", time_unit="ms", eager=True)
    pl.DataFrame({"open_time": starts.cast(pl.Int64), **columns}).write_parquet(file)
    assert "bars of 1M cannot be moved in time" in refusal("-d", str(file), "--interval", "1M", "--past", "3", "--now")


def test_it_listens_on_the_loopback_alone() -> None:
    with started() as told:
        port = int(told["rest"].rpartition(":")[2])
        own = socket.gethostbyname(socket.gethostname())
        if own.startswith("127."):
            own = "127.0.0.2"
        with pytest.raises(OSError), socket.create_connection((own, port), timeout=1):
            pass


def test_a_port_that_is_taken_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert f"port {port} cannot be opened" in refusal("--port", port)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--speed", "fast"), "--speed"),
        (("--speed", "0"), "--speed"),
        (("--for", "soon"), "--for"),
        (("-d", "mock", "-d", "mock"), "--data"),
        (("-d", "mock", "-s", "BTCUSDT", "-s", "BTCUSDT"), "BTCUSDT"),
        (("-d", "missing.parquet"), "missing.parquet"),
        (("--cash", "-5"), "exchange.cash"),
    ],
)
def test_what_cannot_be_is_refused_by_its_option(words: tuple[str, ...], told: str) -> None:
    assert told in refusal(*words)


def test_more_past_than_there_is_is_refused(recorded: Path) -> None:
    assert "--past" in refusal("-d", str(recorded), "--past", "200")
    assert "--symbols" in refusal("-d", str(recorded), "-s", "BTCUSDT")


def test_a_file_of_faults_is_read_and_a_wrong_one_named(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text('[{"action": "error", "on": "GET /fapi/v1/ping", "code": -1008}]')
    bad.write_text('[{"action": "burn"}]')
    assert "bad.json" in refusal("--faults", str(bad))
    with started("--faults", str(good)) as told, pytest.raises(urllib.request.HTTPError, match="503"):
        asked(f"{told['rest']}/fapi/v1/ping")
