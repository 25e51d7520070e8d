"""What a proxy says of whoever asks is believed where it is trusted, and nowhere else."""

from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from httpx2 import Client

from served_api import API, served_over_http, services_in
from tradebot.api.serving import settings_of
from tradebot.api.settings import ApiSettings
from tradebot.core.errors import ConfigError

PASSWORD = "correct horse battery staple"


def server(folder: Path, *proxies: str) -> AbstractContextManager[Client]:
    settings = ApiSettings(operator_password=PASSWORD, trusted_proxies=proxies)
    return served_over_http(services_in(folder), settings)


def cookie_of(client: Client, scheme: str) -> str:
    answer = client.post(f"{API}/session", json={"password": PASSWORD}, headers={"X-Forwarded-Proto": scheme})
    assert answer.status_code == 200
    return answer.headers["set-cookie"].lower()


def test_the_sessions_cookie_goes_by_https_alone_where_the_browser_came_by_https(tmp_path: Path):
    with server(tmp_path, "127.0.0.1") as client:
        assert "; secure" in cookie_of(client, "https")
        assert "; secure" not in cookie_of(client, "http")
    with server(tmp_path, "10.0.0.0/8") as client:
        assert "; secure" not in cookie_of(client, "https")


def statuses(client: Client) -> list[int]:
    """Of wrong passwords, each of which claims to come from elsewhere."""
    return [
        client.post(
            f"{API}/session", json={"password": "not that one"}, headers={"X-Forwarded-For": f"192.0.2.{number}"}
        ).status_code
        for number in range(6)
    ]


def test_nobody_gets_more_tries_at_a_password_by_claiming_to_be_others(tmp_path: Path):
    with server(tmp_path) as client:
        assert statuses(client) == [401] * 5 + [429]
    with server(tmp_path, "127.0.0.1") as client:
        assert statuses(client) == [401] * 6


def test_proxies_are_addresses_or_networks():
    named = settings_of("127.0.0.1", 0, {"TRADEBOT_API_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8,::1"})
    assert named.trusted_proxies == ("127.0.0.1", "10.0.0.0/8", "::1")
    assert settings_of("127.0.0.1", 0, {}).trusted_proxies == ()
    for wrong in ("*", "proxy.example.org", "10.0.0.1/8"):
        with pytest.raises(ConfigError, match="TRADEBOT_API_TRUSTED_PROXIES"):
            settings_of("127.0.0.1", 0, {"TRADEBOT_API_TRUSTED_PROXIES": wrong})
