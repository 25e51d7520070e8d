"""What Binance's answers and trades say beside the usual: other words, secrets, fees in another coin."""

from __future__ import annotations

from typing import Any

import pytest

from binance_broker import connected, order
from local_exchange import Running

POST = "POST /fapi/v1/order"


def fault(exchange: Running, action: str, **more: Any) -> None:
    exchange.control("faults", {"action": action, **more})


async def test_secrets_in_what_the_venue_says_are_not_told(exchange: Running) -> None:
    said = f"bad request: apiKey={exchange.key}&listenKey={'aB3' * 21}x&signature={'0f' * 32} of {exchange.secret}"
    async with connected(exchange) as told:
        fault(exchange, "error", on=POST, code=-1102, text=said)
        await told.broker.submit("run-1", order("buy", 1))
        await told.state("run-1", "rejected")
        fault(exchange, "error_after", on=POST, code=-1007, text=said)
        await told.broker.submit("run-2", order("buy", 1))
        await told.state("run-2", "unknown")
        reasons = [update.reason for update in told.updates("run-1") + told.updates("run-2") if update.reason]
    assert len(reasons) >= 2
    assert all("bad request: apiKey=***" in reason for reason in reasons)
    for secret in (exchange.key, exchange.secret, "aB3aB3", "0f0f"):
        assert not any(secret in reason for reason in reasons)


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ({"text": "Service Unavailable."}, "rejected"),
        ({"text": "Unknown error, please check your request or try again later."}, "unknown"),
        ({"code": -1000, "status": 504, "text": "Gateway Time-out"}, "unknown"),
        ({"code": -1000, "status": 408}, "unknown"),
        ({"code": -1000, "status": 403, "text": "Forbidden"}, "rejected"),
    ],
)
async def test_unknown_outcome_is_judged_by_status_and_words(
    exchange: Running, answer: dict[str, Any], state: str
) -> None:
    async with connected(exchange) as told:
        fault(exchange, "error", on=POST, **answer)
        await told.broker.submit("run-1", order("buy", 1))
        await told.state("run-1", state)
    assert exchange.ledger()["orders"] == []
