"""The native order book beside a naive one: a sorted dict of levels, and plain lists of orders."""

from dataclasses import dataclass, field

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tradebot_native import OrderBook

TICK, LOT = 0.01, 0.001
# Far prices leave the book's dense window, near ones move within it.
TICKS = st.one_of(st.integers(9_990, 10_010), st.integers(1, 200_000))
LOTS = st.integers(0, 5)
SIDES = st.sampled_from(["buy", "sell"])


def price(tick: int) -> float:
    return round(tick * TICK, 2)


def size(lots: int) -> float:
    return round(lots * LOT, 3)


def best_first(side: str, levels: dict[int, int]) -> list[list[float]]:
    return [[price(tick), size(levels[tick])] for tick in sorted(levels, reverse=side == "buy")]


@given(st.lists(st.tuples(SIDES, TICKS, LOTS), max_size=60), st.integers(0, 30), st.one_of(st.none(), TICKS))
def test_levels_quotes_and_walks_equal_a_dict_of_levels(
    updates: list[tuple[str, int, int]], wanted: int, limit: int | None
) -> None:
    naive: dict[str, dict[int, int]] = {"buy": {}, "sell": {}}
    book, batched = OrderBook(TICK, LOT), OrderBook(TICK, LOT)
    for side, tick, lots in updates:
        book.apply(side, price(tick), size(lots))
        naive[side].pop(tick, None)
        if lots:
            naive[side][tick] = lots
    batched.apply_deltas(
        np.array([1 if side == "buy" else -1 for side, _, _ in updates], np.int8),
        np.array([price(tick) for _, tick, _ in updates], float),
        np.array([size(lots) for _, _, lots in updates], float),
    )
    expected = [best_first(side, naive[side]) for side in ("buy", "sell")]
    for one in (book, batched, OrderBook.restore(book.save())):
        assert [side.tolist() for side in one.depth(1_000)] == expected
    for side, levels in zip(("buy", "sell"), expected, strict=True):
        best = tuple(levels[0]) if levels else None
        assert (book.best_bid if side == "buy" else book.best_ask) == best
    expect_walk(book, expected[1], wanted, limit)


def expect_walk(book: OrderBook, asks: list[list[float]], wanted: int, limit: int | None) -> None:
    left, value, levels = wanted, 0.0, 0
    for at, available in asks:
        if left == 0 or (limit is not None and at > price(limit)):
            break
        filled = min(left, round(available / LOT))
        left, value, levels = left - filled, value + filled * at, levels + 1
    filled, average, touched = book.walk("buy", size(wanted), None if limit is None else price(limit))
    assert (filled, touched) == (size(wanted - left), levels)
    if filled:
        assert abs(average - value / (wanted - left)) < 1e-9 * average


@dataclass
class NaiveBook:
    """Resting orders [id, side, tick, lots] in order of priority in time."""

    orders: list[list] = field(default_factory=list)

    def find(self, order_id: int) -> list | None:
        return next((order for order in self.orders if order[0] == order_id), None)

    def match(self, order_id: int, side: str, tick: int, lots: int) -> list[tuple[int, float, float]]:
        sign = 1 if side == "buy" else -1
        against = [order for order in self.orders if order[1] != side and sign * order[2] <= sign * tick]
        fills = []
        for maker in sorted(against, key=lambda order: sign * order[2]):
            filled = min(lots, maker[3])
            if filled:
                fills.append((maker[0], price(maker[2]), size(filled)))
                maker[3] -= filled
                lots -= filled
        self.orders = [order for order in self.orders if order[3]]
        if lots:
            self.orders.append([order_id, side, tick, lots])
        return fills

    def modify(self, order_id: int, lots: int) -> None:
        order = self.find(order_id)
        assert order is not None
        if lots > order[3]:
            self.orders.remove(order)
            self.orders.append(order)
        order[3] = lots

    def ahead(self, order: list) -> tuple[int, float]:
        others = [other for other in self.orders[: self.orders.index(order)] if other[1:3] == order[1:3]]
        return len(others), size(sum(other[3] for other in others))


ACTIONS = st.tuples(
    st.sampled_from(["match", "match", "match", "cancel", "modify", "execute"]),
    SIDES,
    st.integers(9_997, 10_003),
    st.integers(1, 9),
    st.integers(0, 30),
)


@settings(max_examples=200)
@given(st.lists(ACTIONS, max_size=40))
def test_matching_and_queues_equal_a_list_of_orders(actions: list[tuple[str, str, int, int, int]]) -> None:
    naive, book = NaiveBook(), OrderBook(TICK, LOT)
    for number, (action, side, tick, lots, choice) in enumerate(actions):
        if action == "match":
            assert book.match_limit(number, side, price(tick), size(lots)) == naive.match(number, side, tick, lots)
        elif naive.orders:
            order = naive.orders[choice % len(naive.orders)]
            change(naive, book, action, order, lots)
        for order in naive.orders:
            assert book.order(order[0]) == (order[1], price(order[2]), size(order[3]))
            assert book.queue_position(order[0]) == naive.ahead(order)
        assert book.order_count == len(naive.orders)
        levels: dict[str, dict[int, int]] = {"buy": {}, "sell": {}}
        for _, resting, at, left in naive.orders:
            levels[resting][at] = levels[resting].get(at, 0) + left
        assert [rows.tolist() for rows in book.depth(99)] == [best_first(s, levels[s]) for s in ("buy", "sell")]
    assert OrderBook.restore(book.save()).save() == book.save()


def change(naive: NaiveBook, book: OrderBook, action: str, order: list, lots: int) -> None:
    if action == "cancel":
        assert book.cancel(order[0]) == size(order[3])
        naive.orders.remove(order)
    elif action == "modify":
        book.modify(order[0], size(lots))
        naive.modify(order[0], lots)
    else:
        traded = min(lots, order[3])
        assert book.execute(order[0], size(traded)) == size(order[3] - traded)
        order[3] -= traded
        naive.orders = [other for other in naive.orders if other[3]]
