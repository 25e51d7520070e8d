"""The page of a report: its parts in order, its style and its script inlined."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

import msgspec

from tradebot.research import describe
from tradebot.research.report import method, overview, trading
from tradebot.research.report.chart_data import chart_data
from tradebot.research.report.markup import escape

if TYPE_CHECKING:
    from tradebot.research.result import BacktestResult

_SCRIPTS = ("data.js", "axes.js", "panes.js", "charts.js", "trades.js", "main.js")


def build(result: BacktestResult) -> str:
    """The whole report of a result as one HTML document without a reference to anything outside it."""
    outcome = result.outcome
    data = chart_data(outcome)
    title = f"{outcome.strategy} on {describe.market_line(outcome)}"
    parts = [
        overview.heading(result),
        overview.headline(result),
        overview.charts(result, data),
        overview.months(result),
        trading.payoff(result),
        trading.trade_table(result, data),
        trading.markets(result),
        trading.costs(result),
        trading.orders(result),
        method.assumptions(result),
        method.statistics(result),
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f'<meta name="generator" content="tradebot"><title>{escape(title)}</title>'
        f"<style>\n{_asset('report.css')}</style></head>\n<body><main>\n"
        + "\n".join(part for part in parts if part)
        + f'\n</main>\n<script type="application/json" id="data">{_json(data.page)}</script>\n'
        + f'<script type="module">\n{"".join(_asset(name) for name in _SCRIPTS)}</script>\n</body></html>\n'
    )


def _asset(name: str) -> str:
    return files("tradebot.research.report").joinpath("assets", name).read_text(encoding="utf-8")


def _json(value: object) -> str:
    """JSON that cannot end the script element it stands in."""
    return msgspec.json.encode(value).decode().replace("<", "\\u003c")
