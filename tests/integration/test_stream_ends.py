"""A stream ends with the session or token it was opened with, and takes no more listeners than it can serve."""

import json
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
from httpx2 import Client
from websockets.exceptions import ConnectionClosed

from served_api import API, served_over_http, services_in
from served_bot import heard, listen
from tradebot.api.access.roles import Role
from tradebot.api.access.sessions import COOKIE
from tradebot.api.access.tokens import Tokens
from tradebot.api.live.events import News
from tradebot.api.live.hub import Hub
from tradebot.api.settings import ApiSettings

PASSWORD = "correct horse battery staple"
WORD = "credentials are missing, wrong or expired"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Hub:
    for place in ("tradebot.api.routes.stream", "tradebot.api.live.sse"):
        monkeypatch.setattr(f"{place}._LOOK_EVERY_S", 0.05)
    return Hub(most=3)


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    return Tokens(tmp_path / "tokens.json")


@pytest.fixture
def client(tmp_path: Path, hub: Hub, tokens: Tokens) -> Iterator[Client]:
    settings = ApiSettings(operator_password=PASSWORD, tokens=tmp_path / "tokens.json")
    with served_over_http(services_in(tmp_path, hub=hub), settings) as client:
        yield client


@pytest.fixture
def busy(hub: Hub) -> Iterator[None]:
    """Something happens all the time."""
    ends = Event()

    def tell() -> None:
        while not ends.wait(0.002):
            hub.publish([News("log", "notice", 0, {})])

    thread = Thread(target=tell)
    thread.start()
    yield
    ends.set()
    thread.join()


def bearer(tokens: Tokens) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens.create('robot', Role.VIEWER)}"}


@pytest.mark.usefixtures("busy")
def test_a_revoked_token_ends_a_socket_on_which_something_is_told_all_the_time(client: Client, tokens: Tokens):
    with listen(client, additional_headers=bearer(tokens)) as socket:
        heard(socket)
        tokens.revoke("robot")
        last = {}
        with pytest.raises(ConnectionClosed) as closed:
            for _ in range(20_000):
                last = json.loads(socket.recv(timeout=20))
    assert (closed.value.rcvd and closed.value.rcvd.code, last) == (4401, {"type": "dropped", "reason": WORD})


@pytest.mark.usefixtures("busy")
def test_a_revoked_token_ends_server_sent_events(client: Client, tokens: Tokens):
    lines = []
    with client.stream("GET", f"{API}/stream", headers=bearer(tokens)) as answer:
        for line in answer.iter_lines():
            lines.append(line)
            if line.startswith("id: "):
                tokens.revoke("robot")
            assert len(lines) < 100_000
    assert [line for line in lines if line][-2:] == ["event: dropped", f"data: {WORD}"]


def test_logging_out_ends_a_quiet_socket(client: Client):
    token = client.post(f"{API}/session", json={"password": PASSWORD}).json()["csrf_token"]
    with listen(client, additional_headers={"Cookie": f"{COOKIE}={client.cookies[COOKIE]}"}) as socket:
        assert json.loads(socket.recv(timeout=20))["type"] == "hello"
        assert client.delete(f"{API}/session", headers={"X-CSRF-Token": token}).status_code == 204
        assert json.loads(socket.recv(timeout=20)) == {"type": "dropped", "reason": WORD}


def test_more_listeners_than_can_be_served_are_refused_with_the_reason(client: Client, tokens: Tokens, hub: Hub):
    robot = bearer(tokens)
    with (
        listen(client, additional_headers=robot) as first,
        listen(client, additional_headers=robot) as second,
        client.stream("GET", f"{API}/stream", headers=robot),
    ):
        for socket in (first, second):
            assert json.loads(socket.recv(timeout=20))["type"] == "hello"
        refused = client.get(f"{API}/stream", headers=robot)
        assert (refused.status_code, refused.headers["content-type"]) == (503, "application/problem+json")
        assert "3 listen already" in refused.json()["detail"]
        assert int(refused.headers["Retry-After"]) > 0
        with listen(client, additional_headers=robot) as socket:
            assert "3 listen already" in json.loads(socket.recv(timeout=20))["reason"]
            with pytest.raises(ConnectionClosed) as closed:
                socket.recv(timeout=20)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1013
        assert hub.listeners == 3


async def test_what_cannot_be_told_keeps_nothing_else_from_being_heard():
    hub = Hub()
    listener = hub.listen(frozenset())
    begun = hub.last
    hub.publish([News("log", "notice", 0, {"it": object()})])
    hub.publish([News("log", "notice", 0, {"it": 1})])
    hub.publish(News("log", "notice", 0, {"it": 1 // number}) for number in (0, 1))
    hub.publish([News("log", "notice", 0, {"it": 2})])
    hub._deliver()
    told = [json.loads(sent.text) for sent in await listener.take(1.0)]
    assert [(each["seq"], each["data"]["it"]) for each in told] == [(begun + 1, 1), (begun + 2, 2)]
