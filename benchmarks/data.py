"""The markets of the benchmarks: random walks in steps of 0.25, so that every engine's averages agree to the bit."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

Columns = dict[str, np.ndarray]

CACHE = Path(__file__).parent / ".cache"
FIELDS = ("ts", "open", "high", "low", "close", "volume")
START_NS = 1_577_836_800_000_000_000
MINUTE_NS = 60_000_000_000
MILLION = 1_000_000
TEN_YEARS = 5_260_320
SYMBOLS, SYMBOL_BARS = 100, 10_000
# Bars on either side of a swing, where structures are sought.
SWING = 10


def walk(count: int, seed: int, start: float = 10_000.0) -> Columns:
    """One-minute bars of a geometric walk of 0.1 % a minute, eight steps a bar, with a small gap between bars."""
    rng = np.random.default_rng(seed)
    steps = rng.standard_normal((count, 8)) * (0.001 / np.sqrt(8))
    steps[:, 0] *= 0.5
    prices = np.maximum(np.round(start * np.exp(np.cumsum(steps.ravel()).reshape(count, 8)) * 4) / 4, 0.25)
    volume = rng.integers(100, 10_000, count).astype(np.float64)
    columns = (_minutes(count), prices[:, 0].copy(), prices.max(1), prices.min(1), prices[:, -1].copy(), volume)
    return dict(zip(FIELDS, columns, strict=True))


def one(count: int = MILLION) -> Columns:
    """The market of W1 and W3; shorter ones are its beginning, longer ones repeat it."""
    if count > MILLION:
        return _cached(f"one-{count}", lambda: _repeated(count))
    return {name: column[:count] for name, column in _cached("one", lambda: walk(MILLION, 42)).items()}


def many(symbols: int = SYMBOLS, count: int = SYMBOL_BARS) -> list[Columns]:
    """The markets of W4."""

    def make() -> Columns:
        markets = [walk(count, 1000 + i, 1000.0 * (1 + i % 10)) for i in range(symbols)]
        return {name: np.stack([market[name] for market in markets]) for name in FIELDS}

    made = _cached(f"many-{symbols}-{count}", make)
    return [{name: made[name][i] for name in FIELDS} for i in range(symbols)]


def stored_files(symbol: str) -> list[Path]:
    """Files of the benchmarks' store that hold a symbol's bars; ``*`` for all."""
    return list((CACHE / "library" / "bars").glob(f"venue=*/symbol={symbol}/interval=1m/*.parquet"))


def _minutes(count: int) -> np.ndarray:
    return START_NS + MINUTE_NS * np.arange(count, dtype=np.int64)


def _repeated(count: int) -> Columns:
    # The walk itself would need gigabytes of random numbers.
    base = one()
    times = -(-count // MILLION)
    return {name: np.tile(base[name], times)[:count] for name in FIELDS} | {"ts": _minutes(count)}


def _cached(name: str, make: Callable[[], Columns]) -> Columns:
    file = CACHE / f"{name}.npz"
    if not file.exists():
        CACHE.mkdir(exist_ok=True)
        unfinished = file.with_suffix(f".{os.getpid()}.npz")
        np.savez(unfinished, **make())
        unfinished.replace(file)
    with np.load(file) as stored:
        return {key: stored[key] for key in stored.files}


if __name__ == "__main__":
    # Made beforehand, so that no measured process has to: it would count as its memory.
    one(10 * MILLION)
    one(TEN_YEARS)
    many()
