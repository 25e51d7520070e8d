"""What operators do beside the bot is audited as what they tell it; notes stay with their trades."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Client

from served_api import API
from served_bot import CONFIGURATION, served_bot, state_is, until
from tradebot.api.access.roles import Role
from tradebot.api.access.tokens import Tokens
from tradebot.api.settings import ApiSettings
from tradebot.store.accounts import account_folder, accounts
from tradebot.store.operators import OperatorsBook


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("audit")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRADEBOT_HOME", str(folder))
        with served_bot(folder, account="audited") as client:
            yield client


def audit(client: Client, kind: str) -> list[tuple[str, str]]:
    found = client.get(f"{API}/audit", params={"limit": 1000}).json()["items"]
    assert [each["time"] for each in found] == sorted((each["time"] for each in found), reverse=True)
    assert len({each["id"] for each in found}) == len(found)
    return [(each["operator"], each["text"]) for each in found if each["kind"] == kind]


def put(client: Client, document: dict[str, Any], tag: str | None) -> Any:
    headers = {} if tag is None else {"If-Match": tag}
    return client.put(f"{API}/config", json=document, headers=headers)


def test_a_note_stays_with_its_trade_and_its_writing_is_audited(client: Client):
    trade = client.get(f"{API}/fills").json()["items"][0]
    assert trade["note"] == ""
    address = f"{API}/fills/{trade['symbol']}/{trade['trade_id']}/note"
    answer = client.put(address, json={"text": "  chased it  "})
    assert answer.status_code == 200
    note = answer.json()
    assert (note["trade_id"], note["text"], note["operator"]) == (trade["trade_id"], "chased it", "local")
    of_order = {"order_id": trade["order_id"]}
    assert [each["note"] for each in client.get(f"{API}/fills", params=of_order).json()["items"]] == ["chased it"]
    assert audit(client, "TradeNoted")[0] == (
        "local", f"note on trade {trade['trade_id']} of {trade['symbol']}: chased it",
    )  # fmt: skip
    client.put(address, json={"text": ""})
    assert [each["note"] for each in client.get(f"{API}/fills", params=of_order).json()["items"]] == [""]


@pytest.mark.parametrize(
    ("trade", "body", "status", "field"),
    [
        ("MOCKUSDT/none", {"text": "x"}, 404, "trade_id"),
        ("OTHER/1", {"text": "x"}, 404, "trade_id"),
        ("MOCKUSDT/1", {"text": "x" * 2_001}, 422, "text"),
        ("MOCKUSDT/1", {}, 422, "text"),
        ("MOCKUSDT/1", {"text": "x", "by": "me"}, 422, "by"),
    ],
)
def test_a_note_that_cannot_be_kept_is_refused_with_its_field(
    client: Client, trade: str, body: dict[str, Any], status: int, field: str
):
    answer = client.put(f"{API}/fills/{trade}/note", json=body)
    assert answer.status_code == status
    assert [each["field"] for each in answer.json()["errors"]] == [field]


def test_a_viewer_writes_no_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRADEBOT_HOME", str(tmp_path))
    token = Tokens(tmp_path / "tokens.json").create("looker", Role.VIEWER)
    settings = ApiSettings(operator_password="canary-password", tokens=tmp_path / "tokens.json")
    with served_bot(tmp_path, settings=settings, Authorization=f"Bearer {token}") as viewer:
        assert viewer.put(f"{API}/fills/MOCKUSDT/1/note", json={"text": "x"}).status_code == 403
        assert put(viewer, CONFIGURATION, "*").status_code == 403


def test_a_written_configuration_is_audited_with_the_keys_that_changed(client: Client):
    tag = client.get(f"{API}/config").headers["ETag"]
    trading = CONFIGURATION["trading"] | {"position_size": 0.25}
    answer = put(client, CONFIGURATION | {"trading": trading, "description": "smaller"}, tag)
    assert answer.status_code == 200
    assert audit(client, "ConfigurationWritten")[0] == (
        "local", "wrote audited.json: changed trading.position_size, description",
    )  # fmt: skip
    put(client, CONFIGURATION, answer.headers["ETag"])


def test_two_who_edit_at_once_do_not_undo_each_others_work(client: Client):
    shown = client.get(f"{API}/config")
    tag = shown.headers["ETag"]
    assert shown.json()["etag"] == tag
    assert put(client, CONFIGURATION | {"description": "the first"}, tag).status_code == 200
    second = put(client, CONFIGURATION | {"description": "the second"}, tag)
    assert (second.status_code, second.json()["errors"][0]["field"]) == (412, "If-Match")
    assert client.get(f"{API}/config").json()["document"]["description"] == "the first"
    assert put(client, CONFIGURATION, second.headers["ETag"]).status_code == 200


@pytest.mark.parametrize(("tag", "status"), [(None, 428), ('"made-up"', 412), ("*", 200)])
def test_a_configuration_is_replaced_by_whoever_says_which_one(client: Client, tag: str | None, status: int):
    assert put(client, CONFIGURATION, tag).status_code == status


def test_a_configuration_that_is_gone_is_named(client: Client, tmp_path_factory: pytest.TempPathFactory):
    file = next(tmp_path_factory.getbasetemp().rglob("audited.json"))
    kept = file.read_bytes()
    file.unlink()
    try:
        for answer in (client.get(f"{API}/config"), put(client, CONFIGURATION, "*")):
            assert (answer.status_code, "the file does not exist" in answer.text) == (422, True)
    finally:
        file.write_bytes(kept)


def test_a_configuration_that_cannot_be_written_is_audited_as_one_that_was_not(
    client: Client, monkeypatch: pytest.MonkeyPatch
):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("tradebot.api.routes.configuration.write_durably", full)
    before = client.get(f"{API}/config").headers["ETag"]
    answer = put(client, CONFIGURATION | {"description": "too much"}, before)
    assert (answer.status_code, "No space left on device" in answer.text) == (503, True)
    assert "No space left on device" in audit(client, "ConfigurationWrittenFailed")[0][1]
    assert client.get(f"{API}/config").headers["ETag"] == before


def test_a_configuration_with_something_wrong_is_refused_and_not_written(client: Client):
    before = client.get(f"{API}/config").headers["ETag"]
    answer = put(client, CONFIGURATION | {"risk_management": {"stop_loss_pct": 500}}, before)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == ["risk_management.stop_loss_pct"]
    assert client.get(f"{API}/config").headers["ETag"] == before


def test_a_reset_is_audited_with_its_reason_in_the_old_record_and_in_the_new(client: Client):
    body = {"confirm": "audited", "reason": "another idea"}
    assert client.post(f"{API}/simulation/reset", json=body).status_code == 202
    until(state_is(client, "trading"))
    assert audit(client, "SimulationReset") == [("local", "reset: another idea")]
    aside = next(name for name in accounts() if name.startswith("audited.until-"))
    assert OperatorsBook(account_folder(aside)).acts(limit=1)[0].text == "reset: another idea"
