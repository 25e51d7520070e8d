"""The order book as Python sees it: what it answers, and what it says when it cannot."""

import copy
import math

import numpy as np
import pytest
from tradebot_native import OrderBook, SequenceGap


def quoted() -> OrderBook:
    book = OrderBook(tick_size=0.1, lot_size=0.001)
    book.apply_snapshot([(99.9, 1.0), (99.8, 2.0)], [(100.1, 3.0), (100.2, 4.0)], 7)
    return book


def queued() -> OrderBook:
    book = OrderBook(tick_size=0.01, lot_size=1.0)
    book.add(1, "sell", 10.01, 5)
    book.add(2, "sell", 10.01, 3)
    book.add(3, "sell", 10.02, 4)
    return book


def columns(*rows: tuple[int, float, float]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    sides, prices, sizes = zip(*rows, strict=True)
    return np.array(sides, np.int8), np.array(prices), np.array(sizes)


def test_quotes_come_back_as_the_very_numbers_that_went_in() -> None:
    book = quoted()
    assert book.best_bid == (99.9, 1.0)
    assert book.best_ask == (100.1, 3.0)
    assert book.mid == 100.0
    assert book.spread == 0.2
    assert book.microprice == pytest.approx((99.9 * 3 + 100.1 * 1) / 4)
    assert book.size_at("buy", 99.8) == 2.0
    assert book.size_at("buy", 99.7) == 0.0
    assert book.level_count == (2, 2)


def test_an_empty_book_has_no_quotes() -> None:
    book = OrderBook(0.1, 0.001)
    assert (book.best_bid, book.best_ask, book.mid, book.spread, book.microprice) == (None,) * 5
    assert [side.shape for side in book.depth(3)] == [(0, 2), (0, 2)]
    filled, average, levels = book.walk("buy", 1.0)
    assert (filled, levels) == (0.0, 0)
    assert math.isnan(average)


def test_depth_gives_the_best_levels_first() -> None:
    bids, asks = quoted().depth(1)
    assert bids.tolist() == [[99.9, 1.0]]
    assert asks.tolist() == [[100.1, 3.0]]
    assert quoted().depth(9)[1].tolist() == [[100.1, 3.0], [100.2, 4.0]]


def test_a_snapshot_may_be_given_as_arrays() -> None:
    book = OrderBook(0.1, 0.001)
    book.apply_snapshot(np.array([[99.9, 1.0]]), np.empty((0, 2)), 1)
    assert (book.best_bid, book.best_ask, book.sequence) == ((99.9, 1.0), None, 1)


def test_a_walk_fills_through_the_levels_and_changes_nothing() -> None:
    book = quoted()
    filled, average, levels = book.walk("buy", 5.0)
    assert (filled, levels) == (5.0, 2)
    assert average == pytest.approx((3 * 100.1 + 2 * 100.2) / 5)
    assert book.walk("buy", 5.0, limit=100.15) == (3.0, 100.1, 1)
    assert book.walk("sell", 1.5) == (1.5, pytest.approx((99.9 + 0.5 * 99.8) / 1.5), 2)
    assert book.size_at("sell", 100.1) == 3.0


def test_a_batch_applies_its_rows_in_order() -> None:
    book = quoted()
    assert book.apply_deltas(*columns((1, 100.0, 2.0), (-1, 100.1, 0.0), (1, 100.0, 0.5))) == 3
    assert (book.best_bid, book.best_ask) == ((100.0, 0.5), (100.2, 4.0))


def test_a_batch_of_messages_skips_the_stale_and_stops_at_a_gap() -> None:
    book = quoted()
    arrays = columns((1, 99.9, 9.0), (1, 99.9, 5.0), (1, 99.9, 6.0))
    ids = {"first": np.array([1, 6, 20]), "last": np.array([6, 9, 21]), "previous": np.array([0, 5, 15])}
    with pytest.raises(SequenceGap, match=r"sequence: update 20\.\.21 follows 15, but the book is at 9"):
        book.apply_deltas(*arrays, bounds=np.array([0, 1, 2, 3]), **ids)
    assert (book.best_bid, book.sequence) == ((99.9, 5.0), 9)


@pytest.mark.parametrize(
    ("bounds", "fact"),
    [([0, 2], "need 3 ascending offsets"), ([0, 2, 1], "ascending"), ([0, 1, 3], "from 0 to 2"), (None, "bounds")],
)
def test_bounds_that_do_not_cover_the_rows_are_refused(bounds: list[int] | None, fact: str) -> None:
    offsets = None if bounds is None else np.array(bounds)
    with pytest.raises(ValueError, match=fact):
        quoted().apply_deltas(
            *columns((1, 1.0, 1.0), (1, 2.0, 1.0)), bounds=offsets, first=np.array([8, 9]), last=np.array([8, 9])
        )


@pytest.mark.parametrize(
    ("price", "size", "fact"),
    [
        (99.95, 1.0, "price: 99.95 is not a multiple of the tick size 0.1"),
        (math.nan, 1.0, "price: NaN is not a multiple"),
        (99.9, 0.0005, "size: 0.0005 is not a multiple of the lot size 0.001"),
        (99.9, -1.0, "size: -1 is negative"),
    ],
)
def test_values_off_the_grid_are_refused_with_the_row(price: float, size: float, fact: str) -> None:
    with pytest.raises(ValueError, match=fact):
        quoted().apply("buy", price, size)
    with pytest.raises(ValueError, match=f"row 1: {fact}"):
        quoted().apply_deltas(*columns((1, 99.9, 1.0), (1, price, size)))


def test_messages_before_a_snapshot_are_refused() -> None:
    with pytest.raises(SequenceGap, match="Apply a snapshot first"):
        OrderBook(0.1, 0.001).apply_diff([], [], 1, 2)


def test_unknown_sides_and_steps_are_named() -> None:
    with pytest.raises(ValueError, match='side: "bid" is not one of buy, sell'):
        quoted().apply("bid", 99.9, 1.0)
    with pytest.raises(ValueError, match="tick_size: 0 is not a positive number"):
        OrderBook(0.0, 1.0)


def test_incoming_orders_fill_by_price_then_time() -> None:
    book = queued()
    assert book.match_limit(9, "buy", 10.02, 10) == [(1, 10.01, 5.0), (2, 10.01, 3.0), (3, 10.02, 2.0)]
    assert book.order(3) == ("sell", 10.02, 2.0)
    assert book.order(9) is None
    assert book.match_market("buy", 50) == [(3, 10.02, 2.0)]


def test_the_rest_of_a_limit_order_rests_unless_its_time_in_force_says_otherwise() -> None:
    book = queued()
    assert book.match_limit(9, "buy", 10.01, 20, tif="fok") == []
    assert book.match_limit(9, "buy", 10.01, 6, tif="ioc") == [(1, 10.01, 5.0), (2, 10.01, 1.0)]
    assert book.match_limit(9, "buy", 10.01, 6) == [(2, 10.01, 2.0)]
    assert book.best_bid == (10.01, 4.0)


def test_orders_change_leave_and_trade_by_id() -> None:
    book = queued()
    book.modify(1, 2)
    assert book.queue_position(2) == (1, 2.0)
    book.modify(1, 6)
    assert book.queue_position(1) == (1, 3.0)
    assert book.execute(2, 1) == 2.0
    assert book.cancel(2) == 2.0
    assert book.queue_position(1) == (0, 0.0)
    assert book.queue_position(2) is None
    with pytest.raises(ValueError, match="order 2: no such order in the book"):
        book.modify(2, 5)


def test_a_book_is_copied_and_restored_with_its_queues() -> None:
    book = queued()
    twin = copy.deepcopy(book)
    restored = OrderBook.restore(book.save())
    book.cancel(1)
    for other in (twin, restored):
        assert other.queue_position(2) == (1, 5.0)
    with pytest.raises(ValueError, match="not a saved order book"):
        OrderBook.restore(b"\x00")
