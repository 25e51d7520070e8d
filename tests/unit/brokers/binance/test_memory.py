"""What the broker remembers of orders and trades does not grow with their number."""

from __future__ import annotations

from decimal import Decimal

from retained import retained
from tradebot.brokers.binance.names import KnownOrder, OrderNames
from tradebot.brokers.binance.telling import Telling
from tradebot.core.fill import Fill, Liquidity
from tradebot.core.order import OrderState, Side
from tradebot.core.redaction import Redactor


def known(name: str) -> KnownOrder:
    return KnownOrder(order_id=name, symbol="BTCUSDT", side="BUY", is_conditional=False, client_id=name)


def trade(number: int, order_id: str) -> Fill:
    return Fill(
        trade_id=str(number),
        order_id=order_id,
        symbol="BTCUSDT",
        ts=number,
        side=Side.BUY,
        price=Decimal(100),
        quantity=Decimal(1),
        fee=Decimal(0),
        fee_currency="USDT",
        liquidity=Liquidity.TAKER,
    )


def remembered(count: int) -> int:
    """What is remembered after so many orders that were sent, filled and ended, with a snapshot after every tenth."""
    names = OrderNames()
    telling = Telling(names, Redactor())
    compared = 0
    for number in range(count):
        name = f"run-{number}"
        names.remember(known(name))
        names.link("BTCUSDT", str(number), name)
        assert telling.fill(trade(number, name), OrderState.FILLED)
        assert not telling.fill(trade(number, name), OrderState.FILLED), "told twice"
        telling.queue.get_nowait()
        if number % 10 == 0:
            assert len(telling.since(compared)) <= 20
            compared = telling.told
    return retained(names, telling)


def test_orders_that_have_ended_and_trades_that_were_told_long_ago_are_forgotten():
    assert remembered(14_000) < 1.01 * remembered(7_000)


def test_an_order_that_works_and_its_entry_are_known_however_many_end_meanwhile():
    names = OrderNames()
    entry, stop = names.remember(known("run-0")), names.remember(known("run-0-sl"))
    entry.state = OrderState.FILLED
    for number in range(1, 5_000):
        names.remember(known(f"run-{number}")).state = OrderState.CANCELED
    assert [names.get(name) for name in ("run-0", "run-0-sl", "run-1")] == [entry, stop, None]


def test_numbers_of_orders_that_others_send_or_that_were_made_anew_are_forgotten_and_the_present_ones_kept():
    names = OrderNames()
    names.remember(known("run-0"))
    sizes: list[int] = []
    for number in range(40_000):
        names.link("BTCUSDT", f"a{number}", f"web_{number}")
        names.link("BTCUSDT", f"b{number}", "run-0")
        if number % 500 == 0:
            sizes.append(retained(names))
    half = len(sizes) // 2
    assert max(sizes[half:]) < 1.01 * max(sizes[:half])
    assert names.owner("BTCUSDT", "b39999") == "run-0"
    assert names.owner("BTCUSDT", "a39999") == "web_39999"
    assert names.owner("BTCUSDT", "a0") is None
