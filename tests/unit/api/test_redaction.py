"""What a venue, a library or a strategy says of a failure is shown without the secrets it may hold."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import keyring
import pytest
from fastapi.testclient import TestClient

from served_api import API, served, services_in
from tradebot.api.backtests.asking import work_of
from tradebot.api.backtests.desk import Job
from tradebot.api.schemas.research import BacktestRequest
from tradebot.app.watching import BotSnapshot
from tradebot.config.secrets import with_keyring
from tradebot.core.errors import TradebotError
from tradebot.core.event import OrderUpdate, Reviewed, Submit
from tradebot.core.journal import RunStarted
from tradebot.core.order import OrderIntent, OrderState
from tradebot.store.journal import SqliteJournal

CANARY = "canary of a keyring"


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """The secret is in a keyring and nowhere else, and somebody has read it there."""
    monkeypatch.setattr("tradebot.core.redaction._learned", set())
    monkeypatch.setattr(keyring, "get_password", lambda service, name: CANARY)
    with_keyring({}, ("BINANCE_API_SECRET",))


def failing() -> None:
    raise TradebotError(f"the venue said {CANARY}", place="bot", mend=f"Do not send {CANARY}.")


@pytest.fixture
def client(tmp_path: Path, known: None) -> Iterator[TestClient]:
    folder = tmp_path / "account"
    with SqliteJournal(folder) as journal:
        begun = RunStarted(
            ts=1, run_id="R1", mode="paper", configuration="{}", configuration_hash="ab" * 32, code_version="0.1.0"
        )
        told = OrderUpdate(
            ts=1, order_id="R1-1", symbol="BTCUSDT", state=OrderState.REJECTED, reason=f"bad key {CANARY}"
        )
        refused = Reviewed(ts=1, order_id="R1-1", symbol="BTCUSDT", allowed=False, rule="rule", reason=CANARY)
        journal.append([begun, refused, Submit("R1-1", OrderIntent("BTCUSDT", "buy", 1.0)), told], durable=True)
    bot: Any = SimpleNamespace(
        account="account",
        mode="paper",
        snapshot=BotSnapshot(phase="failed", error=f"no connection with {CANARY}", status={"halted": CANARY}),
        compare=failing,
    )
    with served(services_in(tmp_path, bot=bot, account=folder)) as client:
        yield client


@pytest.mark.parametrize(
    "address",
    ["status/health/detailed", "orders", "orders/R1-1", "orders/R1-1/timeline", "risk/verdicts", "audit", "reconcile"],
)
def test_no_answer_holds_it(client: TestClient, address: str):
    answer = client.get(f"{API}/{address}")
    assert answer.status_code == 200
    assert CANARY not in answer.text
    assert "***" in answer.text or address == "audit"


def test_no_problem_holds_it(client: TestClient):
    answer = client.post(f"{API}/reconcile")
    assert answer.status_code == 409
    assert answer.json()["detail"] == "bot: the venue said ***. Do not send ***."
    assert CANARY not in answer.text


def test_no_failure_of_a_backtest_holds_it(tmp_path: Path, known: None):
    services = services_in(tmp_path)
    job = Job(work_of(BacktestRequest(symbol="MOCKUSDT", strategy="sma_cross"), services), created=1)
    failed: Future[dict[str, Any]] = Future()
    failed.set_exception(RuntimeError(f"a strategy printed {CANARY} {uuid4()}"))
    services.backtests._finish(job, failed)
    assert job.state == "failed"
    assert "a strategy printed ***" in job.error
