"""What a user stream loses, doubles and delays, on the local exchange: everything is told once."""

from __future__ import annotations

from decimal import Decimal
from random import Random

from binance_broker import UPDATE, connected, fault, order
from local_exchange import Running
from tradebot.brokers.binance.user_stream import UserStreamPatience


async def test_silent_stall_of_the_stream_is_found_by_what_it_does_not_tell(exchange: Running) -> None:
    async with connected(exchange) as told:
        fault(exchange, "lose", on="private", times=None)
        await told.broker.submit("run-1", order("buy", 1))
        await told.state("run-1", "filled")
        assert told.broker.reconnects > 0


async def test_one_lost_fill_is_found_by_the_trade_that_was_told_in_brief(exchange: Running) -> None:
    async with connected(exchange, stream=UserStreamPatience(first_s=0.05, evidence_s=60.0)) as told:
        fault(exchange, "lose", on="private", event=UPDATE, times=2)
        await told.broker.submit("run-1", order("buy", 1))
        await told.state("run-1", "filled")
        assert len(told.fills("run-1")) == 1


async def test_one_lost_fill_of_which_nothing_was_told_is_found_by_the_comparison(exchange: Running) -> None:
    async with connected(exchange, stream=UserStreamPatience(first_s=0.05, evidence_s=60.0)) as told:
        fault(exchange, "lose", on="private", times=None)
        exchange.control("order", {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": 2})
        snapshot = await told.broker.snapshot()
        assert [held.quantity for held in snapshot.positions] == [2]
        assert sum(fill.quantity for fill in snapshot.fills) == 2
        await told.until(lambda: told.position == 2)


async def test_listen_key_expiry_told_twice_leads_to_one_stream_that_works(exchange: Running) -> None:
    async with connected(exchange) as told:
        fault(exchange, "duplicate", on="private", event="listenKeyExpired")
        exchange.control("listen-key/expire")
        await told.until(lambda: told.broker.reconnects == 1 and told.broker.is_hearing)
        await told.broker.submit("run-1", order("buy", 1))
        await told.state("run-1", "filled")
        assert told.broker.reconnects == 1


async def test_listen_key_that_cannot_be_extended_is_made_anew(exchange: Running) -> None:
    stream = UserStreamPatience(keep_alive_s=0.1, first_s=0.05, longest_s=0.2)
    async with connected(exchange, stream=stream) as told:
        fault(exchange, "error", on="PUT /fapi/v1/listenKey", code=-1125)
        await told.until(lambda: told.broker.reconnects > 0 and told.broker.is_hearing)
        await told.broker.submit("run-1", order("buy", 1))
        await told.state("run-1", "filled")


async def test_missed_doubled_and_reordered_events_leave_the_oracles_position(exchange: Running) -> None:
    random = Random(5)
    async with connected(exchange) as told:
        for action in ("duplicate", "reorder", "lose"):
            fault(exchange, action, on="private", chance=0.3, times=None)
        fault(exchange, "split", pieces=3, times=None)
        for n in range(25):
            await told.broker.submit(f"run-{n}", order(random.choice(["buy", "sell"]), random.randint(1, 5) / 10))
        exchange.loop.call_soon_threadsafe(exchange.exchange.venue.faults.clear)
        truth = exchange.ledger()
        await told.until(lambda: len(told.fills()) == len(truth["trades"]))
        await told.until(lambda: all("filled" in told.states(f"run-{n}") for n in range(25)))
    assert told.position == Decimal(truth["positions"]["BTCUSDT"])
    assert {fill.trade_id for fill in told.fills()} == {str(row["id"]) for row in truth["trades"]}
    assert all(told.updates(f"run-{n}")[-1].state == "filled" for n in range(25))


async def test_a_fill_during_a_disconnect_is_told_after_it(exchange: Running) -> None:
    async with connected(exchange, stream=UserStreamPatience(first_s=0.5, longest_s=0.5)) as told:
        exchange.control("disconnect", {"route": "private"})
        await told.until(lambda: told.broker.fault)
        exchange.control("order", {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": 1})
        await told.until(lambda: told.position == 1)
        assert told.broker.reconnects == 1


async def test_an_order_that_is_sent_while_the_stream_is_cut_tells_its_fill_at_once(exchange: Running) -> None:
    async with connected(exchange, stream=UserStreamPatience(first_s=60.0)) as told:
        exchange.control("disconnect", {"route": "private"})
        await told.until(lambda: told.broker.fault)
        await told.broker.submit("run-1", order("buy", 1))
        await told.state("run-1", "filled")
        assert told.broker.reconnects == 0


async def test_a_question_without_an_answer_keeps_no_live_fill_from_being_told(exchange: Running) -> None:
    async with connected(exchange, timeout_s=60.0) as told:
        fault(exchange, "drop", on="GET /fapi/v1/userTrades", seconds=60.0, times=None)
        exchange.control("disconnect", {"route": "private"})
        await told.until(lambda: told.broker.reconnects == 1)
        exchange.control("order", {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": 1})
        await told.until(lambda: told.position == 1)
        assert not told.broker.is_hearing
