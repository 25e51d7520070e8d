"""The middle of a report: what was traded, how it paid, and what it cost."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from tradebot.research import describe
from tradebot.research.formatting import write_number
from tradebot.research.report.distribution import histogram
from tradebot.research.report.markup import escape, figure_value, number, pairs, section, table
from tradebot.research.statistics import activity
from tradebot.research.statistics.definitions import FIGURES, TRADE_FIGURES
from tradebot.research.statistics.summary import Statistics

if TYPE_CHECKING:
    from tradebot.research.report.chart_data import ChartData
    from tradebot.research.result import BacktestResult

_PAYOFF = ("win_rate", "payoff_ratio", "average_win", "average_loss", "expectancy", "average_return", "skewness",
           "sqn", "longest_losing_streak", "kelly_fraction")  # fmt: skip
_GROWTH = ("kelly_leverage", "probability_of_halving")


def payoff(result: BacktestResult) -> str:
    """The shape of the trades' returns, and what it says about size and ruin."""
    stats = result.stats
    if stats.trades.count == 0:
        return section("payoff", "Trade returns", '<p class="note">No trade was closed.</p>')
    rows = [(f.label, figure_value(f, getattr(stats.trades, f.name))) for f in TRADE_FIGURES if f.name in _PAYOFF]
    rows += [(f.label, figure_value(f, getattr(stats, f.name))) for f in FIGURES if f.name in _GROWTH]
    body = (
        f'<div class="split"><div class="card">{histogram(activity.returns_of_trades(result.outcome))}</div>'
        f'<div class="card">{pairs(rows)}</div></div>'
    )
    note = "Net return of each trade on its notional at entry; the outermost bars hold the rest."
    return section("payoff", "Trade returns, payoff and size", body, note=note)


def trade_table(result: BacktestResult, data: ChartData) -> str:
    """The trades, sortable, filled in by the page's script."""
    total = result.stats.trades.count
    if total == 0:
        return ""
    note = "Click a heading to sort, a row to see the trade in the chart."
    if data.trades_shown < total:
        note = f"{data.trades_shown:,} of {total:,} trades: the first, last, best and worst. {note}"
    buttons = "".join(f'<button type="button" data-order="{order}">{order.title()}</button>'
                      for order in ("first", "last", "best", "worst"))  # fmt: skip
    body = (
        f'<div class="card"><div class="bar"><div class="spans" id="orders-of-trades">{buttons}</div>'
        '<div class="pager"><button type="button" id="back">‹</button><span id="page"></span>'
        '<button type="button" id="forth">›</button></div></div>'
        '<div class="scroll"><table class="grid" id="trades"></table></div></div>'
    )
    return section("trade-table", "Trades", body, note=note)


def markets(result: BacktestResult) -> str:
    """What each market earned, where there are several."""
    outcome = result.outcome
    if len(outcome.symbols) < 2:
        return ""
    rows: list[list[str]] = []
    for place, symbol in enumerate(outcome.symbols):
        mine = outcome.trades["instrument"] == place
        pnl, fees = outcome.trades["pnl"][mine], outcome.trades["fees"][mine]
        won = float((pnl > 0.0).mean()) if len(pnl) else math.nan
        net = float(pnl.sum())
        rows.append([escape(symbol), number(len(pnl), "count"), number(won, "percent"),
                     number(net, "money", coloured=True, signed=True), number(float(fees.sum()), "money")])  # fmt: skip
    grid = table(("Market", "Trades", "Win rate", "Net profit", "Fees"), rows)
    return section("markets", "Markets", f'<div class="card">{grid}</div>')


def costs(result: BacktestResult) -> str:
    """Where money went that the market did not take."""
    stats = result.stats
    parts = (("Fees", stats.fees), ("Slippage", stats.slippage), ("Funding", stats.funding), ("Borrow", stats.borrow))
    largest = max((abs(value) for _, value in parts), default=0.0)
    rows = [_cost_row(label, value, stats, largest) for label, value in (*parts, ("Total", stats.total_costs))]
    grid = table(("Cost", "", "Amount", "Of initial cash", "Per trade"), rows, kind="grid costs")
    before = stats.net_profit + stats.total_costs
    verdict = (
        f"Before costs the run made {write_number(before, 'money', signed=True)}, "
        f"after costs {write_number(stats.net_profit, 'money', signed=True)}. Slippage is part of the fill prices."
    )
    return section("costs", "Costs", f'<div class="card">{grid}</div>', note=verdict)


def _cost_row(label: str, value: float, stats: Statistics, largest: float) -> list[str]:
    width = 100.0 * abs(value) / largest if largest > 0.0 and label != "Total" else 0.0
    kind = "loss" if value >= 0.0 else "gain"
    meter = f'<span class="meter {kind}" style="width:{width:.1f}%"></span>'
    share = value / stats.initial_cash if stats.initial_cash > 0.0 else math.nan
    each = value / stats.trades.count if stats.trades.count else math.nan
    return [label, meter, number(value, "money"), number(share, "percent"), number(each, "money")]


def orders(result: BacktestResult) -> str:
    """Orders by type and final state, and why some were rejected."""
    outcome, frame = result.outcome, result.orders
    counts = Counter(zip(frame["type"].to_list(), frame["state"].to_list(), strict=True))
    types, states = sorted({kind for kind, _ in counts}), sorted({state for _, state in counts})
    rows = [
        [_words(kind), *(number(counts[kind, state], "count") if counts[kind, state] else "" for state in states)]
        for kind in types
    ]
    body = f'<div class="card">{table(("Type", *map(_words, states)), rows)}</div>' if rows else ""
    rejected = sorted(outcome.rejections.items(), key=lambda item: (-item[1], item[0]))
    if rejected:
        reasons = table(("Rejected because of", "Orders"), [[_words(r), number(n, "count")] for r, n in rejected])
        body += f'<div class="card">{reasons}</div>'
    note = f"{len(frame):,} orders, rejected: {describe.rejection_text(outcome)}."
    return section("orders", "Orders", f'<div class="split">{body}</div>' if rejected else body, note=note)


def _words(code: str) -> str:
    return escape(code.replace("_", " ") or "no reason given")
