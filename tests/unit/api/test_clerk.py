"""Heavy questions leave the server's process, are asked once, and are bounded in number and in memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Thread

import pytest

from served_api import API, keep_bars, served, services_in
from tradebot.api.bar_answers import BarQuestion, of_store
from tradebot.api.clerk import Clerk
from tradebot.api.problems import RequestError
from tradebot.store.library import AbsentError

KILLED = """
import os, signal, subprocess
from tradebot.api.clerk import Clerk
print(Clerk().ask("pid", subprocess.check_output, ["sh", "-c", "echo $PPID"]).decode(), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def clerk() -> Iterator[Clerk]:
    clerk = Clerk()
    yield clerk
    clerk.close()


def test_equal_questions_are_asked_once_and_their_answer_is_given_again(clerk: Clerk):
    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(lambda _: clerk.ask("one", os.urandom, 8), range(8)))
    assert answers == {clerk.ask("one", os.urandom, 8)}
    assert clerk.ask("another", os.urandom, 8) not in answers


def test_answers_are_made_elsewhere_and_below_the_bots_priority(clerk: Clerk):
    own = int(subprocess.check_output(["nice"]))
    assert int(clerk.ask("nice", subprocess.check_output, ["nice"])) == min(own + 10, 19)


def test_what_is_remembered_is_bounded():
    clerk = Clerk(remembered=100)
    first = clerk.ask("first", os.urandom, 60)
    second = clerk.ask("second", os.urandom, 60)
    assert clerk.ask("second", os.urandom, 60) == second
    assert clerk.ask("first", os.urandom, 60) != first
    clerk.close()


def test_what_it_raises_is_raised_here_and_is_not_remembered(clerk: Clerk, tmp_path: Path):
    question = BarQuestion(what="history", symbol="BTCUSDT")
    with pytest.raises(AbsentError):
        clerk.ask("bars", of_store, tmp_path, question)
    keep_bars(tmp_path)
    assert clerk.ask("bars", of_store, tmp_path, question).startswith(b'{"symbol":"BTCUSDT"')


def test_a_process_that_dies_is_begun_again(clerk: Clerk):
    with pytest.raises(RequestError, match="no answer") as raised:
        clerk.ask("death", os._exit, 1)
    assert (raised.value.status, raised.value.headers) == (503, {"Retry-After": "5"})
    assert len(clerk.ask("again", os.urandom, 8)) == 8


def test_too_many_who_wait_are_sent_away(clerk: Clerk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tradebot.api.clerk._MOST", 1)
    clerk.ask("warm", os.urandom, 8)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(clerk.ask, "long", subprocess.check_output, ["sleep", "1"])
        while not clerk._waiting:
            time.sleep(0.01)
        with pytest.raises(RequestError, match="questions wait already") as raised:
            clerk.ask("short", os.urandom, 8)
        assert raised.value.status == 429
        # What is known already waits for nobody.
        assert len(clerk.ask("warm", os.urandom, 8)) == 8
        waiting.result()


class Immediate:
    """A pool that has answered before anybody can wait."""

    def submit(self, question: Callable[..., bytes], *terms: object) -> Future[bytes]:
        done: Future[bytes] = Future()
        done.set_result(question(*terms))
        return done


def test_an_answer_that_is_there_at_once_stops_nobody(monkeypatch: pytest.MonkeyPatch):
    clerk = Clerk()
    monkeypatch.setattr(clerk, "_started", Immediate)
    asking = Thread(target=lambda: [clerk.ask(n, os.urandom, 8) for n in range(3)], daemon=True)
    asking.start()
    asking.join(20)
    assert not asking.is_alive()


def test_a_question_that_is_asked_already_is_joined_however_many_wait(clerk: Clerk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tradebot.api.clerk._MOST", 1)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(clerk.ask, "long", subprocess.check_output, ["sh", "-c", "sleep 0.5; echo $$"])
        while not clerk._waiting:
            time.sleep(0.01)
        assert clerk.ask("long", subprocess.check_output, []) == waiting.result()


def test_its_end_waits_for_no_answer():
    clerk = Clerk()
    clerk.ask("warm", os.urandom, 8)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(clerk.ask, "long", time.sleep, 600)
        while not clerk._waiting:
            time.sleep(0.01)
        clerk.close()
        with pytest.raises(RequestError, match="no answer"):
            waiting.result()


def test_its_process_ends_with_the_server_however_it_ends():
    told = subprocess.run([sys.executable, "-c", KILLED], capture_output=True, text=True, timeout=60, check=False)
    left = Path(f"/proc/{int(told.stdout)}")
    for _ in range(500):
        if not left.exists():
            return
        time.sleep(0.02)
    raise AssertionError("its process is left over")


@pytest.mark.parametrize(
    "address",
    [
        "history/BTCUSDT",
        "ohlcv/BTCUSDT",
        "stats/BTCUSDT",
        "structures/BTCUSDT",
        "data/BTCUSDT/1h",
        "data/BTCUSDT/1h/calendar",
        "logs",
    ],
)
def test_what_takes_long_is_the_clerks_to_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str):
    keep_bars(tmp_path)
    log_file = tmp_path / "bot.log"
    log_file.write_text("a line\n")
    asked: list[object] = []
    monkeypatch.setattr(Clerk, "ask", lambda self, key, question, *terms: asked.append(question) or question(*terms))
    with served(services_in(tmp_path, log_file=log_file)) as client:
        assert client.get(f"{API}/{address}").status_code == 200
    assert len(asked) == 1
