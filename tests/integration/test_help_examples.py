"""Every example of every command's help, run as it stands.

An example finds the files it names: bars by names such as ``BTCUSDT-1m.parquet``, strategies by ``my.py``; and what was
kept before, ``BEFORE``. What an option writes (``--report report.html``) is not there yet. An example that ends in
``# network`` needs a venue: its options are read, and it is not run.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import click
import polars as pl
import pytest
from click.testing import CliRunner

from command_tree import commands, examples, label
from local_exchange import running
from tradebot import BarArray
from tradebot.cli.main import root
from tradebot.core.event import Submit
from tradebot.core.journal import RunStarted
from tradebot.core.order import OrderIntent
from tradebot.feeds.mock import mock_bars
from tradebot.research.models import save_model, train
from tradebot.store.accounts import account_folder
from tradebot.store.file_names import symbol_and_interval
from tradebot.store.journal import SqliteJournal

ROOT = Path(__file__).parents[2]
LINES = [(path, line) for path, command in commands() for line in examples(command)]
# What these name is written by the command.
OUTPUTS = frozenset({"--report", "--trades", "--output", "-o", "--folder", "--to"})
NETWORK = "# network"
# What a person has done before, in order: the examples may speak of what it has left.
BEFORE = (
    "tradebot backtest sma_cross -d BTCUSDT-1m.parquet -p fast=5",
    "tradebot backtest sma_cross -d BTCUSDT-1m.parquet",
    "tradebot data import BTCUSDT-1m.parquet BTCUSDT-funding.csv",
    "tradebot data import SPY-1m.csv SPY-factors.csv --venue us_equity",
    "tradebot token create old",
    "tradebot live approve live.json --symbols BTCUSDT",
    "tradebot run paper.json --iterations 50",
)
STARTED = RunStarted(
    ts=1, run_id="R1", mode="paper", configuration="{}", configuration_hash="0" * 64, code_version="0.1.0"
)
MINUTES = 100_000
SHELL = frozenset("|><$&;")

STRATEGY = """\
from tradebot import Strategy, ta


class Mine(Strategy):
    \"\"\"Long above the average, with a stop.\"\"\"

    roles = {"HTF": "4h"}

    def setup(self, bars):
        self.mean = ta.sma(bars.close, 20)
        self.trend = ta.sma(self.bars("HTF").close, 3)

    def on_bar(self, bar):
        if not self.position and bar.close > self.mean[-1] > self.trend[-1]:
            return self.long(stop_loss_pct=0.01, take_profit_pct=0.02)
"""


def prepare(line: str, folder: Path) -> None:
    """Write the files that an example names."""
    words = shlex.split(line, comments=True)
    if "init" in words:
        return
    for before, word in pairwise(words):
        file = folder / word.rpartition("=")[2].partition(":")[0]
        if word.startswith("-"):
            continue
        if before not in OUTPUTS and file.suffix and not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            write(file)


@cache
def minutes(symbol: str) -> BarArray:
    return mock_bars(symbol, "1m", MINUTES, seed=7)


def write(file: Path) -> None:
    """A file of the kind its name tells; other names are left to the command to miss."""
    if file.stem.endswith("-funding"):
        times = [f"2024-01-01T{hour:02}:00:00Z" for hour in (0, 8, 16)]
        pl.DataFrame({"funding_time": times, "funding_rate": [0.0001] * 3}).write_csv(file)
    elif file.stem.endswith("-factors"):
        factors = {"date": ["20240101", "20501231"], "price_factor": [0.99, 1.0], "split_factor": [1.0, 1.0]}
        pl.DataFrame(factors).write_csv(file, include_header=False)
    elif file.suffix in (".csv", ".parquet"):
        symbol, interval = symbol_and_interval(file)
        # Made of the same minutes, so that the bars of one interval make up those of another.
        bars = minutes(symbol).resample(interval or "1d")
        columns = {name: getattr(bars, name) for name in ("open", "high", "low", "close", "volume")}
        frame = pl.DataFrame({"open_time": bars.ts // 1_000_000, **columns})
        frame.write_csv(file) if file.suffix == ".csv" else frame.write_parquet(file)
    elif file.suffix == ".model":
        save_model(train(minutes("BTCUSDT").resample("1h"), model="ridge"), file)
    elif file.suffix == ".py":
        file.write_text(STRATEGY)
    elif file.name == "paper.json":
        # The example plays its market slowly, for people to watch.
        document = json.loads((ROOT / "examples" / "paper.json").read_text())
        document["engine"] = {"mode": "paper", "account": "demo"}
        file.write_text(json.dumps(document))
    elif file.name == "live.json":
        document = json.loads((ROOT / "config.example.json").read_text())
        document["broker"] |= {"type": "binance", "market": "usdm", "host": "local"}
        file.write_text(json.dumps(document | {"engine": {"mode": "live"}}))
    elif file.suffix == ".json" and (document := ROOT / "config.example.json").exists():
        shutil.copy(document, file)


@pytest.fixture(scope="module")
def exchange() -> Iterator[dict[str, str]]:
    """The environment of a person who has a local exchange in another terminal."""
    with running() as found:
        yield {
            "TRADEBOT_BINANCE_URL": found.url,
            "BINANCE_LOCAL_API_KEY": found.key,
            "BINANCE_LOCAL_API_SECRET": found.secret,
        }


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, exchange: dict[str, str]) -> Path:
    """A home in which something is kept already."""
    folder = tmp_path_factory.mktemp("before")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in exchange.items():
            patch.setenv(name, value)
        patch.setenv("TRADEBOT_HOME", str(folder / "home"))
        patch.chdir(folder)
        for line in BEFORE:
            prepare(line, folder)
            code, told = here(line)
            assert code == 0, told
        with SqliteJournal(account_folder("paper")) as journal:
            journal.append([STARTED, Submit("R1-1", OrderIntent("BTCUSDT", "buy", 1.0))], durable=True)
    return folder / "home"


@pytest.fixture
def workplace(tmp_path: Path, kept: Path, exchange: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with what was kept before and no way out to a network."""
    for name, value in exchange.items():
        monkeypatch.setenv(name, value)
    shutil.copytree(kept, tmp_path / "home")
    monkeypatch.setenv("TRADEBOT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TRADEBOT_STRATEGIES", str(tmp_path / "strategies"))
    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def nobody(host: object, *_: object, **__: object) -> None:
    raise socket.gaierror(socket.EAI_NONAME, f"no example may look for {host}")


@pytest.mark.parametrize(("path", "line"), LINES, ids=[line for _, line in LINES])
def test_the_example_works(path: tuple[str, ...], line: str, workplace: Path):
    if line.endswith(NETWORK):
        read_options(path, line)
        return
    prepare(line, workplace)
    code, told = in_a_shell(line, workplace) if SHELL & set(line) else here(line)
    assert code == 0, told
    if "--json" in line:
        json.loads(told)


def here(line: str) -> tuple[int, str]:
    """Run an example in this process, with nobody at the terminal."""
    words = shlex.split(line, comments=True)[1:]
    if words[0] == "exchange" and "--port" not in words:
        # Somebody at this machine may be using the usual one.
        words += ["--port", "0"]
    result = CliRunner().invoke(root, words, prog_name="tradebot", input="")
    return result.exit_code, result.stdout if result.exit_code == 0 else result.stderr


def in_a_shell(line: str, folder: Path) -> tuple[int, str]:
    """Run an example that the shell has a part in."""
    program = folder.parent / "bin" / "tradebot"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tradebot "$@"\n')
    program.chmod(0o755)
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    modules = os.pathsep.join(filter(None, map(os.path.abspath, sys.path)))
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", line], cwd=folder, env=os.environ | {"PATH": path, "PYTHONPATH": modules},
        capture_output=True, text=True, timeout=120, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return done.returncode, done.stdout if done.returncode == 0 else done.stderr


def read_options(path: tuple[str, ...], line: str) -> None:
    """Read an example's options without running it."""
    words = shlex.split(line, comments=True)[1:]
    context = click.Context(root, info_name="tradebot")
    command: click.Command = root
    for name in path:
        assert isinstance(command, click.Group)
        below = command.get_command(context, name)
        assert below is not None
        command, context = below, click.Context(below, parent=context, info_name=name)
    with command.make_context(label(path), words[len(path) :]):
        pass
