"""The example document, and changes of one key that make it wrong."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

DOCUMENT = json.loads((Path(__file__).parents[2] / "config.example.json").read_text(encoding="utf-8"))
MISSING = "(missing)"


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
    (
        "broker.api_key",
        "AKIA-CANARY",
        "broker.api_key: (not shown) a secret does not belong into a file",
        "(BINANCE_API_KEY",
    ),
    (
        "broker.apiKey",
        "AKIA-CANARY",
        "broker.apiKey: (not shown) a secret does not belong into a file",
        "(BINANCE_API_KEY",
    ),
    (
        "broker.secretKey",
        {"a": "CANARY"},
        "broker.secretKey: (not shown) a secret does not belong into a file",
        "environment",
    ),
    (
        "notifications.email.smtpPassword",
        "CANARY",
        "email.smtpPassword: (not shown) a secret does not",
        "(SMTP_PASSWORD)",
    ),
    (
        "notifications.telegram.botToken",
        "12:ab-CANARY",
        "telegram.botToken: (not shown) a secret does not",
        "(TELEGRAM_BOT_TOKEN)",
    ),
    ("data.keys", [{"api-key": "CANARY"}], "data.keys.0.api-key: (not shown) a secret does not belong", "the keyring"),
    (
        "strategy.entry_logic.params.accessToken",
        "CANARY",
        "params.accessToken: (not shown) a secret does not",
        "environment",
    ),
    (
        "description",
        "redis://user:CANARY@host/0",
        "description: it holds a password, which does not belong into a file",
        "Leave user and password out",
    ),
    ("notifications.telegram.bot_token", "12:ab-CANARY", "a secret does not belong into a file", "environment"),
]
