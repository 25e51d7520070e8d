"""Host, mode and key belong together: nothing that is tried out can reach real money."""

from __future__ import annotations

import sys

import pytest

from tradebot.brokers.binance.rest import BinanceRest
from tradebot.core.errors import ConfigError
from tradebot.feeds.binance_stream import BinanceFeed
from tradebot.venues.binance import BinanceHost

KEYS = {"BINANCE_API_KEY": "live-key", "BINANCE_API_SECRET": "live-secret"}
DEMO = {"BINANCE_DEMO_API_KEY": "demo-key", "BINANCE_DEMO_API_SECRET": "demo-secret"}


def test_each_mode_has_its_own_host_and_its_own_keys() -> None:
    live, demo = BinanceHost.of("live"), BinanceHost.of("demo")
    assert (live.rest, demo.rest) == ("https://fapi.binance.com", "https://demo-fapi.binance.com")
    assert live.credentials(KEYS | DEMO) == ("live-key", "live-secret")
    assert demo.credentials(KEYS | DEMO) == ("demo-key", "demo-secret")


def test_a_missing_key_is_named() -> None:
    with pytest.raises(ConfigError, match="BINANCE_DEMO_API_KEY is not set"):
        BinanceHost.of("demo").credentials(KEYS)


def test_a_live_key_under_the_name_of_another_mode_is_refused() -> None:
    wrong = {"BINANCE_DEMO_API_KEY": "live-key", "BINANCE_DEMO_API_SECRET": "live-secret"}
    with pytest.raises(ConfigError, match="BINANCE_DEMO_API_KEY: it is the same as BINANCE_API_KEY"):
        BinanceHost.of("demo").credentials(KEYS | wrong)


@pytest.mark.parametrize("url", ["https://fapi.binance.com", "http://10.0.0.1:80", "http://127.0.0.1.evil.com", ""])
def test_a_local_exchange_is_on_this_machine(url: str) -> None:
    with pytest.raises(ConfigError, match="is no address on this machine"):
        BinanceHost.of("local", url=url)


def test_an_address_of_our_own_and_a_mode_with_one_contradict_each_other() -> None:
    with pytest.raises(ConfigError, match="TRADEBOT_BINANCE_URL"):
        BinanceHost.of_environment({"TRADEBOT_BINANCE_URL": "http://127.0.0.1:8765"}, "live")


def test_every_address_of_a_client_leads_to_the_host_or_nowhere() -> None:
    local = BinanceHost.of("local", url="http://127.0.0.1:8765")
    table = {
        "fapiPrivate": "https://fapi.binance.com/fapi/v1",
        "sapi": "https://api.binance.com/sapi/v1",
        "private": "https://api.binance.com/api/v3",
        "test": {"dapiPublic": "https://testnet.binancefuture.com/dapi/v1"},
    }
    assert local.remapped(table) == {
        "fapiPrivate": "http://127.0.0.1:8765/fapi/v1",
        "sapi": "http://127.0.0.1:8765/sapi/v1",
        "private": "local:no-such-host",
        "test": {"dapiPublic": "local:no-such-host"},
    }


@pytest.mark.parametrize("make", [lambda host: BinanceRest(host, "key", "secret"), BinanceFeed], ids=["broker", "feed"])
def test_a_missing_extra_is_one_sentence(make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ccxt.async_support", None)
    with pytest.raises(ConfigError, match=r"is not installed[.] Install it: pip install 'tradebot\[binance\]'[.]"):
        make(BinanceHost.of("local", url="http://127.0.0.1:9"))
