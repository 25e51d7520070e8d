"""What happens to a Binance account beside our orders: funding, liquidation, its mode, its key, a dead process."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from binance_broker import Told, connected, order
from local_exchange import START, Running, bar, running
from tradebot.core.errors import ConfigError
from tradebot.core.event import CashFlow, CashFlowKind
from tradebot.core.interval import MINUTE
from tradebot.exchange import server
from tradebot.exchange.endpoints import Endpoint
from tradebot.exchange.settings import FundingSchedule


async def test_liquidation_is_told_under_the_venues_name() -> None:
    bars = [bar(0, 100, 100, 100, 100), bar(1, 100, 100, 100, 100), bar(2, 100, 100, 80, 80)]
    with running(bars, stepped=True, cash=Decimal(60)) as exchange:
        exchange.step_bar()
        async with connected(exchange) as told:
            await told.broker.submit("run-1", order("buy", 10))
            exchange.step_bar(2)
            await told.until(lambda: told.position == 0 and len(told.fills()) == 2)
            forced = told.fills()[-1]
            assert forced.order_id.startswith("autoclose-")
            assert told.updates(forced.order_id)[-1].state == "filled"
            assert "forced by the venue" in told.updates(forced.order_id)[-1].reason


def flows(told: Told) -> list[CashFlow]:
    return [event for event in told.events if isinstance(event, CashFlow)]


def funded() -> dict[str, Any]:
    ts = np.array([START + 2 * MINUTE, START + 4 * MINUTE], dtype=np.int64)
    bars = [bar(n, 100, 100, 100, 100) for n in range(7)]
    return {"events": bars, "stepped": True, "funding": {"BTCUSDT": FundingSchedule(ts, np.array([0.001, 0.002]))}}


async def test_funding_is_told_once_though_stream_and_history_both_have_it() -> None:
    with running(**funded()) as exchange:
        exchange.step_bar()
        async with connected(exchange, income_s=0.2) as told:
            await told.broker.submit("run-1", order("buy", 10))
            exchange.step_bar(6)
            await told.until(lambda: len(flows(told)) == 2)
            await asyncio.sleep(0.5)
            assert [(flow.kind, flow.amount) for flow in flows(told)] == [
                (CashFlowKind.FUNDING, -1),
                (CashFlowKind.FUNDING, -2),
            ]


async def test_funding_while_offline_is_told_at_the_next_start() -> None:
    with running(**funded()) as exchange:
        exchange.step_bar()
        async with connected(exchange) as told:
            await told.broker.submit("run-1", order("buy", 10))
            exchange.step_bar(2)
            await told.until(lambda: len(flows(told)) == 1)
            first = flows(told)[0]
        exchange.step_bar(4)
        async with connected(exchange, since=first.ts + 1_000_000) as again:
            await again.until(lambda: flows(again))
            assert [flow.amount for flow in flows(again)] == [-2]
            assert flows(again)[0].flow_id != first.flow_id


def answering(monkeypatch: pytest.MonkeyPatch, path: str, body: Any) -> None:
    monkeypatch.setitem(server._FUTURES, ("GET", path), Endpoint(lambda venue, params: body, 1, "signed"))


async def test_money_in_another_coin_is_no_money_of_the_books(monkeypatch: pytest.MonkeyPatch) -> None:
    row = {"symbol": "", "incomeType": "TRANSFER", "info": "TRANSFER", "tradeId": ""}
    with running() as exchange:
        async with connected(exchange, income_s=0.1) as told:
            amounts = [("100000", "USDC"), ("5", "BNB"), ("7", "USDT")]
            now = exchange.ledger()["now"]
            rows = [
                row | {"income": amount, "asset": asset, "time": now + n, "tranId": n}
                for n, (amount, asset) in enumerate(amounts)
            ]
            answering(monkeypatch, "/fapi/v1/income", rows)
            await told.until(lambda: flows(told))
            assert [(flow.amount, flow.currency) for flow in flows(told)] == [(7, "USDT")]


async def test_an_answer_that_is_not_understood_ends_no_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    with running(**funded()) as exchange:
        exchange.step_bar()
        async with connected(exchange, income_s=0.1) as told:
            await told.broker.submit("run-1", order("buy", 10))
            with monkeypatch.context() as broken:
                answering(broken, "/fapi/v1/income", [{"incomeType": "FUNDING_FEE", "income": "-1"}])
                await told.until(lambda: "not understood" in told.broker.fault)
            exchange.step_bar(6)
            await told.until(lambda: len(flows(told)) == 2)


async def test_hedge_mode_is_refused_at_start(exchange: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, "/fapi/v1/positionSide/dual", {"dualSidePosition": True})
    with pytest.raises(ConfigError, match="the account: the account is in hedge mode"):
        async with connected(exchange):
            pass


async def test_hedge_mode_that_comes_later_stops_entries(exchange: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(exchange) as told:
        answering(monkeypatch, "/fapi/v1/positionSide/dual", {"dualSidePosition": True})
        exchange.rest("POST", "leverage", symbol="BTCUSDT", leverage=3)
        for n in range(100):
            await told.broker.submit(f"run-{n}", order("buy", 0.1))
            await told.until(lambda n=n: told.updates(f"run-{n}"))
            if "hedge mode" in told.updates(f"run-{n}")[0].reason:
                return
            await asyncio.sleep(0.05)
    raise AssertionError("entries went on")


@pytest.mark.parametrize(
    ("right", "words"),
    [
        ({"enableWithdrawals": True}, "it may withdraw"),
        ({"enableInternalTransfer": True}, "it may transfer to other accounts"),
        ({"permitsUniversalTransfer": True}, "it may transfer between wallets"),
        ({"ipRestrict": False}, "it works from any address"),
        ({"enableFutures": False}, "it may not trade futures"),
    ],
)
async def test_a_key_with_too_many_or_too_few_rights_is_refused(
    exchange: Running, monkeypatch: pytest.MonkeyPatch, right: dict[str, bool], words: str
) -> None:
    answering(monkeypatch, "/sapi/v1/account/apiRestrictions", {"ipRestrict": True, "enableFutures": True} | right)
    with pytest.raises(ConfigError, match=words):
        async with connected(exchange):
            pass


async def test_dead_mans_switch_counts_down_while_flat_and_not_while_a_position_is_open(exchange: Running) -> None:
    async with connected(exchange, dead_man_s=0.8) as told:
        await told.broker.submit("run-1", order("buy", 1, type="limit", price=90.0))
        await asyncio.sleep(1.6)
        assert told.states("run-1") == ["accepted"]
        await told.broker.submit("run-2", order("buy", 1))
        await told.state("run-2", "filled")
    await asyncio.sleep(1.2)
    # The process is gone; its position was open, so the order rests on as its stop would.
    assert [row["status"] for row in exchange.ledger()["orders"]] == ["NEW", "FILLED"]


async def test_dead_mans_switch_cancels_what_a_dead_process_left(exchange: Running) -> None:
    async with connected(exchange, dead_man_s=0.8) as told:
        await told.broker.submit("run-1", order("buy", 1, type="limit", price=90.0))
        await told.state("run-1", "accepted")
    await asyncio.sleep(1.5)
    assert [row["status"] for row in exchange.ledger()["orders"]] == ["CANCELED"]
