"""The files of the dashboard: the same for everybody, from one folder and no other."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from served_api import API, served, services_in
from tradebot.api import dashboard_files
from tradebot.api.settings import ApiSettings

INDEX = "<!doctype html><title>tradebot</title>"
SCRIPT = "console.log('as it was built');" * 50
PASSWORD = "correct horse battery staple"


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "dashboard"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(INDEX)
    (folder / "docs.html").write_text(INDEX)
    (folder / "assets" / "index-1a2b.js").write_text(SCRIPT)
    (folder / "assets" / "inter-1a2b.woff2").write_bytes(b"compressed already")
    monkeypatch.setattr(dashboard_files, "_FOLDER", folder)
    return folder


@pytest.fixture
def stranger(tmp_path: Path) -> Iterator[TestClient]:
    """A client that knows no password, where one is demanded."""
    settings = ApiSettings(host="0.0.0.0", allowed_hosts=("localhost",), operator_password=PASSWORD)
    with served(services_in(tmp_path), settings) as client:
        yield client


@pytest.mark.usefixtures("built")
def test_a_stranger_gets_the_pages_that_ask_for_the_password_and_they_hold_nothing_else(stranger: TestClient):
    for path in ("/", "/orders", "/backtests/0b5c2e0e-0000-4000-8000-000000000000", "/nosuch"):
        answer = stranger.get(path)
        assert (answer.status_code, answer.text) == (200, INDEX)
        assert answer.headers["cache-control"] == "no-cache"
    stranger.post(f"{API}/session", json={"password": PASSWORD})
    assert stranger.get("/orders").text == INDEX


@pytest.mark.usefixtures("built")
def test_the_page_of_the_interface_is_not_for_strangers(stranger: TestClient):
    assert stranger.get("/docs").status_code == 401
    stranger.post(f"{API}/session", json={"password": PASSWORD})
    assert stranger.get("/docs").text == INDEX


@pytest.mark.usefixtures("built")
def test_scripts_go_out_compressed_to_those_who_take_it(stranger: TestClient):
    with stranger.stream("GET", "/assets/index-1a2b.js", headers={"Accept-Encoding": "gzip"}) as answer:
        sent = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert len(sent) < len(SCRIPT) / 10
    assert gzip.decompress(sent).decode() == SCRIPT
    plain = stranger.get("/assets/index-1a2b.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.text == SCRIPT
    for each in (answer, plain):
        assert "immutable" in each.headers["cache-control"]
        assert each.headers["vary"] == "Accept-Encoding"
    assert stranger.get("/assets/inter-1a2b.woff2").content == b"compressed already"


@pytest.mark.usefixtures("built")
def test_an_asset_of_an_older_build_is_absent_rather_than_a_page(stranger: TestClient):
    answer = stranger.get("/assets/index-0000.js")
    assert (answer.status_code, answer.json()["mend"]) == (404, "Load the page again.")


@pytest.mark.parametrize(
    "path",
    ["/..%2fsecret.txt", "/assets/..%2f..%2fsecret.txt", "/%2e%2e/secret.txt", "/assets/link.js", "//secret.txt"],
)
def test_no_file_beside_the_folder_is_served(built: Path, stranger: TestClient, path: str):
    secret = built.parent / "secret.txt"
    secret.write_text("canary")
    (built / "assets" / "link.js").symlink_to(secret)
    assert "canary" not in stranger.get(path).text
    assert "canary" not in stranger.get(path.replace("secret.txt", str(secret))).text


def test_where_nothing_is_built_a_page_says_how(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(dashboard_files, "_FOLDER", tmp_path / "absent")
    with served(services_in(tmp_path)) as client:
        for path in ("/", "/docs"):
            assert "make web" in client.get(path).text
