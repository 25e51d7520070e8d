"""The configuration document: it loads, and whatever is wrong with it is told with path, fact and mend."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from configuration_mutations import DOCUMENT, MUTATIONS, changed

from tradebot.cli.configured import options_of
from tradebot.cli.main import root
from tradebot.config import ConfigurationError, load


def written(tmp_path: Path, document: Any) -> Path:
    file = tmp_path / "bot.json"
    file.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return file


def checked(file: Path, **environment: str) -> dict[str, Any]:
    return options_of(load(file, environment))


def test_the_document_says_what_the_options_say(tmp_path: Path):
    options = checked(written(tmp_path, DOCUMENT))
    assert options["strategy"] == "RSIBBVolumeEntryMixin+RSIBBExitMixin"
    assert options["cash"] == 1000.0
    assert options["fees"] == "0.001"
    assert options["sizer"] == "fraction:0.1"
    assert options["interval"] == "1h"
    assert options["data"] == ("store:BTCUSDT",)
    assert set(options["limits"]) == {
        "max_positions=1",
        "max_exposure=1.0",
        "max_daily_trades=10",
        "max_daily_loss_amount=50.0",
        "max_drawdown=20.0%",
    }
    assert set(options["protections"]) == {"stop_loss_pct=5.0%", "take_profit_pct=10.0%"}


@pytest.mark.parametrize(
    ("path", "value", "fact", "mend"), MUTATIONS, ids=[f"{path}={value}" for path, value, *_ in MUTATIONS]
)
def test_a_wrong_document_is_refused_with_path_fact_and_mend(
    tmp_path: Path, path: str, value: Any, fact: str, mend: str
):
    file = written(tmp_path, changed(path, value))
    with pytest.raises(ConfigurationError) as caught:
        checked(file)
    told = str(caught.value)
    assert str(file) in told
    assert fact in told
    assert mend in told
    assert "CANARY" not in told
    result = CliRunner().invoke(root, ["config", "validate", str(file)], prog_name="tradebot")
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert "CANARY" not in result.output + result.stderr


def test_there_are_mutations_enough():
    assert len(MUTATIONS) >= 60


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("{", "is no JSON: line 1, column 2"),
        ('{"broker": {},}', "is no JSON: line 1"),
        ("[]", "is no JSON object"),
        ('{"broker": {}, "broker": {}}', "broker: the key comes twice"),
        ('{"broker": NaN}', "broker: NaN is not a number"),
        ("", "is no JSON: line 1, column 1"),
    ],
)
def test_what_is_no_document_is_told_with_its_place(tmp_path: Path, text: str, fact: str):
    with pytest.raises(ConfigurationError) as caught:
        load(written(tmp_path, text), {})
    assert fact in str(caught.value)


def test_every_problem_is_told_at_once(tmp_path: Path):
    document = changed("broker.type", "kraken")
    document["risk_management"]["stop_loss_pct"] = 500
    document["extra"] = 1
    with pytest.raises(ConfigurationError) as caught:
        load(written(tmp_path, document), {})
    assert {problem.path for problem in caught.value.problems} == {
        "broker.type",
        "risk_management.stop_loss_pct",
        "extra",
    }


def test_variables_override_the_file(tmp_path: Path):
    loaded = load(
        written(tmp_path, DOCUMENT),
        {"TRADING_BOT__ENGINE__MODE": "paper", "TRADING_BOT__ENGINE__STRATEGY__PARAMS__TRADE_QUANTITY": "5"},
    )
    assert loaded.configuration.engine.mode == "paper"
    assert options_of(loaded)["sizer"] == "fixed:5"
    assert loaded.origins["engine.mode"] == "TRADING_BOT__ENGINE__MODE"
    assert loaded.origins["broker.type"] == "file"


def test_plain_variables_set_symbols_and_backfill(tmp_path: Path):
    environment = {
        "SYMBOL_MODE": "custom", "SYMBOLS": "aapl, MSFT", "MAX_SYMBOLS": "7", "MAX_WEBSOCKET_SYMBOLS": "3",
        "BACKFILL_BATCH_SIZE": "10", "BACKFILL_CONCURRENT_REQUESTS": "2", "RATE_LIMIT_DELAY": "0.5",
    }  # fmt: skip
    configuration = load(written(tmp_path, DOCUMENT), environment).configuration
    assert configuration.symbols.model_dump() == {
        "mode": "custom", "symbols": ["AAPL", "MSFT"], "max_symbols": 7, "max_websocket_symbols": 3,
    }  # fmt: skip
    assert (configuration.backfill.batch_size, configuration.backfill.concurrent_requests) == (10, 2)
    assert float(configuration.backfill.rate_limit_delay) == 0.5


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        (
            "TRADING_BOT__ENGINE__MODU",
            "paper",
            "TRADING_BOT__ENGINE__MODU (engine.modu): there is no such key. Did you mean TRADING_BOT__ENGINE__MODE?",
        ),
        (
            "TRADING_BOT__BROKER__LEVERAGE",
            "lots",
            'TRADING_BOT__BROKER__LEVERAGE (broker.leverage): "lots" is not a number',
        ),
        ("TRADING_BOT__DATA__SYMBOL", "ETHUSDT", "TRADING_BOT__DATA__SYMBOL (data.symbol): ETHUSDT is read"),
        ("MAX_SYMBOLS", "0", "MAX_SYMBOLS (symbols.max_symbols): 0 is not 1 or more"),
    ],
)
def test_a_wrong_variable_is_named(tmp_path: Path, variable: str, value: str, told: str):
    with pytest.raises(ConfigurationError) as caught:
        load(written(tmp_path, DOCUMENT), {variable: value})
    assert told in str(caught.value)


def test_words_of_what_is_not_built_yet_are_valid_and_told(tmp_path: Path):
    notes = load(written(tmp_path, changed("data.data_source", "ibkr")), {}).notes
    assert 'data.data_source: "ibkr" is not built yet. A backtest runs without it.' in map(str, notes)


def test_a_bot_on_paper_is_built(tmp_path: Path):
    notes = load(written(tmp_path, DOCUMENT), {"TRADING_BOT__ENGINE__MODE": "paper"}).notes
    assert not any(note.path == "engine.mode" for note in notes)


def test_what_a_backtest_goes_without_is_told_in_a_line_for_each_use(tmp_path: Path):
    document = DOCUMENT | {"backfill": {"days": 5}, "api": {"port": 9000}}
    loaded = load(written(tmp_path, document), {"TRADING_BOT__BUS__TYPE": "memory"})
    assert list(map(str, loaded.aside)) == [
        (
            "data.lookback_bars, data.retry_interval, notifications, logging, api, bus: used when the bot runs. "
            "A backtest goes without."
        ),
        "backfill: used when history is downloaded. A backtest goes without.",
    ]


def test_bars_of_the_mock_market_are_as_many_as_the_document_looks_back(tmp_path: Path):
    document = {
        "broker": {"type": "mock"},
        "trading": {"symbol": "BTCUSDT"},
        "data": {"data_source": "mock", "interval": "1h", "lookback_bars": 500},
        "strategy": {"type": "simple_test"},
    }
    loaded = load(written(tmp_path, document), {})
    assert loaded.aside == []
    assert options_of(loaded)["bars"] == 500


def test_validate_and_backtest_say_what_a_backtest_goes_without(tmp_path: Path):
    document = {
        "broker": {"type": "mock"},
        "trading": {"symbol": "BTCUSDT"},
        "data": {"data_source": "mock", "interval": "1h", "lookback_bars": 500},
        "strategy": {"type": "simple_test"},
        "logging": {"level": "DEBUG"},
    }
    file, line = written(tmp_path, document), "Note: logging: used when the bot runs. A backtest goes without.\n"
    validated = CliRunner().invoke(root, ["config", "validate", str(file)], prog_name="tradebot")
    assert line in validated.stdout
    ran = CliRunner().invoke(root, ["backtest", "--config", str(file), "--json", "--no-keep"], prog_name="tradebot")
    assert ran.exit_code == 0, ran.output
    assert line in ran.stderr
    assert json.loads(ran.stdout)["symbol"] == "BTCUSDT"


def test_a_secret_shows_as_asterisks(monkeypatch: pytest.MonkeyPatch):
    from tradebot.config.secrets import secret
    from tradebot.core.errors import ConfigError

    found = secret("BINANCE_API_KEY", {"BINANCE_API_KEY": "very-secret"})
    assert "very" not in f"{found!r} {found}"
    assert found.get_secret_value() == "very-secret"
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    with pytest.raises(ConfigError, match="BINANCE_API_SECRET: the secret is not set"):
        secret("BINANCE_API_SECRET", {})


def test_the_keyring_gives_what_the_environment_lacks(monkeypatch: pytest.MonkeyPatch):
    import keyring

    from tradebot.config.secrets import with_keyring
    from tradebot.core.redaction import Redactor

    monkeypatch.setattr("tradebot.core.redaction._learned", set())
    monkeypatch.setattr(keyring, "get_password", lambda service, name: f"{service} {name}")
    redactor = Redactor()
    assert with_keyring({"A": "here"}, ("A", "B")) == {"A": "here", "B": "tradebot B"}
    assert redactor.text("the key is tradebot B, said the venue") == "the key is ***, said the venue"


def test_the_schema_accepts_the_document():
    result = CliRunner().invoke(root, ["config", "schema"], prog_name="tradebot")
    schema = json.loads(result.output)
    assert set(DOCUMENT) <= set(schema["properties"])
    assert set(schema["required"]) == {"broker", "trading", "data"}
    assert schema["oneOf"][0]["required"] == ["strategy"]


def test_show_tells_where_each_key_comes_from(tmp_path: Path):
    file = written(tmp_path, DOCUMENT)
    result = CliRunner().invoke(
        root, ["config", "show", str(file), "--json"], env={"TRADING_BOT__ENGINE__MODE": "paper"}, prog_name="tradebot"
    )
    shown = json.loads(result.output)
    assert shown["configuration"]["engine"]["mode"] == "paper"
    assert shown["origins"]["engine.mode"] == "TRADING_BOT__ENGINE__MODE"
