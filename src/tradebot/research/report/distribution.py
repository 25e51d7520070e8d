"""Histogram of trade returns as inline SVG."""

from __future__ import annotations

import math

import numpy as np

from tradebot.research.formatting import write_number
from tradebot.research.report.markup import escape
from tradebot.research.statistics.sampling import FloatArray

MOST_BINS = 40
_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 720.0, 340.0, 8.0, 22.0, 26.0
_TICK_ROOM = 36.0
# Shares of trades beyond which the outermost bars gather the rest, so one outlier does not flatten the others.
_TAIL = 0.5


def histogram(returns: FloatArray) -> str:
    """Counts of trades by return: losses and gains apart in colour, the mean marked.

    Parameters
    ----------
    returns : net return of each trade on its entry notional, at least one.
    """
    edges = _edges(returns)
    counts, _ = np.histogram(np.clip(returns, edges[0], edges[-1]), edges)
    plot_width, plot_height = _WIDTH - 2 * _LEFT, _HEIGHT - _TOP - _BOTTOM
    slot, tallest = plot_width / len(counts), max(int(counts.max()), 1)
    bars: list[str] = []
    for place, count in enumerate(counts):
        if count:
            height = plot_height * int(count) / tallest
            kind = "gain" if edges[place] + edges[place + 1] > 0.0 else "loss"
            span = (
                f"{write_number(float(edges[place]), 'percent')} to {write_number(float(edges[place + 1]), 'percent')}"
            )
            bars.append(
                f'<rect class="{kind}" x="{_LEFT + place * slot + 0.75:.2f}" y="{_TOP + plot_height - height:.2f}" '
                f'width="{max(slot - 1.5, 1.0):.2f}" height="{height:.2f}" rx="1"><title>{int(count):,} trades, '
                f"{escape(span)}</title></rect>"
            )
    scale = plot_width / float(edges[-1] - edges[0])
    mean = float(np.mean(returns))
    marks = _mark(
        _LEFT + (min(max(mean, edges[0]), edges[-1]) - edges[0]) * scale, f"mean {write_number(mean, 'percent')}"
    )
    places = [(float(value), _LEFT + (float(value) - float(edges[0])) * scale) for value in _ticks(edges)]
    ticks = "".join(_tick(value, x) for value, x in places if _TICK_ROOM <= x <= _WIDTH - _TICK_ROOM)
    floor = f'<line class="axis" x1="{_LEFT}" x2="{_WIDTH - _LEFT}" y1="{_HEIGHT - _BOTTOM}" y2="{_HEIGHT - _BOTTOM}"/>'
    return (
        f'<svg class="histogram" viewBox="0 0 {_WIDTH:.0f} {_HEIGHT:.0f}" role="img" '
        f'aria-label="Distribution of trade returns">{"".join(bars)}{floor}{ticks}{marks}</svg>'
    )


def _edges(returns: FloatArray) -> FloatArray:
    """Bin edges with zero among them, so no bar mixes gains and losses."""
    low, high = (float(x) for x in np.percentile(returns, [_TAIL, 100.0 - _TAIL]))
    low, high = min(low, 0.0), max(high, 0.0)
    if high - low <= 0.0:
        high = 0.01
    width = (high - low) / min(MOST_BINS, 8 + 2 * math.isqrt(len(returns)))
    below, above = int(np.ceil(-low / width - 1e-9)), int(np.ceil(high / width - 1e-9))
    return width * np.arange(-below, above + 1, dtype=np.float64)


def _ticks(edges: FloatArray) -> FloatArray:
    """Round values between the edges, four to nine of them."""
    rough = float(edges[-1] - edges[0]) / 8.0
    power = 10.0 ** math.floor(math.log10(rough))
    step = power * min((m for m in (1.0, 2.0, 5.0, 10.0) if m * power >= rough), default=10.0)
    return step * np.arange(math.ceil(edges[0] / step), math.floor(edges[-1] / step) + 1, dtype=np.float64)


def _tick(value: float, x: float) -> str:
    text = escape(write_number(value, "percent"))
    return f'<text class="tick" x="{x:.1f}" y="{_HEIGHT - 9:.0f}" text-anchor="middle">{text}</text>'


def _mark(x: float, text: str) -> str:
    anchor = "start" if x < _WIDTH / 2 else "end"
    shift = 5.0 if anchor == "start" else -5.0
    return (
        f'<line class="mark" x1="{x:.1f}" x2="{x:.1f}" y1="4" y2="{_HEIGHT - _BOTTOM}"/>'
        f'<text class="mark" x="{x + shift:.1f}" y="14" text-anchor="{anchor}">{escape(text)}</text>'
    )
