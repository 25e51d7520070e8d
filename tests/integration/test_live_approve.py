"""``tradebot live approve`` asks the exchange before a person can approve anything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from local_exchange import Running, running
from tradebot.brokers.binance import account
from tradebot.cli.main import root
from tradebot.store.approvals import Approvals

DOCUMENT: dict[str, Any] = {
    "broker": {"type": "binance", "market": "usdm", "host": "local"},
    "trading": {"symbol": "BTCUSDT", "position_size": 0.1},
    "data": {"data_source": "binance", "interval": "1m"},
    "strategy": {"type": "sma_cross"},
}


@pytest.fixture(scope="module")
def venue() -> Iterator[Running]:
    with running() as exchange:
        yield exchange


@pytest.fixture(autouse=True)
def exchange(venue: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Running:
    monkeypatch.setenv("TRADEBOT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TRADEBOT_BINANCE_URL", venue.url)
    monkeypatch.setenv("BINANCE_LOCAL_API_KEY", venue.key)
    monkeypatch.setenv("BINANCE_LOCAL_API_SECRET", venue.secret)
    monkeypatch.chdir(tmp_path)
    return venue


def approve(*words: str, symbol: str = "BTCUSDT", **broker: Any) -> Result:
    document = DOCUMENT | {"broker": DOCUMENT["broker"] | broker, "trading": {"symbol": symbol, "position_size": 0.1}}
    Path("bot.json").write_text(json.dumps(document))
    return CliRunner().invoke(root, ["live", "approve", "bot.json", "--symbols", symbol, *words], prog_name="tradebot")


def refused(found: Result, *facts: str) -> None:
    """One sentence, the exit code of a misuse, and no approval."""
    assert found.exit_code == 2, found.output
    assert found.stderr.startswith("Error: ")
    for fact in facts:
        assert fact in found.stderr
    assert Approvals().history() == []


def test_where_it_will_trade_and_what_stands_there_is_shown_before_it_is_approved(exchange: Running):
    found = approve()
    assert found.exit_code == 0, found.output
    assert "This will trade on a local exchange, without real money" in found.stderr
    assert f"binance local, {exchange.url}" in found.stderr
    assert "10,000.00000000 USDT; 0 positions and 0 orders open" in found.stderr
    assert [each.symbols for each in Approvals().history()] == [("BTCUSDT",)]
    assert exchange.ledger()["placedByClientId"] == {}


def test_an_exchange_that_does_not_answer(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRADEBOT_BINANCE_URL", "http://127.0.0.1:9")
    refused(approve(), "http://127.0.0.1:9: no answer", "Nothing was approved.")


def test_keys_that_are_missing_or_wrong(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BINANCE_LOCAL_API_SECRET", "canary")
    refused(approve(), "BINANCE_LOCAL_API_SECRET", "Nothing was approved.")
    monkeypatch.delenv("BINANCE_LOCAL_API_SECRET")
    refused(approve(), "BINANCE_LOCAL_API_SECRET is not set", "Nothing was approved.")


def test_a_symbol_that_is_not_listed():
    refused(approve(symbol="NOSUCHUSDT"), "NOSUCHUSDT", "Nothing was approved.")


def test_a_key_that_may_withdraw(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(account, "_FORBIDDEN", {"enableReading": "withdraw"})
    refused(approve(), "the key: it may withdraw", "Nothing was approved.")


def test_spot_with_real_money_that_was_not_rehearsed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("TRADEBOT_BINANCE_URL")
    refused(approve(host="live", market="spot"), "broker.market: spot has not been rehearsed", "live rehearse CONFIG")


def test_a_document_that_trades_for_real_without_the_variable_is_not_approved_by_it():
    refused(approve(host=None), "broker.host: it is not named, and the environment leads to a local exchange")
