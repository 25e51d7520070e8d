"""The comparison of runs as one HTML page that opens offline."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Final

import numpy as np

from tradebot.research.formatting import write_number, write_time
from tradebot.research.report.markup import escape, section, table

if TYPE_CHECKING:
    from tradebot.research.runs.comparison import Comparison, Curve

_WIDTH: Final = 1_000
_HEIGHT: Final = 320
# Told apart by colour-blind readers too: Okabe and Ito (2008), Color universal design.
_COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")


def page(comparison: Comparison) -> str:
    """The whole page as one document without a reference to anything outside it."""
    runs = comparison.runs
    head = ["", *(escape(f"{run.result['strategy']} {run.short_id}") for run in runs)]
    figures = table(head, ([escape(row.label), *map(escape, row.cells)] for row in comparison.figures))
    settings = table(head, ([escape(row.label), *map(escape, row.cells)] for row in comparison.settings))
    style = files("tradebot.research.report").joinpath("assets", "report.css").read_text(encoding="utf-8")
    title = f"{len(runs)} runs compared"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f'<meta name="generator" content="tradebot"><title>{title}</title>'
        f"<style>\n{style}</style></head>\n<body><main>\n<header><h1>{title}</h1></header>\n"
        + section("equity", "Equity", _chart(comparison), note="Over the initial cash of each run.")
        + section("figures", "Figures", figures)
        + (section("settings", "What was different", settings) if comparison.settings else "")
        + "\n</main></body></html>\n"
    )


def _chart(comparison: Comparison) -> str:
    curves = comparison.curves
    times = [curve.ts for curve in curves if len(curve.ts)]
    growth = [curve.growth for curve in curves if len(curve.growth)]
    if not times:
        return '<p class="note">No run has a step.</p>'
    span = (min(int(ts[0]) for ts in times), max(int(ts[-1]) for ts in times))
    bounds = (min(1.0, *(float(each.min()) for each in growth)), max(1.0, *(float(each.max()) for each in growth)))
    lines = "".join(_line(curve, span, bounds, _colour(index)) for index, curve in enumerate(curves))
    base = float(_y(np.array([1.0]), bounds)[0])
    low, high = (write_number(bound - 1.0, "percent", signed=True) for bound in bounds)
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" width="100%" role="img" aria-label="Equity of the runs">'
        f'<line x1="0" x2="{_WIDTH}" y1="{base:.1f}" y2="{base:.1f}" stroke="currentColor" stroke-opacity="0.3"/>'
        f'{lines}<text x="4" y="14" font-size="13" fill="currentColor">{escape(high)}</text>'
        f'<text x="4" y="{_HEIGHT - 4}" font-size="13" fill="currentColor">{escape(low)}</text></svg>'
        f'<p class="note">{write_time(span[0])} to {write_time(span[1])} UTC. {_legend(comparison)}</p>'
    )


def _line(curve: Curve, span: tuple[int, int], bounds: tuple[float, float], colour: str) -> str:
    x = (curve.ts - span[0]) / max(span[1] - span[0], 1) * _WIDTH
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, _y(curve.growth, bounds), strict=True))
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>'


def _y(growth: np.ndarray, bounds: tuple[float, float]) -> np.ndarray:
    low, high = bounds
    return _HEIGHT - 20 - (growth - low) / max(high - low, 1e-12) * (_HEIGHT - 40)


def _legend(comparison: Comparison) -> str:
    return ", ".join(
        f'<b style="color:{_colour(index)}">{escape(run.result["strategy"])} {run.short_id}</b>'
        for index, run in enumerate(comparison.runs)
    )


def _colour(index: int) -> str:
    return _COLOURS[index % len(_COLOURS)]
