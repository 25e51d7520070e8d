"""The markets of the benchmarks: random walks in steps of 0.25, so that every engine's averages agree to the bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np

CACHE = Path(__file__).parent / ".cache"
FIELDS = ("ts", "open", "high", "low", "close", "volume")
START_NS = 1_577_836_800_000_000_000
MINUTE_NS = 60_000_000_000


def walk(count: int, seed: int, start: float = 10_000.0) -> dict[str, np.ndarray]:
    """One-minute bars of a geometric walk of 0.1 % a minute, eight steps a bar, with a small gap between bars."""
    rng = np.random.default_rng(seed)
    steps = rng.standard_normal((count, 8)) * (0.001 / np.sqrt(8))
    steps[:, 0] *= 0.5
    prices = np.maximum(np.round(start * np.exp(np.cumsum(steps.ravel()).reshape(count, 8)) * 4) / 4, 0.25)
    volume = rng.integers(100, 10_000, count).astype(np.float64)
    ts = START_NS + MINUTE_NS * np.arange(count, dtype=np.int64)
    columns = (ts, prices[:, 0].copy(), prices.max(1), prices.min(1), prices[:, -1].copy(), volume)
    return dict(zip(FIELDS, columns, strict=True))


def one(count: int = 1_000_000) -> dict[str, np.ndarray]:
    """The market of W1 and W3."""
    return _cached(f"one-{count}", lambda: walk(count, 42) if count <= 1_000_000 else _repeated(count))


def many(symbols: int = 100, count: int = 10_000) -> list[dict[str, np.ndarray]]:
    """The markets of W4."""
    made = _cached(
        f"many-{symbols}-{count}",
        lambda: {
            f"{i}-{name}": column
            for i in range(symbols)
            for name, column in walk(count, 1000 + i, 1000.0 * (1 + i % 10)).items()
        },
    )
    return [{name: made[f"{i}-{name}"] for name in FIELDS} for i in range(symbols)]


def _repeated(count: int) -> dict[str, np.ndarray]:
    # The first million over and over: the walk itself would need gigabytes of random numbers.
    base = one()
    times = -(-count // len(base["ts"]))
    columns = {name: np.tile(base[name], times)[:count] for name in FIELDS}
    columns["ts"] = START_NS + MINUTE_NS * np.arange(count, dtype=np.int64)
    return columns


def _cached(name: str, make: object) -> dict[str, np.ndarray]:
    file = CACHE / f"{name}.npz"
    if not file.exists():
        CACHE.mkdir(exist_ok=True)
        np.savez(file, **make())  # type: ignore[operator]
    with np.load(file) as stored:
        return {key: stored[key] for key in stored.files}
