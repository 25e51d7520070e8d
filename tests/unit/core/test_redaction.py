"""No secret is written anywhere, and what is none stays."""

from __future__ import annotations

import time

import pytest

from tradebot.core.redaction import HIDDEN, Redactor

KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
CANARY = 'c4n/4ry+S3cr"et'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GET /order?timestamp=1&signature=ab12&x=1", "GET /order?timestamp=1&signature=***&x=1"),
        (f"wss://host/private/ws?listenKey={KEY}&events=A", "wss://host/private/ws?listenKey=***&events=A"),
        (f"wss://host/ws/{KEY}", "wss://host/ws/***"),
        (f"POST /bot123456789:AAF-{'abc_defghij' * 3}/sendMessage", "POST /bot123456789:***/sendMessage"),
        (f"{{'X-MBX-APIKEY': '{KEY}'}}", "{'X-MBX-APIKEY': '***'}"),
        ('{"apiKey": "abc", "n": 1}', '{"apiKey": "***", "n": 1}'),
        ("APCA-API-SECRET-KEY: hush", "APCA-API-SECRET-KEY: ***"),
        ("key PKABCDEFGHIJKLMNOPQR refused", "key *** refused"),
        ("Authorization: Bearer abc.def.ghi", "Authorization: Bearer ***"),
        ("redis://user:hunter2@host:6379/0", "redis://***@host:6379/0"),
        ("password=hunter2", "password=***"),
    ],
)  # fmt: skip
def test_what_looks_like_a_secret_is_hidden(text: str, expected: str):
    assert Redactor().text(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "order R1-12 filled at 67000.1, fee 0.02 USDT",
        "head 5f2b9c0d1e4a7b8c5f2b9c0d1e4a7b8c5f2b9c0d1e4a7b8c5f2b9c0d1e4a7b8c",
        "Set BINANCE_API_KEY in the environment or the keyring.",
        "https://api.binance.com/api/v3/time",
        "-2015 Invalid API-key, IP, or permissions for action.",
        "2026-11-27T00:12:05.123456Z",
    ],
)
def test_what_is_no_secret_stays(text: str):
    assert Redactor().text(text) == text


def test_a_given_value_is_hidden_wherever_and_however_it_is_spelled():
    redactor = Redactor([CANARY])
    for spelled in (CANARY, "c4n%2F4ry%2BS3cr%22et", 'c4n/4ry+S3cr\\"et'):
        assert redactor.text(f"<{spelled}>") == f"<{HIDDEN}>"


def test_a_secret_that_begins_like_another_is_hidden_whole():
    assert Redactor(["secret-1", "secret-12"]).text("x secret-12 y") == "x *** y"


def test_too_short_a_value_hides_no_words():
    assert Redactor(["", "buy"]).text("buy 1 BTC") == "buy 1 BTC"


def test_secrets_are_found_in_the_environment_by_their_names():
    environment = {"BINANCE_API_SECRET": "canary-one", "SMTP_PASSWORD": "canary-two", "HOME": "/home/ann"}
    told = Redactor.of_environment(environment, ["canary-three"]).text("canary-one canary-two canary-three /home/ann")
    assert told == "*** *** *** /home/ann"


def test_plain_data_is_searched_to_its_leaves():
    value = {"apiKey": "k", "reason": [f"bad {CANARY}", 3], "nested": {"password": "p", "token": None}}
    hidden = {"apiKey": HIDDEN, "reason": [f"bad {HIDDEN}", 3], "nested": {"password": HIDDEN, "token": None}}
    assert Redactor([CANARY]).value(value) == hidden


def seconds(text: str) -> float:
    """Of the processor, for a text; the least of some tries, which nothing else has disturbed."""

    def once() -> float:
        begin = time.thread_time()
        Redactor([CANARY]).text(text)
        return time.thread_time() - begin

    return min(once() for _ in range(3))


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "a-",
        "token",
        "api_key",
        "token:",
        "authorization: ",
        "key=abc ",
        'secret" ',
        "x://y:",
        "12345678",
        "A1b",
        "=  ",
    ],
)
def test_a_text_costs_as_much_more_as_it_is_longer(unit: str):
    short, long = (unit * (length // len(unit)) + " " for length in (10_000, 80_000))
    # Eight times the text: where each beginning were read to the end it would be sixty-four times.
    assert seconds(long) < 30 * seconds(short)


def test_spaces_after_the_name_of_a_header_are_read_once():
    short, long = (f"authorization:{' ' * length};" for length in (10_000, 80_000))
    assert seconds(long) < 30 * seconds(short)
