"""A file that is no document: one sentence with the place, whatever is wrong with its bytes, numbers or text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from configuration_mutations import DOCUMENT

from tradebot.cli.main import root

TEXT = json.dumps(DOCUMENT, indent=1)
BALANCE = '"initial_balance": 1000.0'
DEEP = 100_000


def told(tmp_path: Path, data: str | bytes, **environment: str) -> str:
    """What `config validate` says of a file it must refuse."""
    file = tmp_path / "bot.json"
    file.write_bytes(data if isinstance(data, bytes) else data.encode())
    result = CliRunner().invoke(root, ["config", "validate", str(file)], prog_name="tradebot", env=environment)
    assert result.exit_code == 2, result.output
    said = result.output.removeprefix(f"Error: {file}: ")
    assert len(said.splitlines()) == 1
    assert "Traceback" not in said
    return said


def changed(old: str, new: str) -> str:
    assert old in TEXT
    return TEXT.replace(old, new, 1)


@pytest.mark.parametrize(
    ("number", "fact"),
    [
        ("1e99999999999999999999", "1e99999999999999999999 is out of range"),
        ("-1e99999999999999999999", "-1e99999999999999999999 is out of range"),
        ("1e-99999999999999999999", "1e-99999999999999999999 is out of range"),
        ("1e400", "1e400 is out of range"),
        ("9" * 5_000, f"{'9' * 50}"),
        (f"0.{'1' * 400}", "is out of range"),
        ("NaN", "NaN is not a number"),
        ("Infinity", "Infinity is not a number"),
        ("-Infinity", "-Infinity is not a number"),
        ('"NaN"', '"NaN" is not a number'),
        ("[1e999999999999999999999]", "initial_balance.0: 1e999999999999999999999 is out of range"),
    ],
    ids=lambda value: value[:20],
)
def test_a_number_beyond_all_sense_is_told_by_its_key(tmp_path: Path, number: str, fact: str):
    said = told(tmp_path, changed(BALANCE, f'"initial_balance": {number}'))
    assert said.startswith("broker.initial_balance")
    assert fact in said
    assert len(said) < 200


@pytest.mark.parametrize("key", ['"lookback_bars": 1000', '"e_rsi_period": 14', '"e_bb_dev": 2.0'])
def test_counts_and_parameters_are_held_to_it_too(tmp_path: Path, key: str):
    name = key.partition(":")[0]
    assert "1e1000000 is out of range" in told(tmp_path, changed(key, f"{name}: 1e1000000"))


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_a_document_nested_beyond_reading_is_told(tmp_path: Path, opening: str):
    closing = "]" if opening == "[" else "}"
    text = changed('"version"', f'"x": {opening * DEEP}1{closing * DEEP}, "version"')
    assert told(tmp_path, text) == "it is nested deeper than 32 levels. Write it flatter.\n"


def test_a_document_nested_deeper_than_any_is_told_by_its_key(tmp_path: Path):
    text = changed('"e_rsi_period": 14', f'"e_rsi_period": {"[" * 40}{"]" * 40}')
    assert told(tmp_path, text).startswith("strategy.entry_logic.params: is nested deeper than 32 levels.")


def test_a_key_that_comes_twice_is_told_with_its_path(tmp_path: Path):
    text = changed('"stop_loss_pct": 5.0', '"stop_loss_pct": 5.0, "stop_loss_pct": 50.0')
    assert told(tmp_path, text) == "risk_management.stop_loss_pct: the key comes twice. Leave one of them.\n"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"description": "', '"description": "\\ud800', "description: it holds half a surrogate pair"),
        ('"log_file": "', '"log_file": "\\udc80', "logging.log_file: it holds half a surrogate pair"),
        ('"log_file": "', '"log_file": "\\u0000', "logging.log_file: it holds a NUL character"),
        ('"version"', '"\\ud800": 1, "version"', '"\\ud800": the key holds half a surrogate pair'),
        ('"version"', '"a\\nb": 1, "version"', '"a\\nb": there is no such key'),
        ('"type": "binance_paper"', f'"type": "{"x" * 5_000}"', 'broker.type: "xxxxx'),
        ('"symbol": "BTCUSDT"', '"symbol": "BTC\\u0007"', 'trading.symbol: "BTC\\u0007" is not a symbol'),
    ],
)
def test_text_that_no_file_or_terminal_takes_is_told(tmp_path: Path, old: str, new: str, said: str):
    assert told(tmp_path, changed(old, new)).startswith(said)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xef\xbb\xbf" + TEXT.encode(), "begins with a byte-order mark. Save it as UTF-8 without one."),
        (TEXT.encode("utf-16"), "is no text in UTF-8: line 1. Save it as UTF-8."),
        (TEXT.encode().replace(b'"version"', b'"\xe9"'), "is no text in UTF-8: line 3. Save it as UTF-8."),
        (b"\0" * 20, "is no JSON: line 1, column 1: expecting value. Correct it there."),
        (b"1e99999999999999999999", 'is no JSON object. Begin with {"broker": …}.'),
    ],
    ids=["byte-order mark", "UTF-16", "Latin-1", "zeros", "a number alone"],
)
def test_bytes_that_are_no_document_are_told(tmp_path: Path, data: bytes, said: str):
    assert told(tmp_path, data) == f"{said}\n"


def test_a_folder_and_an_absent_file_are_told(tmp_path: Path):
    for path in (tmp_path, tmp_path / "absent.json", tmp_path / ("long" * 100)):
        result = CliRunner().invoke(root, ["config", "validate", str(path)], prog_name="tradebot")
        assert result.exit_code == 2
        assert "Traceback" not in result.output


SPELLINGS = (
    "apiKey", "secretKey", "botToken", "api_key", "API-KEY", "apikey", "accessToken", "accessKeyId", "privateKey",
    "clientSecret", "smtp_password", "passwd", "Passphrase", "credentials", "token", "secret", "api.key", "bearerToken",
)  # fmt: skip


@pytest.mark.parametrize("key", SPELLINGS)
@pytest.mark.parametrize("command", [("config", "validate"), ("config", "show"), ("backtest", "--config")])
def test_no_command_repeats_a_secret_whatever_its_key_is_called(tmp_path: Path, key: str, command: tuple[str, ...]):
    file = tmp_path / "bot.json"
    file.write_text(changed('"type": "binance_paper"', f'"type": 5, "{key}": {{"x": ["CANARY"]}}'))
    for option in ([], ["--json"]):
        result = CliRunner().invoke(root, [*command, str(file), *option], prog_name="tradebot")
        assert result.exit_code == 2
        assert "a secret does not belong into a file" in result.output
        assert "(BINANCE_API_KEY" in result.output or "such as BINANCE_API_KEY" in result.output
        assert "CANARY" not in result.output
