"""Universes and their filters."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from loopback import loopback
from tradebot.cli.main import root
from tradebot.core.asset_facts import AssetFacts
from tradebot.core.errors import ConfigError, DataError
from tradebot.feeds.alpaca import AlpacaHistory
from tradebot.feeds.binance import BinanceHistory
from tradebot.store.symbols import Filters, cached_assets, is_standard, universe

DAY = 86_400_000_000_000


def asset(symbol: str, name: str = "A Company", **facts: object) -> AssetFacts:
    return AssetFacts(symbol=symbol, name=name, **({"venue": "NASDAQ"} | facts))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("symbol", "name", "standard"),
    [
        ("AAPL", "Apple Inc. Common Stock", True),
        ("BRK.B", "Berkshire Hathaway Inc.", True),
        ("SPY", "SPDR S&P 500 ETF Trust", True),
        ("GOOGL", "Alphabet Inc. Class A", True),
        ("RIGL", "Rigel Pharmaceuticals", True),
        ("ABCDW", "Anything", False),
        ("ABCDR", "Anything", False),
        ("ABCDU", "Anything", False),
        ("BAC.WS", "Bank of America Warrants", False),
        ("XYZ", "Xyz Corp Warrant", False),
        ("XYZ", "Xyz Rights", False),
        ("ZVZZT", "Nasdaq Test", False),
        ("SPAC", "Something Acquisition Corp. II", False),
        ("brk/b", "Berkshire", False),
    ],
)
def test_ordinary_shares_and_funds_are_told_from_the_rest(symbol: str, name: str, standard: bool):
    assert is_standard(asset(symbol, name)) is standard


def test_filters_leave_out_what_cannot_be_traded():
    assets = [
        asset("GOOD", price=Decimal(10)), asset("DEAD", active=False), asset("HALT", tradable=False),
        asset("PINK", venue="OTC"), asset("DEAR", price=Decimal(5000)), asset("OPEN"),
    ]  # fmt: skip
    found = universe("all", assets, filters=Filters(lowest_price=Decimal(5), highest_price=Decimal(1000)))
    assert [each.symbol for each in found] == ["GOOD", "OPEN"]


def test_classes_go_by_capitalisation():
    sizes = {"BIG": 10**10, "MID": 2 * 10**9, "TINY": 10**8, "SMAL": 3 * 10**8}
    assets = [asset(symbol, market_cap=Decimal(size)) for symbol, size in sizes.items()]
    assert {mode: [each.symbol for each in universe(mode, assets)] for mode in ("large", "mid", "small")} == {
        "large": ["BIG"], "mid": ["MID"], "small": ["SMAL"],
    }  # fmt: skip
    with pytest.raises(ConfigError, match="the provider tells no market capitalisation"):
        universe("large", [asset("AAPL")])


def test_custom_markets_must_be_there():
    assets = [asset("AAPL"), asset("MSFT"), asset("DEAD", active=False)]
    assert [each.symbol for each in universe("custom", assets, custom=["MSFT"])] == ["MSFT"]
    with pytest.raises(ConfigError, match='symbol AAPPL: the provider does not have it. Did you mean "AAPL"'):
        universe("custom", assets, custom=["AAPPL"])
    with pytest.raises(ConfigError, match="symbol DEAD: it is not tradable or filtered out"):
        universe("custom", assets, custom=["DEAD"])
    with pytest.raises(ConfigError, match="the custom universe has no markets"):
        universe("custom", assets)


def test_a_list_is_kept_for_a_day(tmp_path: Path):
    asked: list[int] = []

    def fetch() -> list[AssetFacts]:
        asked.append(1)
        return [asset("AAPL")]

    cached_assets("x", tmp_path, fetch, now=0)
    cached_assets("x", tmp_path, fetch, now=DAY - 1)
    assert len(asked) == 1
    cached_assets("x", tmp_path, fetch, now=DAY)
    assert len(asked) == 2
    (tmp_path / "assets-x.json").write_bytes(b"{damaged")
    assert cached_assets("x", tmp_path, fetch, now=DAY + 1).assets == (asset("AAPL"),)


def test_a_provider_that_is_down_leaves_the_last_list(tmp_path: Path):
    def down() -> list[AssetFacts]:
        raise DataError("no answer", place="provider x")

    with pytest.raises(DataError, match="no answer"):
        cached_assets("x", tmp_path, down, now=0)
    cached_assets("x", tmp_path, lambda: [asset("AAPL")], now=0)
    old = cached_assets("x", tmp_path, down, now=9 * DAY)
    assert old.assets == (asset("AAPL"),)
    assert "The list of 1970-01-01T00:00:00Z is used." in old.note


def test_binance_tells_its_markets():
    def row(symbol: str, status: str, contract: str) -> dict[str, str]:
        return {"symbol": symbol, "baseAsset": "X", "quoteAsset": "USDT", "status": status, "contractType": contract}

    rows = [
        row("BTCUSDT", "TRADING", "PERPETUAL"),
        row("BTCUSDT_240628", "TRADING", "CURRENT_QUARTER"),
        row("LUNAUSDT", "SETTLING", "PERPETUAL"),
    ]

    async def ask(url: str) -> list[AssetFacts]:
        source = BinanceHistory(environment={}, base_url=url)
        try:
            return await source.assets()
        finally:
            await source.close()

    with loopback(lambda path, query: {"symbols": rows}) as server:
        found = asyncio.run(ask(server.url))
    assert [(each.symbol, each.active, each.tradable) for each in found] == [
        ("BTCUSDT", True, True), ("BTCUSDT_240628", True, False), ("LUNAUSDT", False, False),
    ]  # fmt: skip


def test_alpaca_tells_its_markets():
    row = {"id": "x", "class": "us_equity", "exchange": "NASDAQ", "symbol": "AAPL", "name": "Apple Inc."}
    row |= {"status": "active", "tradable": True, "shortable": True}

    async def ask(url: str) -> list[AssetFacts]:
        source = AlpacaHistory(environment={"APCA_API_KEY_ID": "k", "APCA_API_SECRET_KEY": "s"}, base_url=url)
        return await source.assets()

    with loopback(lambda path, query: [row]) as server:
        (found,) = asyncio.run(ask(server.url))
    assert (found.symbol, found.venue, found.shortable) == ("AAPL", "NASDAQ", True)


def run(*words: str, **environment: str) -> tuple[int, str]:
    result = CliRunner().invoke(root, list(words), env=environment, prog_name="tradebot")
    return result.exit_code, result.output + result.stderr


def test_the_environment_stands_for_the_options(tmp_path: Path):
    home = {"TRADEBOT_HOME": str(tmp_path)}
    code, told = run("symbols", "list", "--json", **home, SYMBOL_MODE="large", MAX_SYMBOLS="3")
    assert code == 0
    assert len(json.loads(told)["symbols"]) == 3
    code, told = run("symbols", "list", **home, MAX_SYMBOLS="many")
    assert (code, "MAX_SYMBOLS" in told) == (2, True)
    code, told = run("symbols", "list", "custom", "--json", **home, SYMBOLS="mockusdt")
    assert json.loads(told)["symbols"][0]["symbol"] == "MOCKUSDT"


def test_samples_ask_no_provider_for_sizes_it_does_not_tell(tmp_path: Path):
    _, told = run("symbols", "samples", "--folder", str(tmp_path), "--json")
    documents = [json.loads(Path(file).read_text()) for file in json.loads(told)["files"]]
    modes = {each["symbols"]["mode"] for each in documents if each["data"]["data_source"] != "mock"}
    assert modes == {"popular", "all", "custom"}


def test_samples_are_written_all_or_none(tmp_path: Path):
    (tmp_path / "testing.json").write_text("mine")
    assert run("symbols", "samples", "--folder", str(tmp_path))[0] == 2
    assert [file.name for file in tmp_path.iterdir()] == ["testing.json"]


def test_samples_are_valid_configurations(tmp_path: Path):
    code, told = run("symbols", "samples", "--folder", str(tmp_path / "ready"), "--json")
    assert code == 0
    files = json.loads(told)["files"]
    assert [Path(file).stem for file in files] == ["popular", "all-stocks", "large-cap", "testing"]
    for file in files:
        assert run("config", "validate", file)[0] == 0
    assert run("symbols", "samples", "--folder", str(tmp_path / "ready"))[0] == 2
