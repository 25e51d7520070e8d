"""W5: an L2 order book kept through 5,000,000 level updates; ``python -m benchmarks.ours.book [CALLS]``."""

from __future__ import annotations

import sys

import numpy as np
import tradebot_native as native

import tradebot
from benchmarks.measure import Answer, report

UPDATES = 5_000_000
TICK, LOT = 0.1, 0.001


def updates() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Side, price in ticks and size in lots of each update around a moving middle; no update crosses the book.

    A third of them move the middle by a tick and so take a level off the book; the others set a level's size, near
    the middle more often than far from it.
    """
    rng = np.random.default_rng(7)
    move = rng.integers(-1, 2, UPDATES)
    middle = 100_000 + np.cumsum(move)
    side = np.where(move == 0, rng.choice(np.array([-1, 1]), UPDATES), -move)
    distance = np.where(move == 0, 1 + np.minimum(rng.geometric(0.08, UPDATES), 400), 0)
    size = np.where(move == 0, rng.integers(0, 50, UPDATES), 0)
    return side.astype(np.int8), middle - side * distance, size


def best_bid_and_ask(side: np.ndarray, ticks: np.ndarray, lots: np.ndarray) -> tuple[float, float]:
    """What the updates leave behind, computed the simple way: each level's last size is what counts."""

    def standing(which: int) -> np.ndarray:
        rows = np.flatnonzero(side == which)[::-1]
        levels, last = np.unique(ticks[rows], return_index=True)
        return levels[lots[rows][last] > 0]

    return round(float(standing(1).max()) * TICK, 1), round(float(standing(-1).min()) * TICK, 1)


def main(calls: int = 5) -> None:
    side, ticks, lots = updates()
    price, size = np.round(ticks * TICK, 1), np.round(lots * LOT, 3)
    expected = best_bid_and_ask(side, ticks, lots)

    def call() -> Answer:
        book = native.OrderBook(TICK, LOT)
        applied = book.apply_deltas(side, price, size)
        best = (book.best_bid, book.best_ask)
        if best[0] is None or best[1] is None or (best[0][0], best[1][0]) != expected:
            raise AssertionError(f"the book's best levels are {best}, not {expected}")
        return {"trades": 0, "equity": float(applied)}

    report(call, units=UPDATES, calls=calls, version=tradebot.__version__)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
