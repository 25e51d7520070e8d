"""Variables that set keys, and variables that look as if they did."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from configuration_mutations import DOCUMENT

from tradebot.config import ConfigurationError, load


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "bot.json"
    path.write_text(json.dumps(DOCUMENT))
    return path


@pytest.mark.parametrize(
    ("variable", "told"),
    [
        ("TRADING_BOT_ENGINE_MODE", "there is no such variable. Did you mean TRADING_BOT__ENGINE__MODE?"),
        ("TRADINGBOT__ENGINE__MODE", "there is no such variable. Did you mean TRADING_BOT__ENGINE__MODE?"),
        ("TRADEBOT__ENGINE__MODE", "there is no such variable. Did you mean TRADING_BOT__ENGINE__MODE?"),
        ("trading_bot__engine__mode", "there is no such variable. Did you mean TRADING_BOT__ENGINE__MODE?"),
        ("TRADING_BOT_BROKER_INITIAL_BALANCE", "Did you mean TRADING_BOT__BROKER__INITIAL_BALANCE?"),
        ("TRADING_BOT__ENGIN__MODE", "(engin.mode): there is no such key. Did you mean TRADING_BOT__ENGINE__MODE?"),
        ("TRADING_BOT__ENGINE_MODE", "(engine_mode): there is no such key. Did you mean TRADING_BOT__ENGINE__MODE?"),
        ("TRADING_BOT__ENGINE__MODE__X", "(engine.mode.x): there is no such key. Did you mean"),
        ("TRADING_BOT__RISK__STOP_LOSS_PCT", "Did you mean TRADING_BOT__RISK_MANAGEMENT__STOP_LOSS_PCT?"),
        ("TRADING_BOT__WEATHER", "there is no such key. Variables are spelled TRADING_BOT__SECTION__KEY"),
        ("TRADING_BOT__", "there is no such key. Variables are spelled TRADING_BOT__SECTION__KEY"),
    ],
)
def test_a_variable_that_sets_nothing_is_named_with_the_nearest_one(file: Path, variable: str, told: str):
    with pytest.raises(ConfigurationError) as caught:
        load(file, {variable: "paper"})
    assert f"{file}: {variable}" in str(caught.value)
    assert told in str(caught.value)


def test_variables_of_other_programs_are_left_alone(file: Path):
    load(file, {"TRADEBOT_HOME": "/x", "TRADEBOT_DEBUG": "1", "TRADING": "1", "BOT__ENGINE__MODE": "paper"})


@pytest.mark.parametrize("name", ["API_KEY", "APIKEY", "SECRET_KEY", "TOKEN"])
def test_a_secret_in_a_variable_of_the_document_is_refused_and_not_repeated(file: Path, name: str):
    with pytest.raises(ConfigurationError) as caught:
        load(file, {f"TRADING_BOT__BROKER__{name}": "CANARY"})
    assert "a secret has a variable of its own" in str(caught.value)
    assert "CANARY" not in str(caught.value)


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("TRADING_BOT__BROKER__INITIAL_BALANCE", "1e99999999999999999999", "is out of range"),
        ("MAX_SYMBOLS", "1e99999999999999999999", "MAX_SYMBOLS (symbols.max_symbols): 1e99999999999999999999 is out"),
        ("TRADING_BOT__BROKER__COMMISSION", "NaN", "(broker.commission): NaN is not a number"),
        ("TRADING_BOT__DESCRIPTION", "\udc80", "(description): it holds half a surrogate pair"),
        ("TRADING_BOT__DATA__SYMBOL", "[" * 100_000, '(data.symbol): "[[['),
        ("TRADING_BOT__DATA__TIMEFRAMES", "[" * 100_000, '(data.timeframes): "[[['),
        ("TRADING_BOT__BROKER", '{"type": "mock", "type": "binance"}', "(broker): the key comes twice"),
    ],
)
def test_a_value_that_cannot_be_taken_is_told_by_its_variable(file: Path, variable: str, value: str, told: str):
    with pytest.raises(ConfigurationError) as caught:
        load(file, {variable: value})
    assert told in str(caught.value)
    assert len(str(caught.value)) < 300


def test_two_variables_of_one_key_are_refused(file: Path):
    both = {"TRADING_BOT__STRATEGY__TYPE": "custom", "TRADING_BOT__ENGINE__STRATEGY__TYPE": "custom"}
    with pytest.raises(ConfigurationError, match="TRADING_BOT__ENGINE__STRATEGY__TYPE is given as well"):
        load(file, both)


def test_text_that_looks_like_a_number_stays_text_where_the_key_is_text(file: Path):
    environment = {"TRADING_BOT__NOTIFICATIONS__TELEGRAM__CHAT_ID": "-100123", "TRADING_BOT__VERSION": "2"}
    configuration = load(file, environment).configuration
    assert (configuration.notifications.telegram.chat_id, configuration.version) == ("-100123", "2")


def test_null_takes_a_key_back(file: Path):
    environment = {"TRADING_BOT__LOGGING__LOG_FILE": "null", "TRADING_BOT__RISK_MANAGEMENT__STOP_LOSS_PCT": "null"}
    configuration = load(file, environment).configuration
    assert (configuration.logging.log_file, configuration.risk_management.stop_loss_pct) == (None, None)


def test_a_variable_does_not_hide_what_is_wrong_in_the_file(tmp_path: Path):
    path = tmp_path / "bot.json"
    path.write_text(json.dumps(DOCUMENT | {"engine": 5}))
    with pytest.raises(ConfigurationError, match="engine: 5 is not an object"):
        load(path, {"TRADING_BOT__ENGINE__MODE": "paper"})
