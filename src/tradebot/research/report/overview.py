"""The top of a report: what was run, the headline figures, the charts and the months."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tradebot.research import describe
from tradebot.research.formatting import UNDEFINED, write_number, write_time
from tradebot.research.report.markup import escape, number, section, table
from tradebot.research.statistics.calendar import calendar_returns
from tradebot.research.statistics.summary import start_of

if TYPE_CHECKING:
    from tradebot.research.report.chart_data import ChartData
    from tradebot.research.result import BacktestResult

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# A month this far from zero is painted in full.
_FULL_HEAT = 0.10
_HANDS = "Drag to move, pinch or Ctrl and wheel to zoom, double click for the whole run; arrow keys and + - 0 work too."


def heading(result: BacktestResult) -> str:
    """Strategy, market, period, and what to be warned of, before any figure."""
    outcome = result.outcome
    banner = "".join(f'<p class="warning" role="alert">{escape(line)}</p>' for line in describe.warnings(outcome))
    end = write_time(int(outcome.ts[-1])) if len(outcome.ts) else UNDEFINED
    params = "".join(
        f"<span><i>{escape(name)}</i> {escape(str(value))}</span>" for name, value in outcome.params.items()
    )
    return (
        f"{banner}<header><div><h1>{escape(outcome.strategy)} <small>{escape(outcome.version)}</small></h1>"
        f'<p class="market">{escape(describe.market_line(outcome))}</p></div>'
        f"<dl><dt>Period</dt><dd>{write_time(start_of(outcome))} to {end} UTC</dd>"
        f"<dt>Bars</dt><dd>{len(outcome.ts):,}</dd><dt>Run</dt><dd>{outcome.id}</dd></dl></header>"
        + (f'<p class="params">{params}</p>' if params else "")
    )


def headline(result: BacktestResult) -> str:
    """The figures a person looks for first, with the assumptions they rest on in one line below."""
    stats, unit = result.stats, describe.currency(result.outcome)
    trades = stats.trades
    money = f"{write_number(stats.net_profit, 'money', signed=True)} {unit}".strip()
    tiles = (
        ("Total return", number(stats.total_return, "percent", coloured=True, signed=True), money),
        ("Buy and hold", number(stats.buy_and_hold_return, "percent", coloured=True, signed=True),
         f"beta {write_number(stats.beta, 'ratio')}"),
        ("CAGR", number(stats.cagr, "percent", coloured=True, signed=True),
         f"volatility {write_number(stats.volatility, 'percent')}"),
        ("Max drawdown", number(stats.max_drawdown, "percent", coloured=True),
         f"longest {write_number(stats.max_drawdown_days, 'days')}"),
        ("Sharpe", number(stats.sharpe, "ratio"), f"Sortino {write_number(stats.sortino, 'ratio')}"),
        ("Trades", number(trades.count, "count"), f"win rate {write_number(trades.win_rate, 'percent')}"),
        ("Profit factor", number(trades.profit_factor, "ratio"),
         f"payoff {write_number(trades.payoff_ratio, 'ratio')}"),
        ("Time in market", number(stats.exposure, "percent"),
         f"leverage up to {write_number(stats.max_leverage, 'ratio')}"),
    )  # fmt: skip
    cells = "".join(
        f'<div class="tile"><span>{escape(label)}</span><strong>{value}</strong><em>{escape(below)}</em></div>'
        for label, value, below in tiles
    )
    return (
        f'<section id="headline"><div class="tiles">{cells}</div><p class="note">{escape(_basis(result))}</p></section>'
    )


def _basis(result: BacktestResult) -> str:
    told, stats = result.assumptions, result.stats
    return (
        f"Fills: {told.fill.replace('_', ' ')}, {told.path} path. Fees: {told.fees}. Slippage: {told.slippage}. "
        f"Leverage {told.leverage:g}. Ratios from {stats.sampling} returns, {stats.periods_per_year:,.0f} a year. "
        f"Ambiguous bars: {describe.ambiguity_text(result.outcome)}."
    )


def charts(result: BacktestResult, data: ChartData) -> str:
    """Price with entries and exits, equity against buy and hold, and drawdown, on one time axis."""
    symbols = result.outcome.symbols
    choice = ""
    if len(symbols) > 1:
        options = "".join(f"<option value={place}>{escape(symbol)}</option>" for place, symbol in enumerate(symbols))
        choice = f'<label>Market <select id="market">{options}</select></label>'
    spans = "".join(f'<button type="button" data-days="{days}">{label}</button>' for label, days in
                    (("1d", 1), ("7d", 7), ("30d", 30), ("1y", 365), ("All", 0)))  # fmt: skip
    panes = "".join(
        f'<figure class="pane" id="{name}"><figcaption></figcaption><canvas tabindex="0" aria-label="{label}"></canvas>'
        "</figure>"
        for name, label in (("price", "Price with entries and exits"), ("equity", "Equity"), ("drawdown", "Drawdown"))
    )
    drawn = "Candles merge while you look from afar; zoom in to see every bar."
    if data.bars_per_candle > 1:
        drawn = (
            f"For display, at least {data.bars_per_candle:,} bars make one candle; "
            "entries and exits keep their own prices and times."
        )
    return section(
        "charts",
        "Price, equity and drawdown",
        f'<div class="card"><div class="bar">{choice}<div class="spans">{spans}</div>'
        '<p class="legend"><span class="key long">long entry</span><span class="key short">short entry</span>'
        '<span class="key won">won</span><span class="key lost">lost</span></p></div>'
        f"{panes}<noscript><p>Charts need JavaScript; every figure below does not.</p></noscript></div>",
        note=f"{drawn} {_HANDS}",
    )


def months(result: BacktestResult) -> str:
    """Return of every month and year."""
    outcome = result.outcome
    rows = [
        [str(year.year), *(_heat(year.months.get(month)) for month in range(1, 13)), _heat(year.total)]
        for year in calendar_returns(outcome.ts, outcome.equity, outcome.initial_cash)
    ]
    grid = table(("Year", *_MONTHS, "Total"), reversed(rows), kind="months")
    return section(
        "months", "Monthly returns", grid, note="UTC months, last close over last close of the month before."
    )


def _heat(value: float | None) -> str:
    if value is None or math.isnan(value):
        return '<span class="heat none"></span>'
    strength = round(min(abs(value) / _FULL_HEAT, 1.0) * 100)
    kind = "up" if value >= 0.0 else "down"
    text = write_number(value, "percent", signed=True).removesuffix(" %")
    return f'<span class="heat {kind}" style="--heat:{strength}%">{text}</span>'
