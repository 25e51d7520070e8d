"""`tradebot doctor`: each trouble is found, named and given its mend; a machine without a network is well."""

from __future__ import annotations

import json
import re
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

from tradebot.cli.doctor import installation, network
from tradebot.cli.doctor.finding import Finding
from tradebot.cli.main import root


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRADEBOT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TRADEBOT_STRATEGIES", str(tmp_path / "strategies"))
    return tmp_path / "home"


def run(*args: str) -> Result:
    return CliRunner().invoke(root, ["doctor", *args], prog_name="tradebot")


def examined(code: int = 0) -> dict[str, Finding]:
    result = run("--offline", "--json")
    assert result.exit_code == code, (result.stdout, result.stderr)
    document = json.loads(result.stdout)
    assert document["problems"] == sum(each["state"] == "problem" for each in document["findings"])
    return {each["topic"]: Finding(**each) for each in document["findings"]}


# The machine -----------------------------------------------------------------------------------------------------


def test_a_sound_machine_has_no_problem():
    found = examined()
    assert {"Python", "tradebot", "Native core", "Folder", "Disk", "Runs", "Bars", "Strategies"} <= set(found)
    result = run("--offline")
    assert result.exit_code == 0
    assert result.stdout.endswith("Nothing is in the way.\n")


def test_whatever_is_not_well_has_a_mend():
    result = run("--json")
    findings = [Finding(**each) for each in json.loads(result.stdout)["findings"]]
    assert all(bool(each.mend) == (each.state != "ok") for each in findings)


def test_a_missing_extra_is_a_note_with_the_command_that_brings_it(monkeypatch: pytest.MonkeyPatch):
    versions = installation.version

    def without_ccxt(package: str) -> str:
        if package == "ccxt":
            raise installation.PackageNotFoundError
        return versions(package)

    monkeypatch.setattr(installation, "version", without_ccxt)
    found = examined()["Extra binance"]
    assert (found.state, found.fact) == ("note", "without ccxt")
    assert "pip install 'tradebot[binance]'" in found.mend


def test_a_native_core_of_another_version_is_a_problem(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(installation, "version", lambda package: "0.0.9")
    assert examined(code=1)["Native core"].fact == "it is 0.0.9 and tradebot is 0.1.0"


@pytest.mark.parametrize(("free", "state", "code"), [(10**8, "problem", 1), (10**9, "note", 0), (10**10, "ok", 0)])
def test_a_disk_that_fills_up_is_told_of(monkeypatch: pytest.MonkeyPatch, free: int, state: str, code: int):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    assert examined(code)["Disk"].state == state


def test_a_home_that_is_a_file_is_a_problem(home: Path):
    home.write_text("")
    found = examined(code=1)["Folder"]
    assert found.fact == f"{home} is a file"
    assert "TRADEBOT_HOME" in found.mend


def test_a_damaged_run_is_found(home: Path):
    CliRunner().invoke(root, ["backtest", "sma_cross", "-d", "mock", "--bars", "500"])
    assert examined()["Runs"].fact.startswith("1 kept, ")
    next(home.rglob("record.json")).write_text("{")
    found = examined(code=1)["Runs"]
    assert found.fact.startswith("1 of 1 cannot be read: ")
    assert "tradebot runs delete" in found.mend


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1 cut off", b"not at all PAR1"])
def test_a_damaged_bar_file_is_found(home: Path, content: bytes):
    (home / "bars" / "venue").mkdir(parents=True)
    (home / "bars" / "venue" / "2024-01.parquet").write_bytes(content)
    found = examined(code=1)["Bars"]
    assert found.fact.startswith("1 of 1 files in ")
    assert "venue/2024-01.parquet" in found.fact


def test_what_a_strategy_prints_stays_out_of_the_json(tmp_path: Path):
    (tmp_path / "strategies").mkdir()
    (tmp_path / "strategies" / "chatty.py").write_text("print('loading')\n")
    assert examined()["Strategies"].state == "ok"


def test_a_strategy_file_that_does_not_load_is_found(tmp_path: Path):
    (tmp_path / "strategies").mkdir()
    (tmp_path / "strategies" / "broken.py").write_text("1 / 0\n")
    found = examined(code=1)["Strategies"]
    assert "broken.py:1: ZeroDivisionError" in found.fact
    assert found.mend == "Correct the file."


# The network -----------------------------------------------------------------------------------------------------


class Venue(ThreadingHTTPServer):
    """A venue on the loopback whose clock is ``ahead`` seconds ahead, and which answers ``how`` it is told."""

    daemon_threads = True

    def __init__(self, how: str = "json", ahead: float = 0.0) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.how, self.ahead = how, ahead
        self.asked = 0
        self.over = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/time"


class Answers(BaseHTTPRequestHandler):
    server: Venue

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self.server.asked += 1
        now = time.time() + self.server.ahead
        if self.server.how == "break once" and self.server.asked == 1:
            self.close_connection = True
            return
        if self.server.how == "stall":
            self.server.over.wait(30)
            return
        body = json.dumps({"serverTime": int(now * 1_000)} if self.server.how == "json" else {}).encode()
        self.send_response_only(403 if self.server.how == "refuse" else 200)
        if self.server.how != "timeless":
            self.send_header("Date", formatdate(now, usegmt=True))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.server.how == "trickle":
            self.wfile.write(body[:1])
            self.server.over.wait(30)
            return
        self.wfile.write(body)


@pytest.fixture
def venue() -> Iterator[Venue]:
    server = Venue()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


def asked(venues: dict[str, str], timeout_s: float = 5.0) -> dict[str, Finding]:
    return {each.topic: each for each in network.network_findings(venues, timeout_s)}


@pytest.mark.parametrize(
    ("how", "ahead", "state", "side"),
    [
        ("json", 0.0, "ok", ""),
        ("json", 60.0, "problem", "behind Here"),
        ("json", -60.0, "problem", "ahead of Here"),
        ("date", 0.0, "ok", ""),
        ("date", 60.0, "problem", "behind Here"),
        ("refuse", -60.0, "problem", "ahead of Here"),
    ],
)
def test_the_clock_is_held_against_the_venues(venue: Venue, how: str, ahead: float, state: str, side: str):
    venue.how, venue.ahead = how, ahead
    found = asked({"Here": venue.address})
    assert found["Clock"].state == state
    assert side in found["Clock"].fact
    told, unsure = re.findall(r"\d+\.\d+", found["Clock"].fact)
    assert float(told) == pytest.approx(abs(ahead), abs=float(unsure) + 0.01)
    assert found["Here"].state == "ok"


def test_a_venue_that_tells_no_time_leaves_the_clock_unknown(venue: Venue):
    venue.how = "timeless"
    found = asked({"Here": venue.address})
    assert (found["Clock"].state, found["Here"].state) == ("note", "ok")


@pytest.mark.parametrize("how", ["stall", "trickle"])
def test_a_venue_that_does_not_finish_its_answer_is_not_waited_for(venue: Venue, how: str):
    venue.how = how
    found = asked({"Slow": venue.address}, timeout_s=0.2)
    assert "no answer within 0.2 s" in found["Network"].fact


def test_one_venue_that_is_away_does_not_hide_the_others(venue: Venue):
    found = asked({"Away": closed_address(), "Here": venue.address})
    assert (found["Away"].state, found["Here"].state) == ("note", "ok")
    assert found["Away"].fact.startswith("cannot be reached: ")
    assert venue.asked == 1


def test_a_connection_that_breaks_once_is_tried_again(venue: Venue):
    venue.how = "break once"
    assert asked({"Here": venue.address})["Here"].state == "ok"


def test_venues_are_looked_for_through_the_proxy_that_is_set(venue: Venue, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{venue.server_port}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert asked({"Far": "http://venue.invalid/time"})["Far"].state == "ok"
    assert venue.asked == 1


def test_without_a_network_there_is_a_note_and_no_problem(monkeypatch: pytest.MonkeyPatch):
    def nobody(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    result = run("--json")
    assert result.exit_code == 0
    found = {each["topic"]: each for each in json.loads(result.stdout)["findings"]}
    assert (found["Network"]["state"], found["Clock"]["state"]) == ("note", "note")
    assert "no venue can be reached" in found["Network"]["fact"]
    assert not set(network.VENUES) & set(found)


def closed_address() -> str:
    """An address nobody listens at."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}/"
