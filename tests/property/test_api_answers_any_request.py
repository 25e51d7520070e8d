"""Requests made from the OpenAPI document: none is a failure of the server, none is answered otherwise than written."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from served_api import keep_bars
from served_bot import served_bot

EXAMPLES = 52
PHASES = (Phase.explicit, Phase.generate)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# A stream does not end by itself; tests of its own listen to it.
LEFT_OUT = r"/stream$"


def test_any_request_is_answered_as_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRADEBOT_HOME", str(tmp_path))
    keep_bars(tmp_path)
    asked: Counter[str] = Counter()
    with served_bot(tmp_path, account="any") as client, requests.Session() as session:
        schema = schemathesis.openapi.from_url(f"{client.base_url}/openapi.json").exclude(path_regex=LEFT_OUT)
        for found in schema.get_all_operations():
            ask(found.ok(), session, asked)
    assert len(asked) > 45
    assert sum(asked.values()) >= 5_000


def ask(operation: APIOperation, session: requests.Session, asked: Counter[str]) -> None:
    """Ask for one operation in many ways the document allows, and in many that it does not."""
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), phases=PHASES)
        def every(case: schemathesis.Case) -> None:
            asked[operation.label] += 1
            case.call_and_validate(session=session, checks=CHECKS)

        # What takes nothing cannot be asked for in a wrong way.
        with suppress(Unsatisfiable):
            every()
