"""Who gets in, and what never gets out."""

from __future__ import annotations

import itertools
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient

from served_api import API, REQUEST, keep_bars, served, services_in
from tradebot import __version__
from tradebot.api.access.roles import Role
from tradebot.api.access.tokens import Tokens
from tradebot.api.application import create_app
from tradebot.api.settings import ApiSettings
from tradebot.core.errors import ConfigError

PASSWORD = "correct horse battery staple"
VIEWERS = "only looking around here"
# Pages are the same for everybody and hold nothing of the account: `test_dashboard_files.py`.
OPEN = {("GET", f"{API}/status/health"), ("POST", f"{API}/session"), ("GET", "/{path:path}")}


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    return Tokens(tmp_path / "api" / "tokens.json")


@pytest.fixture
def settings(tokens: Tokens, tmp_path: Path) -> ApiSettings:
    return ApiSettings(
        host="0.0.0.0",
        allowed_hosts=("localhost",),
        operator_password=PASSWORD,
        viewer_password=VIEWERS,
        tokens=tmp_path / "api" / "tokens.json",
    )


@pytest.fixture
def client(tmp_path: Path, settings: ApiSettings) -> Iterator[TestClient]:
    keep_bars(tmp_path, count=50)
    with served(services_in(tmp_path), settings) as client:
        yield client


def login(client: TestClient, password: str = PASSWORD) -> dict[str, str]:
    """The header that must come with what a browser's session changes."""
    answer = client.post(f"{API}/session", json={"password": password})
    assert answer.status_code == 200, answer.text
    return {"X-CSRF-Token": answer.json()["csrf_token"]}


def test_beyond_this_machine_it_does_not_start_without_credentials(tmp_path: Path):
    for host in ("0.0.0.0", "::", "192.168.1.5", "bot.example.org"):
        with pytest.raises(ConfigError, match="neither password nor token"):
            create_app(services_in(tmp_path), ApiSettings(host=host))
    for host in ("127.0.0.1", "localhost", "::1", "127.9.9.9"):
        create_app(services_in(tmp_path), ApiSettings(host=host))


def test_a_short_password_is_none(tmp_path: Path):
    with pytest.raises(ConfigError, match="too short"):
        create_app(services_in(tmp_path), ApiSettings(host="0.0.0.0", operator_password="1234567"))


def filled(path: str) -> str:
    """An address with something of the right form at each of its places."""
    path = path.replace("{symbol}", "BTCUSDT").replace("{interval}", "1h").replace("{name}", "sma_cross")
    return path.replace("{id}", "0b5c2e0e-0000-4000-8000-000000000000").replace("{order_id}", "X-1")


def test_no_route_but_health_and_login_answers_without_credentials(client: TestClient):
    routes = list(iter_route_contexts(client.app.routes))  # type: ignore[attr-defined]
    there = {(method, route.path or "") for route in routes for method in route.methods or ()}
    assert there > OPEN
    assert len(there) > 50
    for method, path in there - OPEN:
        for headers in ({}, {"Authorization": "Bearer tbk_guess"}, {"Cookie": "tradebot_session=guess"}):
            answer = client.request(
                method, filled(path), json={} if method in ("POST", "PUT") else None, headers=headers
            )
            assert answer.status_code == 401, (method, path, answer.status_code)
            assert answer.headers["www-authenticate"].startswith("Bearer")
    assert client.get(f"{API}/status/health").json() == {"status": "ok", "version": __version__}


def create_document(client: TestClient) -> dict:
    return client.app.openapi()  # type: ignore[attr-defined]


def test_the_socket_is_closed_to_strangers(client: TestClient):
    with client.websocket_connect(f"ws://localhost{API}/stream") as socket:
        assert socket.receive_json()["type"] == "refused"
        assert socket.receive()["code"] == 4401


def test_a_token_opens_what_its_role_may_do_and_ends_when_it_is_revoked(client: TestClient, tokens: Tokens):
    looks = {"Authorization": f"Bearer {tokens.create('looks', Role.VIEWER)}"}
    acts = {"Authorization": f"Bearer {tokens.create('acts', Role.OPERATOR)}"}
    assert client.get(f"{API}/session", headers=looks).json()["role"] == "viewer"
    assert client.get(f"{API}/symbols", headers=looks).status_code == 200
    refused = client.post(f"{API}/backtests", json=REQUEST, headers=looks)
    assert (refused.status_code, "viewer" in refused.json()["detail"]) == (403, True)
    assert client.post(f"{API}/backtests", json=REQUEST, headers=acts).status_code == 202
    assert tokens.revoke("acts")
    assert client.get(f"{API}/session", headers=acts).status_code == 401
    assert client.get(f"{API}/session", headers={"Authorization": "Bearer tbk_guess"}).status_code == 401
    assert client.get(f"{API}/session", headers={"Authorization": "Basic dGVzdDp0ZXN0"}).status_code == 401


def test_a_viewer_may_change_nothing(client: TestClient):
    csrf = login(client, VIEWERS)
    document = create_document(client)
    changing = [(m.upper(), p) for p, each in document["paths"].items() for m in each if m not in ("get", "head")]
    free = {f"{API}/session", f"{API}/config/validate"}
    for method, path in changing:
        if path not in free:
            assert client.request(method, filled(path), json={}, headers=csrf).status_code == 403, (method, path)


def test_tokens_are_kept_as_hashes_in_a_file_of_ones_own(tokens: Tokens, tmp_path: Path):
    text = tokens.create("notebook", Role.VIEWER)
    file = tmp_path / "api" / "tokens.json"
    assert text not in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o644)
    with pytest.raises(ConfigError, match="others than you may read it"):
        Tokens(file).all()


def test_the_cookie_is_one_that_scripts_and_other_sites_cannot_use(client: TestClient):
    answer = client.post(f"{API}/session", json={"password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert PASSWORD not in cookie


def test_what_a_session_changes_needs_its_token(client: TestClient):
    csrf = login(client)
    assert client.get(f"{API}/symbols").status_code == 200
    for headers in ({}, {"X-CSRF-Token": "guess"}, {"X-CSRF-Token": ""}):
        assert client.post(f"{API}/backtests", json=REQUEST, headers=headers).status_code == 403
    assert client.post(f"{API}/backtests", json=REQUEST, headers=csrf).status_code == 202
    assert client.delete(f"{API}/session", headers=csrf).status_code == 204
    assert client.get(f"{API}/symbols").status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_site_changes_nothing(tmp_path: Path, headers: dict[str, str]):
    with served(services_in(tmp_path)) as client:
        answer = client.post(f"{API}/backtests", json=REQUEST, headers=headers)
        assert (answer.status_code, "another site" in answer.json()["detail"]) == (403, True)
        assert client.post(f"{API}/backtests", json=REQUEST, headers={"Origin": "http://localhost"}).status_code == 202


def test_a_socket_of_another_site_is_refused(tmp_path: Path):
    from starlette.websockets import WebSocketDisconnect

    with served(services_in(tmp_path)) as client:
        for headers in (
            {"Origin": "https://evil.example"},
            {"Origin": "http://localhost:9999"},
            {"Origin": "null"},
            {"Host": "evil.example"},
            {"Sec-Fetch-Site": "cross-site"},
        ):
            with (
                pytest.raises(WebSocketDisconnect) as refused,
                client.websocket_connect(f"ws://localhost{API}/stream", headers=headers),
            ):
                pass
            assert refused.value.code == 1008


def test_a_name_that_is_not_this_servers_is_not_served(tmp_path: Path):
    with served(services_in(tmp_path)) as client:
        for host in ("evil.example", "evil.example:8000", "localhost.evil.example", ""):
            refused = client.get(f"{API}/status/health", headers={"Host": host})
            assert refused.status_code == 421
            assert "--allow-host" in refused.json()["mend"]
        for host in ("localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000"):
            assert client.get(f"{API}/status/health", headers={"Host": host}).status_code == 200


def test_a_body_that_a_form_could_send_is_not_taken(tmp_path: Path):
    with served(services_in(tmp_path)) as client:
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
            answer = client.post(f"{API}/backtests", content=json.dumps(REQUEST), headers={"Content-Type": kind})
            assert answer.status_code == 415


def test_a_body_that_is_too_long_is_not_read(tmp_path: Path):
    with served(services_in(tmp_path), ApiSettings(body_bytes=10_000)) as client:
        json_type = {"Content-Type": "application/json"}
        assert client.post(f"{API}/backtests", content=b" " * 10_001, headers=json_type).status_code == 413
        chunks = itertools.repeat(b" " * 1_000, 50)
        assert client.post(f"{API}/backtests", content=chunks, headers=json_type).status_code == 413


def test_wrong_passwords_are_tried_five_times_a_minute(client: TestClient):
    for _ in range(5):
        assert client.post(f"{API}/session", json={"password": "not this one"}).status_code == 401
    answer = client.post(f"{API}/session", json={"password": PASSWORD})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 61


def test_knowing_one_password_gives_no_more_tries_at_another(client: TestClient):
    for _ in range(4):
        assert client.post(f"{API}/session", json={"password": "not this one"}).status_code == 401
    assert client.post(f"{API}/session", json={"password": VIEWERS}).status_code == 200
    assert client.post(f"{API}/session", json={"password": "nor this one"}).status_code == 401
    assert client.post(f"{API}/session", json={"password": VIEWERS}).status_code == 429


def test_methods_that_strangers_make_up_are_counted_as_one(client: TestClient):
    for number in range(3):
        client.request(f"MADEUP{number}", f"{API}/status/health")
    login(client)
    counted = client.get("/metrics").text
    assert "MADEUP" not in counted
    assert 'method="other"' in counted


@pytest.mark.parametrize("path", ["/a%00b", "/assets/%00", f"/assets/{'a' * 300}", f"/{'a' * 300}"])
def test_a_name_that_no_file_can_have_is_none(client: TestClient, path: str):
    assert client.get(path).status_code == (404 if path.startswith("/assets/") else 200)


@pytest.mark.parametrize(
    "name", ["../secret.txt", "..%2fsecret.txt", "/etc/passwd", "bot.log/../../secret.txt", "link.log"]
)
def test_no_log_is_read_but_those_there_are(tmp_path: Path, name: str):
    (tmp_path / "secret.txt").write_text("canary")
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "bot.log").write_text("one\ntwo\n")
    (logs / "bot.link.log").symlink_to(tmp_path / "secret.txt")
    with served(services_in(tmp_path, log_file=logs / "bot.log")) as client:
        assert client.get(f"{API}/logs").json()["lines"] == ["one", "two"]
        assert client.get(f"{API}/logs", params={"name": name}).status_code == 404
        assert client.get(f"{API}/logs", params={"name": "bot.link.log"}).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        f"{API}/backtests/..%2f..%2fsecret.txt/report",
        f"{API}/backtests/%2e%2e/report",
        f"{API}/history/..%2f..%2fsecret.txt",
        "/..%2f..%2fsecret.txt",
        "/assets/..%2f..%2f__init__.py",
        "/%2e%2e/%2e%2e/application.py",
    ],
)
def test_no_path_leads_out_of_its_folder(tmp_path: Path, path: str):
    (tmp_path / "secret.txt").write_text("canary")
    with served(services_in(tmp_path)) as client:
        answer = client.get(path)
        assert "canary" not in answer.text
        assert "create_app" not in answer.text
        assert "import" not in answer.text


def test_answers_bear_the_headers_that_guard_a_browser(client: TestClient):
    for path in (f"{API}/status/health", f"{API}/nosuch", "/", f"{API}/symbols"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'self'" in headers["content-security-policy"]
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-request-id"]
        assert "access-control-allow-origin" not in headers
    assert client.get("/", headers={"X-Request-ID": "mine-1"}).headers["x-request-id"] == "mine-1"
    assert client.get("/", headers={"X-Request-ID": "a b\n"}).headers["x-request-id"] != "a b"


def test_tokens_are_readable_by_nobody_else_from_the_first_byte_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    rights: list[int] = []
    fsync = os.fsync

    def watched(descriptor: int) -> None:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISREG(mode):
            rights.append(stat.S_IMODE(mode))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    before = os.umask(0)
    try:
        for name in ("robot", "another"):
            Tokens(tmp_path / "tokens.json").create(name, Role.VIEWER)
    finally:
        os.umask(before)
    assert rights == [0o600, 0o600]
