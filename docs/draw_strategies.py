"""Draws the pictures of docs/strategies.md: ``python docs/draw_strategies.py DATA``, the folder of recorded markets.

Each is one backtest over real bars with the venue's fees: the prices above, the equity below.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

import tradebot
from tradebot.core.bar import BarArray
from tradebot.core.instant import iso
from tradebot.store.factors import adjust, read_factors
from tradebot.strategies import registry

FOLDER: Final = Path(__file__).parent / "images" / "strategies"
_WIDTH: Final = 720
_PRICES: Final = (24, 150)
_EQUITY: Final = (166, 236)
_POINTS: Final = 360
_GREYS: Final = ("#6e7781", "#8c959f", "#afb8c1", "#57606a")


@dataclass(frozen=True, slots=True)
class Sample:
    """Which bars a strategy is shown on, and with which parameters."""

    markets: tuple[str, ...] = ("BTCUSDT-1h",)
    params: dict[str, Any] = field(default_factory=dict)


_STOCKS: Final = ("SPY-1d", "IBM-1d", "AAPL-1d")
_PAIR: Final = "RSIBBEntryMixin+RSIBBExitMixin"
# The others are shown on hours of Bitcoin.
_SAMPLES: Final = {
    "buy_and_hold": Sample(("SPY-1d",)),
    "cross_sectional_momentum": Sample(_STOCKS),
    "dollar_cost_averaging": Sample(("SPY-1d",), {"calendar": "monthly", "share": 0.005}),
    "fixed_weights": Sample(_STOCKS),
    "grid": Sample(("BTCUSDT-1m",)),
    "opening_range_breakout": Sample(("BTCUSDT-1m",)),
    "pairs": Sample(("ETHUSDT-1m", "BTCUSDT-1m"), {"window": 1_000}),
    "sma_cross": Sample(("SPY-1d",), {"fast": 50, "slow": 200}),
    "smc": Sample(("BTCUSDT-5m",)),
    "time_series_momentum": Sample(("SPY-1d",)),
    "turtle": Sample(("SPY-1d",)),
}


def main(data: Path) -> None:
    """Draw every strategy of the library, and an entry with an exit."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    names = [listing.name for listing in registry.catalog().strategies if listing.origin == "library"]
    for name in (*names, _PAIR):
        sample = _SAMPLES.get(name, Sample())
        result = tradebot.backtest(registry.find(name)(**sample.params), _markets(data, sample), cash=100_000)
        file = FOLDER / f"{'mixins' if name == _PAIR else name}.svg"
        file.write_text(_drawn(result), encoding="utf-8")


def _markets(data: Path, sample: Sample) -> list[BarArray]:
    """Bars on their common span; of stocks at prices adjusted for splits and dividends."""
    found: list[BarArray] = []
    for name in sample.markets:
        stock = name.endswith("-1d")
        bars = tradebot.read_bars(next(data.glob(f"us_equity/{name}-raw.csv" if stock else f"*/{name}.parquet")))
        if stock:
            symbol = name.removesuffix("-1d")
            bars = adjust(bars, read_factors(data / "us_equity" / f"{symbol}-factors.csv"))
        found.append(bars)
    first, last = max(int(bars.ts[0]) for bars in found), min(int(bars.ts[-1]) for bars in found)
    return [bars.between(first, last + 1) for bars in found]


def _drawn(result: tradebot.BacktestResult) -> str:
    outcome = result.outcome
    span = outcome.ts[0], outcome.ts[-1]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} 240" font-family="sans-serif" font-size="12">',
        f'<rect width="{_WIDTH}" height="240" fill="#ffffff"/>',
        f'<text x="4" y="14" fill="#24292f">{escape(_caption(result))}</text>',
    ]
    # In logarithms, so that a percent is as high anywhere.
    curves = [np.log(bars.close / bars.close[0]) for bars in outcome.bars]
    low, high = min(map(np.min, curves)), max(map(np.max, curves))
    for curve, bars, colour in zip(curves, outcome.bars, _GREYS, strict=False):
        parts.append(_line(bars.close_ts, curve, span, (low, high), _PRICES, colour))
    equity = np.log(outcome.equity / outcome.initial_cash)
    bounds = float(equity.min()), float(equity.max())
    at_start = _heights(np.array([0.0]), bounds, _EQUITY)[0]
    parts.append(f'<line x1="0" x2="{_WIDTH}" y1="{at_start:.1f}" y2="{at_start:.1f}" stroke="#d0d7de"/>')
    parts.append(_line(outcome.ts, equity, span, bounds, _EQUITY, "#0969da"))
    return "\n".join([*parts, "</svg>", ""])


def _caption(result: tradebot.BacktestResult) -> str:
    outcome = result.outcome
    gained = outcome.final_equity / outcome.initial_cash - 1
    days = f"{iso(int(outcome.ts[0]))[:10]} to {iso(int(outcome.ts[-1]))[:10]}"
    params = ", ".join(
        f"{name}={value}" for name, value in outcome.params.items() if value != _default(outcome.strategy, name)
    )
    told = f"{', '.join(outcome.symbols)} {outcome.bars[0].interval}, {days}: equity {gained:+.1%} after costs"
    return f"{told}, {len(outcome.fills['ts']):,} fills" + (f" ({params})" if params else "")


def _default(strategy: str, name: str) -> Any:
    return registry.find(strategy).parameters[name].default


def _line(
    ts: NDArray[np.int64],
    values: NDArray[np.float64],
    span: tuple[int, int],
    bounds: tuple[float, float],
    rows: tuple[int, int],
    colour: str,
) -> str:
    kept = np.unique(np.linspace(0, len(ts) - 1, _POINTS).astype(int))
    x = (ts[kept] - span[0]) / max(1, span[1] - span[0]) * _WIDTH
    y = _heights(values[kept], bounds, rows)
    points = " ".join(f"{left:.1f},{down:.1f}" for left, down in zip(x, y, strict=True))
    return f'<polyline fill="none" stroke="{colour}" stroke-width="1.2" points="{points}"/>'


def _heights(values: NDArray[np.float64], bounds: tuple[float, float], rows: tuple[int, int]) -> NDArray[np.float64]:
    low, high = bounds
    return rows[1] - (values - low) / ((high - low) or 1.0) * (rows[1] - rows[0])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
