"""Listeners of the stream over real connections: the quick ones hear all in order, one that stops reading is let go."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from httpx2 import Client
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from served_api import API, served_over_http, services_in
from served_bot import heard, listen, until
from tradebot.api.access.sessions import COOKIE
from tradebot.api.live.events import News
from tradebot.api.live.hub import DroppedError, Hub
from tradebot.api.settings import ApiSettings

MESSAGES = 12_000
WAITING = 2_000
FILLING = "x" * 2_000


def publish(hub: Hub) -> None:
    """Many messages, as fast as quick listeners can take them."""
    for number in range(MESSAGES):
        hub.publish([News("log", "notice", 0, {"number": number, "text": FILLING})])
        if number % 50 == 0:
            time.sleep(0.02)


def numbers(socket: ClientConnection) -> list[tuple[int, int]]:
    found = []
    while len(found) < MESSAGES:
        message = heard(socket)
        found.append((message["seq"], message["data"]["number"]))
    return found


def numbers_by_http(client: Client) -> list[tuple[int, int]]:
    found = []
    with client.stream("GET", f"{API}/stream", params={"topics": "log"}) as answer:
        for line in answer.iter_lines():
            if line.startswith("data: {"):
                message = json.loads(line.removeprefix("data: "))
                found.append((message["seq"], message["data"]["number"]))
            if len(found) == MESSAGES:
                return found
    return found


def test_one_that_stops_reading_is_let_go_and_the_others_hear_everything_in_order(tmp_path: Path):
    hub = Hub(waiting=WAITING)
    with ExitStack() as open_until_the_end:
        enter = open_until_the_end.enter_context
        client = enter(served_over_http(services_in(tmp_path, hub=hub), ApiSettings(waiting=WAITING)))
        quick = [enter(listen(client, "topics=log")) for _ in range(3)]
        # Reads nothing beyond one message by itself: what comes is left where it is.
        slow = enter(listen(client, "topics=log", max_queue=1))
        threads = enter(ThreadPoolExecutor(5))
        hearing = [threads.submit(numbers, socket) for socket in quick] + [threads.submit(numbers_by_http, client)]
        until(lambda: hub.listeners == 5)
        publishing = threads.submit(publish, hub)
        found = [each.result(timeout=60) for each in hearing]
        publishing.result()
        expected = list(range(MESSAGES))
        for each in found:
            assert [number for _, number in each] == expected
            assert [seq - each[0][0] for seq, _ in each] == expected
        assert found[0] == found[1] == found[2] == found[3]
        # The three sockets still listen; the slow one was let go, whoever hears by http has gone.
        until(lambda: hub.listeners == 3)
        with pytest.raises(ConnectionClosed):
            while True:
                slow.recv(timeout=20)


async def test_who_is_let_go_is_told_why():
    hub = Hub(waiting=10)
    hub._loop = None
    listener = hub.listen(frozenset({"bars"}))
    hub.publish([News("bars", "bar", 1, {"n": n}) for n in range(20)])
    hub._deliver()
    with pytest.raises(DroppedError, match="too slow: 10 messages were waiting"):
        await listener.take(1.0)
    assert hub.listeners == 0


async def test_a_listener_takes_up_what_it_missed_and_no_other_topic():
    hub = Hub(remembered=5)
    first = hub.last
    hub.publish([News("bars" if n % 2 else "log", "x", 1, {"n": n}) for n in range(4)])
    hub._deliver()
    listener = hub.listen(frozenset({"bars"}), after=first)
    assert [json.loads(sent.text)["data"]["n"] for sent in await listener.take(1.0)] == [1, 3]
    hub.publish([News("bars", "x", 1, {"n": 9}) for _ in range(5)])
    hub._deliver()
    with pytest.raises(DroppedError, match="not remembered"):
        hub.listen(frozenset(), after=first)
    with pytest.raises(DroppedError, match="not remembered"):
        hub.listen(frozenset(), after=hub.last + 1)


@pytest.mark.parametrize("length", [1, 125, 126, 65_535, 65_536, 200_000])
def test_a_message_of_any_length_is_heard_whole_and_those_behind_it_too(tmp_path: Path, length: int):
    hub, texts = Hub(), ["ü" * length, "x" * length, "last"]
    with served_over_http(services_in(tmp_path, hub=hub)) as client, listen(client, max_size=None) as socket:
        hub.publish([News("log", "notice", 0, {"text": text}) for text in texts])
        assert [heard(socket)["data"]["text"] for _ in texts] == texts


def test_one_that_sends_too_much_is_let_go_and_the_others_are_not(tmp_path: Path):
    hub = Hub()
    with served_over_http(services_in(tmp_path, hub=hub)) as client, listen(client) as good, listen(client) as bad:
        bad.send("x" * 70_000)
        with pytest.raises(ConnectionClosed) as closed:
            heard(bad)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009
        hub.publish([News("log", "notice", 0, {"text": "still here"})])
        assert heard(good)["data"] == {"text": "still here"}


def test_a_session_opens_the_stream_to_the_servers_own_pages_alone(tmp_path: Path):
    settings = ApiSettings(operator_password="correct horse battery staple")
    with served_over_http(services_in(tmp_path), settings) as client:
        client.post(f"{API}/session", json={"password": settings.operator_password})
        headers = {"Cookie": f"{COOKIE}={client.cookies[COOKIE]}"}
        ours = str(client.base_url).rstrip("/")
        with listen(client, additional_headers=headers, origin=ours) as socket:
            assert json.loads(socket.recv(timeout=20))["type"] == "hello"
        for origin in ("https://evil.example", "http://127.0.0.1:1", "null"):
            with pytest.raises(InvalidStatus, match="403"), listen(client, additional_headers=headers, origin=origin):
                pass
