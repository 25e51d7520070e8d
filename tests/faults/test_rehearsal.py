"""A rehearsal of which a step fails: it says which, and nothing of its own is left at the exchange."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from local_exchange import Running
from rehearsing import BRISK, MARKETS, STEPS, Watching, environment_of, exchange_of, held, loaded, resting
from tradebot.app.rehearsal import Rehearsal, questions, rehearse, rehearsing
from tradebot.app.rehearsal.acts import ACTS, Act
from tradebot.app.rehearsal.stage import Stage
from tradebot.store.rehearsals import Rehearsals

SPOT_ORDER, SPOT_PAIR, SPOT_CANCEL = "POST /api/v3/order", "POST /api/v3/orderList/oco", "DELETE /api/v3/order"
ORDER, ALGO = "POST /fapi/v1/order", "POST /fapi/v1/algoOrder"


def error(on: str, code: int, **more: Any) -> dict[str, Any]:
    return {"action": "error", "on": on, "code": code} | more


def lost(on: str) -> dict[str, Any]:
    """It is done, and its answer does not come."""
    return {"action": "lose_answer", "on": on}


SILENCE = {"action": "lose", "on": "private", "times": 5}
# The market, the step that fails, and what goes wrong from the end of the step before it.
FAULTS: list[tuple[str, str, dict[str, Any]]] = [
    ("usdm", "account and key", error("POST /fapi/v1/listenKey", -1000, times=None)),
    ("spot", "entry at the market", error(SPOT_ORDER, -1013, text="Filter failure: LOT_SIZE")),
    ("spot", "entry at the market", lost(SPOT_ORDER)),
    ("usdm", "entry at the market", error(ORDER, -2019)),
    ("spot", "refusals", error(SPOT_ORDER, -1013, text="Filter failure: PERCENT_PRICE_BY_SIDE")),
    ("spot", "refusals", lost(SPOT_ORDER)),
    ("spot", "refusals", error(SPOT_CANCEL, -2013)),
    ("spot", "refusals", error("GET /api/v3/order", -2011)),
    ("usdm", "refusals", error(ALGO, -4131)),
    ("usdm", "refusals", error("DELETE /fapi/v1/order", -1003, status=400, times=2)),
    ("spot", "stop and target", error(SPOT_ORDER, -1013, text="Filter failure: NOTIONAL")),
    ("spot", "stop and target", error(SPOT_PAIR, -2010)),
    ("usdm", "stop and target", lost(ALGO)),
    ("spot", "moved stop", error(SPOT_PAIR, -2010, times=2)),
    ("usdm", "moved stop", error(ALGO, -2021)),
    ("usdm", "moved stop", lost(ALGO)),
    ("spot", "sale of a part", error(SPOT_ORDER, -1013, text="Filter failure: MARKET_LOT_SIZE")),
    ("spot", "sale of a part", lost(SPOT_ORDER)),
    ("usdm", "sale of a part", error(ORDER, -2022)),
    ("spot", "new connection", error("GET /api/v3/account/commission", -2015)),
    ("usdm", "new connection", error("GET /fapi/v1/exchangeInfo", -1003, status=400)),
    ("spot", "limit far below", error(SPOT_ORDER, -1013, text="Filter failure: PERCENT_PRICE_BY_SIDE")),
    ("spot", "limit far below", error(SPOT_CANCEL, -1003, status=400)),
    ("usdm", "limit far below", lost(ORDER)),
    ("spot", "close", lost(SPOT_ORDER)),
    ("usdm", "close", error(ORDER, -2022, times=2)),
]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADEBOT_HOME", str(tmp_path / "home"))


async def played(exchange: Running, market: str, folder: Path, audience: Watching) -> Rehearsal:
    return await rehearse(loaded(folder, market), environment_of(exchange), audience, patience=BRISK)


def nothing_is_left(exchange: Running) -> None:
    assert resting(exchange) == []
    assert held(exchange) == 0


@pytest.mark.parametrize(
    ("market", "step", "fault"), FAULTS, ids=lambda each: each.get("on", "") if isinstance(each, dict) else each
)
async def test_the_step_that_fails_is_named_and_nothing_is_left(
    market: str, step: str, fault: dict[str, Any], tmp_path: Path
) -> None:
    before = ("", *STEPS)[STEPS.index(step)]
    armed = [fault, SILENCE] if fault["action"] == "lose_answer" else [fault]
    with exchange_of(market) as exchange:
        if step == STEPS[0]:
            exchange.control("faults", armed)
        audience = Watching(before, lambda: exchange.control("faults", armed))
        rehearsal = await played(exchange, market, tmp_path, audience)
        failed, cleared = rehearsal.receipt.failed, rehearsal.cleared
        assert failed is not None, rehearsal.receipt.steps
        assert (failed.name, bool(failed.said)) == (step, True)
        assert [each.name for each in rehearsal.receipt.steps] == list(STEPS[: STEPS.index(step) + 1])
        if cleared is not None:
            assert (cleared.orders, cleared.units, cleared.fault) == ((), 0, "")
        nothing_is_left(exchange)
    assert Rehearsals().of(rehearsal.receipt.market, "local") == rehearsal.receipt


@pytest.mark.parametrize("request_", [SPOT_ORDER, SPOT_PAIR])
async def test_an_exit_whose_answer_the_broker_has_asked_for_itself_fails_no_step(
    request_: str, tmp_path: Path
) -> None:
    with exchange_of("spot") as exchange:
        audience = Watching("refusals", lambda: exchange.control("faults", [lost(request_), SILENCE]))
        rehearsal = await played(exchange, "spot", tmp_path, audience)
        assert rehearsal.receipt.failed is None
        nothing_is_left(exchange)


async def test_an_order_that_arrives_late_is_waited_for_and_closed(tmp_path: Path) -> None:
    late = {"action": "late", "on": ORDER, "seconds": 0.8}
    with exchange_of("usdm") as exchange:
        audience = Watching("account and key", lambda: exchange.control("faults", late))
        patience = msgspec.structs.replace(BRISK, settle_s=2.0)
        found = await rehearse(loaded(tmp_path, "usdm"), environment_of(exchange), audience, patience=patience)
        assert found.cleared is not None
        assert found.cleared.sold > 0
        nothing_is_left(exchange)


@pytest.mark.parametrize(("market", "step"), [("spot", "entry at the market"), ("usdm", "limit far below")])
async def test_lists_that_are_behind_for_longer_than_the_broker_counts_on_fail_the_step(
    market: str, step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "MOST_BEHIND_S", 0.5)
    hidden = {"action": "hide", "seconds": 1.0}
    with exchange_of(market) as exchange:
        audience = Watching(STEPS[STEPS.index(step) - 1], lambda: exchange.control("faults", hidden))
        rehearsal = await played(exchange, market, tmp_path, audience)
        receipt = rehearsal.receipt
        assert receipt.failed is not None
        assert receipt.failed.name == step
        assert "s after its answer; the broker counts on 0.5 s" in receipt.failed.said
        assert max(receipt.behind.values()) > 0.5
        nothing_is_left(exchange)


async def test_trades_of_another_hand_are_not_reckoned_as_its_own(tmp_path: Path) -> None:
    with exchange_of("spot") as exchange:
        order = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": 1}
        rehearsal = await played(
            exchange, "spot", tmp_path, Watching("close", lambda: exchange.control("order", order))
        )
        assert rehearsal.receipt.failed is not None
        assert rehearsal.receipt.failed.name == "reckoning"
        assert "if anybody else has traded on this account" in rehearsal.receipt.failed.said
        assert (resting(exchange), held(exchange)) == ([], Decimal("0.999"))


@pytest.mark.parametrize("market", MARKETS)
async def test_whoever_stops_it_leaves_nothing(market: str, tmp_path: Path) -> None:
    with exchange_of(market) as exchange:
        audience = Watching("stop and target", lambda: task.cancel())
        task = asyncio.create_task(played(exchange, market, tmp_path, audience))
        with pytest.raises(asyncio.CancelledError):
            await task
        assert audience.outcome is not None
        assert (audience.outcome.orders, audience.outcome.units) == ((), 0)
        nothing_is_left(exchange)
        # What passed before counts no more.
        (receipt,) = Rehearsals().all()
        assert (receipt.failed is not None, receipt.steps[0].said) == (True, "it was broken off")


async def test_whoever_stops_it_while_it_takes_back_what_failed_is_heard_once_that_is_done(tmp_path: Path) -> None:
    class Impatient(Watching):
        def clears(self) -> None:
            task.cancel()
            asyncio.get_running_loop().call_later(0.2, task.cancel)

    with exchange_of("spot") as exchange:
        audience = Impatient("stop and target", lambda: exchange.control("faults", error(SPOT_PAIR, -2010, times=2)))
        task = asyncio.create_task(played(exchange, "spot", tmp_path, audience))
        with pytest.raises(asyncio.CancelledError):
            await task
        assert audience.outcome is not None
        nothing_is_left(exchange)


async def test_an_answer_that_nobody_foresaw_is_a_step_that_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def odd(stage: Stage) -> str:
        raise KeyError("orderListId")

    monkeypatch.setattr(rehearsing, "ACTS", (*ACTS[:4], Act("odd", "an answer", odd)))
    with exchange_of("spot") as exchange:
        rehearsal = await played(exchange, "spot", tmp_path, Watching())
        assert rehearsal.receipt.failed is not None
        assert rehearsal.receipt.failed.said == "not understood: KeyError: 'orderListId'"
        nothing_is_left(exchange)


async def test_it_is_taken_back_without_a_stream_too(tmp_path: Path) -> None:
    with exchange_of("usdm") as exchange:

        def break_down() -> None:
            exchange.control("faults", [error("POST /fapi/v1/listenKey", -1000, times=None), error(ALGO, -2021)])
            exchange.control("disconnect", {"route": "private"})

        rehearsal = await played(exchange, "usdm", tmp_path, Watching("refusals", break_down))
        assert rehearsal.receipt.failed is not None
        assert rehearsal.cleared is not None
        assert rehearsal.cleared.fault == ""
        nothing_is_left(exchange)


@pytest.mark.parametrize("market", MARKETS)
async def test_what_cannot_be_taken_back_is_said(market: str, tmp_path: Path) -> None:
    gone = error("GET", -1000, times=None)
    with exchange_of(market) as exchange:
        audience = Watching("stop and target", lambda: exchange.control("faults", gone))
        patience = msgspec.structs.replace(BRISK, clear_s=1.5)
        found = await rehearse(loaded(tmp_path, market), environment_of(exchange), audience, patience=patience)
        assert found.cleared is not None
        assert found.cleared.fault
        assert found.cleared.units == held(exchange)
        assert sorted(name.rpartition("-")[2] for name in found.cleared.orders) == ["sl", "tp"]
