"""Answers that are given again: only while nothing has happened, and only to whoever may ask."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from served_api import API, served, services_in
from served_bot import until
from tradebot.api import answer_cache
from tradebot.api.live.events import News
from tradebot.api.routes import trading
from tradebot.api.services import Services
from tradebot.api.settings import ApiSettings

PASSWORD = "correct horse battery staple"


class Counted:
    """Stands in for the limits, and counts how often they are asked for."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, services: Services) -> list[object]:
        self.times += 1
        return []


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> Counted:
    counted = Counted()
    monkeypatch.setattr(trading, "limits_of", counted)
    # However slow the machine is, time alone makes no answer old here.
    monkeypatch.setattr(answer_cache, "_AGE_S", 3600.0)
    return counted


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return services_in(tmp_path)


@pytest.fixture
def client(services: Services, limits: Counted) -> Iterator[TestClient]:
    with served(services, ApiSettings(operator_password=PASSWORD), **{"X-Request-ID": "mine"}) as client:
        client.headers["X-CSRF-Token"] = client.post(f"{API}/session", json={"password": PASSWORD}).json()["csrf_token"]
        yield client


def test_an_equal_question_is_answered_again_under_its_own_number(client: TestClient, limits: Counted):
    first = client.get(f"{API}/risk")
    again = client.get(f"{API}/risk", headers={"X-Request-ID": "another"})
    assert limits.times == 1
    assert (first.json(), again.json()) == ({"limits": []}, {"limits": []})
    assert (first.headers.pop("X-Request-ID"), again.headers.pop("X-Request-ID")) == ("mine", "another")
    assert dict(first.headers) == dict(again.headers)
    assert (
        client.get(f"{API}/status/metrics").json()["figures"][
            'tradebot_api_requests_total{method="GET",route="/risk",status="200"}'
        ]
        == 2.0
    )


def test_another_question_is_another_answer(client: TestClient, limits: Counted):
    for query in ("", "?a=1", "?a=2", "?a=1"):
        client.get(f"{API}/risk{query}")
    assert limits.times == 3


def test_it_is_asked_anew_once_something_has_happened(client: TestClient, services: Services, limits: Counted):
    client.get(f"{API}/risk")
    before = services.hub.last
    services.hub.publish([News("log", "notice", 0, {})])
    until(lambda: services.hub.last > before)
    client.get(f"{API}/risk")
    assert limits.times == 2


def test_it_is_asked_anew_once_the_answer_is_old(client: TestClient, limits: Counted, monkeypatch: pytest.MonkeyPatch):
    client.get(f"{API}/risk")
    monkeypatch.setattr(answer_cache, "_AGE_S", -1.0)
    client.get(f"{API}/risk")
    assert limits.times == 2


def test_whoever_changes_something_sees_it_in_the_next_answer(client: TestClient, limits: Counted):
    client.get(f"{API}/risk")
    client.post(f"{API}/reconcile")
    client.get(f"{API}/risk")
    assert limits.times == 2


def test_nobody_who_may_not_ask_is_given_what_another_was_told(client: TestClient, limits: Counted):
    assert client.get(f"{API}/risk").status_code == 200
    client.cookies.clear()
    assert client.get(f"{API}/risk").status_code == 401
    assert client.get(f"{API}/risk", headers={"Authorization": "Bearer tbk_wrong"}).status_code == 401
    assert limits.times == 1


def test_refusals_are_not_remembered(client: TestClient, services: Services):
    for _ in range(2):
        assert client.get(f"{API}/orders", params={"limit": 0}).status_code == 422
