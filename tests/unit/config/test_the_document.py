"""The configuration document: it loads, and whatever is wrong with it is told with path, fact and mend."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tradebot.cli.configured import options_of
from tradebot.cli.main import root
from tradebot.config import ConfigurationError, load

ROOT = Path(__file__).parents[3]
DOCUMENT = json.loads((ROOT / "config.example.json").read_text(encoding="utf-8"))
MISSING = "(missing)"


def written(tmp_path: Path, document: Any) -> Path:
    file = tmp_path / "bot.json"
    file.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return file


def checked(file: Path, **environment: str) -> dict[str, Any]:
    return options_of(load(file, environment))


def changed(path: str, value: Any) -> dict[str, Any]:
    """The document with one key set, removed or added."""
    document = copy.deepcopy(DOCUMENT)
    *sections, key = path.split(".")
    here = document
    for name in sections:
        here = here[name]
    if value == MISSING:
        del here[key]
    else:
        here[key] = value
    return document


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


# Path of the key, its new value, what the sentence must say, and how it must end: the path, the fact and the mend.
MUTATIONS: list[tuple[str, Any, str, str]] = [
    # typing errors
    ("brokr", {}, "brokr: there is no such key", 'Did you mean "broker"?'),
    ("broker.typ", "mock", "broker.typ: there is no such key", 'Did you mean "type"?'),
    ("broker.comission", 0.001, "broker.comission: there is no such key", 'Did you mean "commission"?'),
    ("trading.simbol", "X", "trading.simbol: there is no such key", "Did you mean"),
    ("trading.max_drawdown", 20, "trading.max_drawdown: there is no such key", 'Did you mean "max_drawdown_pct"?'),
    ("data.intervall", "1h", "data.intervall: there is no such key", 'Did you mean "interval"'),
    ("data.lookback", 5, "data.lookback: there is no such key", 'Did you mean "lookback_bars"?'),
    ("strategy.entry", {}, "strategy.entry: there is no such key", 'Did you mean "entry_logic"?'),
    ("strategy.entry_logic.nme", "X", "strategy.entry_logic.nme: there is no such key", 'Did you mean "name"?'),
    (
        "risk_management.stop_los_pct",
        5,
        "risk_management.stop_los_pct: there is no such key",
        'Did you mean "stop_loss_pct"',
    ),
    ("risk_management.trailing_stop.trailing", 2, "there is no such key", "Did you mean"),
    ("notifications.telegramm", {}, "notifications.telegramm: there is no such key", 'Did you mean "telegram"?'),
    ("logging.lvl", "INFO", "logging.lvl: there is no such key", "Did you mean"),
    # words
    ("broker.type", "binanc_paper", 'broker.type: "binanc_paper" is not among', 'Did you mean "binance_paper"'),
    ("broker.type", "kraken", 'broker.type: "kraken" is not among', "Choose one of them."),
    ("broker.market", "future", 'broker.market: "future" is not among spot, usdm', "Choose one of them."),
    ("data.data_source", "binanse", 'data.data_source: "binanse" is not among', 'Did you mean "binance"?'),
    ("data.interval", "1hour", 'data.interval: "1hour" is not an interval', "Write it as 1m, 5m"),
    ("data.interval", "0h", 'data.interval: "0h" is not an interval', "Write it as 1m, 5m"),
    ("data.symbol", "BTC USDT", 'data.symbol: "BTC USDT" is not a symbol', "Write it as BTCUSDT or SPY."),
    ("logging.level", "LOUD", 'logging.level: "LOUD" is not among', "Choose one of them."),
    ("notifications.telegram.notify_on", ["trade_enter"], '"trade_enter" is not among', 'Did you mean "trade_entry"'),
    (
        "strategy.entry_logic.name",
        "RSIBBVolumEntryMixin",
        "no entry mixin is called",
        'Did you mean "RSIBBVolumeEntryMixin"',
    ),
    (
        "strategy.exit_logic.name",
        "ATRExit",
        'strategy.exit_logic.name: no exit mixin is called "ATRExit"',
        '"ATRExitMixin"',
    ),
    ("strategy.exit_logic.name", "RSIBBEntryMixin", '"RSIBBEntryMixin" is an entry', "Choose one of"),
    (
        "strategy.entry_logic.params.e_rsi_perod",
        14,
        "params.e_rsi_perod: there is no such parameter",
        'Did you mean "e_rsi_period"',
    ),
    ("strategy.exit_logic.params.rsi", 14, "params.rsi: there is no such parameter", "There are e_rsi_period"),
    # kinds of values
    ("broker", [], "broker: a list is not an object", "Write an object."),
    (
        "broker.initial_balance",
        "1000",
        'broker.initial_balance: "1000" is not a number',
        "Write a number, without quotes.",
    ),
    ("broker.initial_balance", True, "broker.initial_balance: true is not a number", "Write a number, without quotes."),
    ("trading.max_positions", 1.5, "trading.max_positions: 1.5 is not a whole number", "Write a whole number."),
    ("trading.max_positions", "one", 'trading.max_positions: "one" is not a whole number', "Write a whole number."),
    ("trading.symbol", 5, "trading.symbol: 5 is not a symbol", "Write it as BTCUSDT or SPY."),
    ("data.lookback_bars", None, "data.lookback_bars: null is not a whole number", "Write a whole number."),
    ("notifications.enabled", "yes", 'notifications.enabled: "yes" is not true or false', "Write true or false."),
    ("notifications.telegram.notify_on", "error", 'notify_on: "error" is not a list', "Write a list."),
    ("strategy.entry_logic.params", 5, "strategy.entry_logic.params: 5 is not an object", "Write an object."),
    ("strategy.entry_logic.params.e_rsi_period", "14", "strategy.entry_logic.params.e_rsi_period:", ""),
    ("logging.log_file", 7, "logging.log_file: 7 is not text", "Write text."),
    # out of range
    ("broker.initial_balance", 0, "broker.initial_balance: 0 is not above 0", "Correct the number."),
    ("broker.commission", 1.5, "broker.commission: 1.5 is not below 1", "Did you mean 0.015?"),
    ("broker.commission", -0.001, "broker.commission: -0.001 is not 0 or more", "Correct the number."),
    ("broker.leverage", 0.5, "broker.leverage: 0.5 is not 1 or more", "Correct the number."),
    ("trading.position_size", -0.1, "trading.position_size: -0.1 is not above 0", "Correct the number."),
    ("trading.max_positions", 0, "trading.max_positions: 0 is not 1 or more", "Correct the number."),
    ("trading.max_drawdown_pct", 2000, "trading.max_drawdown_pct: 2000 is not below 100", "Did you mean 20?"),
    ("data.lookback_bars", 0, "data.lookback_bars: 0 is not 1 or more", "Correct the number."),
    ("data.retry_interval", 0, "data.retry_interval: 0 is not above 0", "Correct the number."),
    ("risk_management.stop_loss_pct", 500, "risk_management.stop_loss_pct: 500 is not 100 or less", "Did you mean 5?"),
    ("risk_management.stop_loss_pct", -5, "risk_management.stop_loss_pct: -5 is not above 0", "5.0 means 5 %."),
    (
        "risk_management.max_daily_trades",
        0,
        "risk_management.max_daily_trades: 0 is not 1 or more",
        "Correct the number.",
    ),
    ("notifications.email.smtp_port", 70000, "notifications.email.smtp_port: 70000 is not 65535 or less", ""),
    ("strategy.entry_logic.params.e_rsi_period", 1, "strategy.entry_logic.params.e_rsi_period: 1 is", ""),
    (
        "strategy.params",
        {"trade_quantity": -5},
        "strategy.params.trade_quantity: -5 is not a positive number",
        "Write the units",
    ),
    # contradictions
    ("data.symbol", "ETHUSDT", "data.symbol: ETHUSDT is read and BTCUSDT is traded", "Name the same markets"),
    ("trading.symbols", ["BTCUSDT"], "trading.symbols: symbol and symbols are both given", "Give one of them."),
    ("strategy.position_size", 0.2, "strategy.position_size: 0.2 contradicts trading.position_size 0.1", "Give one"),
    ("trading.max_exposure", 0.05, "trading.position_size: 0.1 is above trading.max_exposure 0.05", "Lower it"),
    ("trading.max_positions", 3, "trading.max_positions: 3 is more than the 1 markets", "Lower it"),
    ("trading.max_drawdown_pct", 0.1, "risk_management.stop_loss_pct: one stop of 5.0 % on 0.1", "Lower it"),
    (
        "risk_management.max_daily_loss",
        5000,
        "risk_management.max_daily_loss: 5000 is all of broker.initial_balance",
        "Lower it.",
    ),
    (
        "risk_management.trailing_stop",
        {"enabled": True, "activation_pct": 12.0},
        "12.0 is not below take_profit_pct 10.0",
        "Lower it",
    ),
    ("broker.commission", 0.06, "two fees of 6 % eat the target of 10.0 %", "0.001 is 0.1 %."),
    ("broker.leverage", 5, "broker.leverage: a spot market is traded without: 5", 'Write "market": "usdm".'),
    ("strategy.type", "sma_cross", "strategy.entry_logic: the strategy sma_cross has none", "Leave it out"),
    ("engine", {"mode": "live"}, "engine.mode: live contradicts the simulated broker binance_paper", "Choose paper"),
    ("data.timeframes", ["15m"], "data.timeframes.0: 15m is shorter than data.interval 1h", "Give longer ones."),
    ("data.tf_roles", {"4h": "HTF"}, "data.tf_roles.4h: it is not among data.timeframes", "Add it there."),
    ("notifications.telegram.notify_on", [], "it is enabled and never told of anything", "Name occasions."),
    ("notifications.email.enabled", True, "notifications.email.to: is missing", "E-mail needs it."),
    ("engine", {"strategy": {"type": "sma_cross"}}, "engine.strategy: strategy is given as well", "Give one of them."),
    # missing parts
    ("broker", MISSING, "broker: is missing", "Add it: where orders go"),
    ("broker.type", MISSING, "broker.type: is missing", "Add it: the broker"),
    ("trading", MISSING, "trading: is missing", "Add it: what is traded"),
    ("data", MISSING, "data: is missing", "Add it: where bars come from"),
    ("data.interval", MISSING, "data.interval: is missing", "Add it: length of a bar"),
    ("strategy", MISSING, "strategy: is missing", "Add it: what decides"),
    ("strategy.entry_logic", MISSING, "strategy.entry_logic: is missing", "A custom strategy has both"),
    ("strategy.exit_logic.name", MISSING, "strategy.exit_logic.name: is missing", "Add it: the mixin"),
    # secrets
    ("broker.api_key", "AKIA-SECRET", "broker.api_key: a secret does not belong into a file", "BROKER_API_KEY"),
    ("notifications.telegram.bot_token", "12:ab-SECRET", "a secret does not belong into a file", "environment"),
]


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
    assert "SECRET" not in told
    result = CliRunner().invoke(root, ["config", "validate", str(file)], prog_name="tradebot")
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert "SECRET" not in result.output + result.stderr


def test_there_are_mutations_enough():
    assert len(MUTATIONS) >= 60


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("{", "is no JSON: line 1, column 2"),
        ('{"broker": {},}', "is no JSON: line 1"),
        ("[]", "is no JSON object"),
        ('{"broker": {}, "broker": {}}', 'the key "broker" comes twice'),
        ('{"broker": NaN}', "NaN is not a number"),
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
            'TRADING_BOT__ENGINE__MODU (engine.modu): there is no such key. Did you mean "mode"?',
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

    monkeypatch.setattr(keyring, "get_password", lambda service, name: f"{service} {name}")
    assert with_keyring({"A": "here"}, ("A", "B")) == {"A": "here", "B": "tradebot B"}


def test_the_schema_accepts_the_document():
    result = CliRunner().invoke(root, ["config", "schema"], prog_name="tradebot")
    schema = json.loads(result.output)
    assert set(DOCUMENT) <= set(schema["properties"])
    assert set(schema["required"]) == {"broker", "trading", "data", "strategy"}


def test_show_tells_where_each_key_comes_from(tmp_path: Path):
    file = written(tmp_path, DOCUMENT)
    result = CliRunner().invoke(
        root, ["config", "show", str(file), "--json"], env={"TRADING_BOT__ENGINE__MODE": "paper"}, prog_name="tradebot"
    )
    shown = json.loads(result.output)
    assert shown["configuration"]["engine"]["mode"] == "paper"
    assert shown["origins"]["engine.mode"] == "TRADING_BOT__ENGINE__MODE"
