"""Orders against an order book: what is displayed is what can be had, and it can be had once."""

from __future__ import annotations

import tradebot_native as native


class Pit:
    """An exchange with one instrument and its book."""

    def __init__(self) -> None:
        spec = native.InstrumentSpec("X", tick_size=0.1, lot_size=0.01, taker_fee=0.001, maker_fee=0.0)
        self.exchange = native.SimExchange([spec], cash=1e6)
        self.book = native.OrderBook(tick_size=0.1, lot_size=0.01)
        self.ts = 0

    def show(self, **levels: float) -> None:
        """Levels as ``ask_1001=2.0``: price in ticks, and size."""
        for name, size in levels.items():
            side, ticks = name.split("_")
            self.book.apply({"bid": "buy", "ask": "sell"}[side], int(ticks) / 10, size)
        self.ts += 1
        self.exchange.on_book(0, self.ts, self.book)

    @property
    def fills(self) -> list[tuple[float, float, str]]:
        rows = self.exchange.fills()
        words = ["taker", "maker"]
        return [
            (round(price, 6), round(quantity, 6), words[int(maker)])
            for price, quantity, maker in zip(rows["price"], rows["quantity"], rows["liquidity"], strict=True)
        ]


def test_a_market_order_walks_the_levels() -> None:
    pit = Pit()
    pit.show(bid_999=5.0, ask_1001=1.0, ask_1002=2.0)
    pit.exchange.submit(native.OrderIntent("X", "buy", 2.5))
    pit.show(bid_998=1.0)
    assert pit.fills == [(100.1, 1.0, "taker"), (100.2, 1.5, "taker")]


def test_what_was_taken_is_not_there_again_until_the_level_changes() -> None:
    pit = Pit()
    pit.show(bid_999=5.0, ask_1001=1.0, ask_1002=1.0)
    pit.exchange.submit(native.OrderIntent("X", "buy", 10.0))
    for size in (1.0, 2.0, 3.0):
        pit.show(bid_990=size)
    assert pit.fills == [(100.1, 1.0, "taker"), (100.2, 1.0, "taker")]
    pit.show(ask_1001=4.0)
    assert pit.fills[2:] == [(100.1, 4.0, "taker")]


def test_a_limit_order_that_arrives_beyond_the_far_side_takes_up_to_its_price() -> None:
    pit = Pit()
    pit.show(bid_999=0.01, ask_1001=2.0, ask_1002=1.0, ask_1003=9.0)
    pit.exchange.submit(native.OrderIntent("X", "buy", 5.0, type="limit", price=100.2))
    pit.show(bid_998=1.0)
    assert pit.fills == [(100.1, 2.0, "taker"), (100.2, 1.0, "taker")]
    assert pit.exchange.order(0).state == "partially_filled"


def test_a_resting_order_gets_its_own_price_as_far_as_the_far_side_goes() -> None:
    pit = Pit()
    pit.show(bid_995=1.0, ask_1001=2.0)
    order = pit.exchange.submit(native.OrderIntent("X", "buy", 5.0, type="limit", price=100.0))
    pit.show(bid_994=1.0)
    assert pit.fills == []
    pit.show(ask_999=3.0)
    assert pit.fills == [(100.0, 3.0, "maker")]
    assert pit.exchange.order(order).filled == 3.0


def test_fill_or_kill_counts_what_is_left() -> None:
    pit = Pit()
    pit.show(bid_999=5.0, ask_1001=1.0)
    pit.exchange.submit(native.OrderIntent("X", "buy", 0.6))
    pit.show(bid_990=1.0)
    order = pit.exchange.submit(native.OrderIntent("X", "buy", 0.6, tif="fok"))
    pit.show(bid_990=2.0)
    assert pit.exchange.order(order).reason == "fill_or_kill"
