"""A client that steps the market gets what a backtest gets: the same fills, at the same times, for the same money."""

from __future__ import annotations

import json
from decimal import Decimal
from random import Random
from typing import Any

import msgspec
import pytest
import tradebot_native as native
import websockets.sync.client

from local_exchange import INSTRUMENT, Running, bar, running
from tradebot.core.event import BarClosed
from tradebot.exchange.settings import FundingSchedule

OTHER = msgspec.structs.replace(INSTRUMENT, symbol="ETHUSDT", base="ETH")


def send(exchange: Running, side: str, quantity: float, **more: Any) -> dict[str, Any]:
    answer = exchange.rest("POST", "order", symbol="BTCUSDT", side=side, type="MARKET", quantity=quantity, **more)
    assert answer.status == 200, answer.body
    return answer.body


def stop(exchange: Running, trigger: float, quantity: float = 1) -> dict[str, Any]:
    terms = {"algoType": "CONDITIONAL", "type": "STOP_MARKET", "reduceOnly": "true", "side": "SELL"}
    answer = exchange.rest("POST", "algoOrder", symbol="BTCUSDT", quantity=quantity, triggerPrice=trigger, **terms)
    assert answer.status == 200, answer.body
    return answer.body


def walk(seed: int, count: int) -> list[BarClosed]:
    rnd, price, bars = Random(seed), 1000, []
    for n in range(count):
        opens = price + rnd.randint(-3, 3)
        price = opens + rnd.randint(-15, 15)
        high, low = max(opens, price) + rnd.randint(0, 9), min(opens, price) - rnd.randint(0, 9)
        bars.append(bar(n, opens / 10, high / 10, low / 10, price / 10))
    return bars


def test_a_market_order_takes_the_next_open_and_its_stop_guards_the_rest_of_that_bar() -> None:
    with running([bar(0, 100, 100, 100, 100), bar(1, 101, 103, 95, 102)], stepped=True) as exchange:
        exchange.step_bar()
        assert send(exchange, "BUY", 1)["status"] == "NEW"
        assert exchange.step()["phase"] == "open"
        stop(exchange, 98)
        assert exchange.step()["phase"] == "rest"
        trades = exchange.ledger()["trades"]
        assert exchange.control("step") == {"over": True}
    assert [(trade["side"], trade["price"], trade["time"] % 3_600_000) for trade in trades] == [
        ("BUY", "101", 60_000),
        ("SELL", "98", 60_000),
    ]


@pytest.mark.parametrize("seed", range(4))
def test_the_account_is_that_of_the_simulated_exchange(seed: int) -> None:
    bars, rnd = walk(seed, 40), Random(seed + 100)
    alone = native.SimExchange([INSTRUMENT.native()], cash=10_000, leverage=20)
    alone.set_leverage("BTCUSDT", 20)
    with running(bars, stepped=True) as exchange:
        for event in bars:
            alone.on_bar(0, event.bar, event.interval.close_of(event.bar.ts))
            exchange.step_bar()
            side, quantity = rnd.choice(["BUY", "SELL"]), rnd.randint(1, 9)
            if rnd.random() < 0.5:
                alone.submit(native.OrderIntent(0, side.lower(), quantity))
                send(exchange, side, quantity)
            else:
                price = round(event.bar.close + (-0.5 if side == "BUY" else 0.5), 1)
                alone.submit(native.OrderIntent(0, side.lower(), quantity, type="limit", price=price))
                terms = {"type": "LIMIT", "price": price, "timeInForce": "GTC"}
                assert (
                    exchange.rest("POST", "order", symbol="BTCUSDT", side=side, quantity=quantity, **terms).status
                    == 200
                )
        ledger = exchange.ledger()
    fills = alone.fills()
    told = [(float(trade["price"]), float(trade["qty"]), 1_000_000 * trade["time"]) for trade in ledger["trades"]]
    assert told == list(zip(fills["price"].tolist(), fills["quantity"].tolist(), fills["ts"].tolist(), strict=True))
    assert len(told) > 15
    assert Decimal(ledger["equity"]) == pytest.approx(Decimal(repr(alone.portfolio.equity)), abs=Decimal("0.000001"))


def test_candles_become_final_after_the_last_bar_of_a_step() -> None:
    events = [bar(n, 100, 101, 99, 100 + n, symbol=symbol) for n in range(2) for symbol in ("BTCUSDT", "ETHUSDT")]
    with running(events, instruments=(INSTRUMENT, OTHER), stepped=True) as exchange:
        address = f"{exchange.ws_url}/market/stream?streams=btcusdt@kline_1m/ethusdt@kline_1m"
        with websockets.sync.client.connect(address) as socket:
            phases = [exchange.step() for _ in range(4)]
            told = [json.loads(socket.recv(timeout=5)) for _ in range(6)]
    assert [(each["symbol"], each["phase"], each["endsStep"]) for each in phases] == [
        ("BTCUSDT", "open", False),
        ("BTCUSDT", "rest", False),
        ("ETHUSDT", "open", False),
        ("ETHUSDT", "rest", True),
    ]
    candles = [message["data"]["k"] for message in told]
    assert [(candle["s"], candle["x"]) for candle in candles] == [
        ("BTCUSDT", False),
        ("BTCUSDT", False),
        ("ETHUSDT", False),
        ("ETHUSDT", False),
        ("BTCUSDT", True),
        ("ETHUSDT", True),
    ]
    whole = candles[4]
    assert [float(whole[name]) for name in "ohlcv"] == [100.0, 101.0, 99.0, 100.0, 100.0]
    assert (whole["t"], whole["T"]) == (1_704_067_200_000, 1_704_067_259_999)


def test_funding_is_paid_at_its_time_and_told() -> None:
    events = [bar(n, 100, 100, 100, 100) for n in range(482)]
    schedule = FundingSchedule.constant(events[0].bar.ts + 1)
    with running(events, stepped=True, funding={"BTCUSDT": schedule}) as exchange:
        exchange.step_bar()
        send(exchange, "BUY", 10)
        exchange.step_bar(481)
        income = [row for row in exchange.rest("GET", "income").body if row["incomeType"] == "FUNDING_FEE"]
        wallet = Decimal(exchange.ledger()["wallet"])
    assert [(row["income"], row["time"]) for row in income] == [("-0.10000000", 1_704_067_200_000 + 8 * 3_600_000)]
    assert wallet == 10_000 - Decimal("0.1") - 1000 * INSTRUMENT.taker_fee


def test_a_market_that_moves_by_itself_is_not_stepped() -> None:
    with running() as exchange, pytest.raises(Exception, match="400"):
        exchange.step()


def test_a_stop_whose_position_has_gone_stays_and_is_rejected_when_it_triggers() -> None:
    events = [
        bar(0, 100, 100, 100, 100),
        bar(1, 100, 100, 100, 100),
        bar(2, 100, 100, 100, 100),
        bar(3, 100, 100, 90, 95),
    ]
    with running(events, stepped=True) as exchange:
        exchange.step_bar()
        send(exchange, "BUY", 1)
        exchange.step_bar()
        placed = stop(exchange, 95)
        send(exchange, "SELL", 1, reduceOnly="true")
        exchange.step_bar()
        assert [algo["algoId"] for algo in exchange.rest("GET", "openAlgoOrders").body] == [placed["algoId"]]
        exchange.step_bar()
        assert exchange.rest("GET", "algoOrder", algoId=placed["algoId"]).body["algoStatus"] == "REJECTED"
        assert exchange.ledger()["positions"] == {"BTCUSDT": "0"}


def test_a_stop_that_outlived_its_position_guards_the_next_one() -> None:
    events = [bar(n, 100, 100, 100, 100) for n in range(5)] + [bar(5, 100, 100, 90, 95)]
    with running(events, stepped=True) as exchange:
        exchange.step_bar()
        send(exchange, "BUY", 1)
        exchange.step_bar()
        stop(exchange, 95)
        send(exchange, "SELL", 1, reduceOnly="true")
        exchange.step_bar()
        send(exchange, "BUY", 1)
        exchange.step_bar(3)
        assert exchange.ledger()["positions"] == {"BTCUSDT": "0"}


def test_a_close_position_order_takes_what_there_is_and_goes_with_the_position() -> None:
    events = [bar(n, 100, 100, 100, 100) for n in range(4)] + [bar(4, 100, 100, 90, 95)]
    close = {"algoType": "CONDITIONAL", "type": "STOP_MARKET", "closePosition": "true", "side": "SELL"}
    with running(events, stepped=True) as exchange:
        exchange.step_bar()
        send(exchange, "BUY", 1)
        exchange.step_bar()
        lower = exchange.rest("POST", "algoOrder", symbol="BTCUSDT", triggerPrice=95, **close).body
        higher = exchange.rest("POST", "algoOrder", symbol="BTCUSDT", triggerPrice=97, **close).body
        send(exchange, "BUY", 2)
        exchange.step_bar(3)
        told = {algo["algoId"]: algo for algo in exchange.ledger()["algoOrders"]}
    assert (told[higher["algoId"]]["algoStatus"], told[higher["algoId"]]["actualQty"]) == ("FINISHED", "3")
    assert told[lower["algoId"]]["algoStatus"] == "EXPIRED"
