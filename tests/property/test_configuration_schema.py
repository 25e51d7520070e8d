"""The JSON Schema and the validator accept the same documents."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from configuration_mutations import DOCUMENT, MUTATIONS, changed
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tradebot.config import Configuration
from tradebot.config.json_text import flaws, parse
from tradebot.config.loading import one_strategy
from tradebot.config.schema import json_schema

SCHEMA = json_schema()
EDITOR = jsonschema_rs.validator_for(SCHEMA)
# Values that lie at a bound of one key or another, and values of every kind.
NUMBERS = (-1, -0.001, 0, 0.5, 1, 1.5, 5.0, 50, 99.999, 100, 1000, 1000.5, 9999, 10_000, 65_535, 65_536, 1e7, 1e8)
TEXTS = (
    "", " ", "BTCUSDT", "BTC-USD", "BRK.B", "币USDT", "-", "A B", "1h", "4H", "0h", "01m", "1 M", "1y", "paper", "live",
    "mock", "custom", "HTF", "H2", "INFO", "error", "binance", "2025-05-04", "2025-05-04T12:00Z", "20250504",
)  # fmt: skip
PLAIN = st.one_of(st.none(), st.booleans(), st.sampled_from(NUMBERS), st.sampled_from(TEXTS))
VALUES = st.one_of(
    PLAIN, st.lists(PLAIN, max_size=3), st.dictionaries(st.sampled_from(TEXTS), PLAIN, max_size=2), st.just("(gone)")
)


def accepted(document: Any) -> bool:
    """Whether the document's keys and values are valid, whatever its sections say against each other."""
    read = parse(json.dumps(document))
    assert not list(flaws(read))
    read, twice = one_strategy(read)
    try:
        Configuration.model_validate(read)
    except ValidationError:
        return False
    return not twice


def keys(schema: dict[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Path of every key the schema knows."""
    for name, field in schema.get("properties", {}).items():
        yield (*above, name)
        for option in field.get("anyOf", [field]):
            if "$ref" in option:
                yield from keys(SCHEMA["$defs"][option["$ref"].rpartition("/")[2]], (*above, name))


KEYS = sorted({*keys(SCHEMA), ("brokr",), ("data", "intervall"), ("engine", "strategy", "typ")})


def test_the_schema_knows_every_key_of_the_document():
    assert {("risk_management", "trailing_stop", "trailing_pct"), ("strategy", "entry_logic", "name")} <= set(KEYS)


@pytest.mark.parametrize(
    ("path", "value"), [case[:2] for case in MUTATIONS], ids=[f"{case[0]}={case[1]}" for case in MUTATIONS]
)
def test_a_mutation_is_accepted_by_both_or_by_neither(path: str, value: Any):
    document = changed(path, value)
    if not list(flaws(document)):
        assert EDITOR.is_valid(document) == accepted(document)


@settings(max_examples=1_500)
@given(st.lists(st.tuples(st.sampled_from(KEYS), VALUES), min_size=1, max_size=2))
def test_any_change_of_any_key_is_accepted_by_both_or_by_neither(changes: list[tuple[tuple[str, ...], Any]]):
    document = copy.deepcopy(DOCUMENT)
    for (*sections, key), value in changes:
        here = document
        for name in sections:
            below = here.get(name)
            here[name] = below if isinstance(below, dict) else {}
            here = here[name]
        here.pop(key, None)
        if value != "(gone)":
            here[key] = value
    assert EDITOR.is_valid(document) == accepted(document)


@pytest.mark.parametrize("path", [path for path in KEYS if path[:2] != ("engine", "strategy")], ids=".".join)
def test_every_bound_is_the_same_in_both(path: tuple[str, ...]):
    *sections, key = path
    for number in NUMBERS:
        document = copy.deepcopy(DOCUMENT)
        here = document
        for name in sections:
            here = here.setdefault(name, {})
        here[key] = number
        assert EDITOR.is_valid(document) == accepted(document), number


def test_the_strategy_may_stand_in_the_engine_and_once():
    moved = copy.deepcopy(DOCUMENT)
    moved["engine"] = {"strategy": moved.pop("strategy")}
    twice = DOCUMENT | {"engine": moved["engine"]}
    neither = {key: value for key, value in DOCUMENT.items() if key != "strategy"}
    assert [EDITOR.is_valid(each) for each in (DOCUMENT, moved, twice, neither)] == [True, True, False, False]
    assert [accepted(each) for each in (DOCUMENT, moved, twice, neither)] == [True, True, False, False]
