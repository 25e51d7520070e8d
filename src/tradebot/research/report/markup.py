"""Small pieces of HTML: escaped text, tables of labels and values, signed numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape

from tradebot.research.formatting import write_number
from tradebot.research.statistics.definitions import Figure, Unit

__all__ = ["escape", "figure_value", "number", "pairs", "section", "table"]

_GAINS_AND_LOSSES = {"net_profit", "total_return", "cagr", "buy_and_hold_return", "alpha", "expectancy",
                     "average_return", "average_win", "average_loss", "best", "worst", "best_return", "worst_return",
                     "best_period", "worst_period"}  # fmt: skip


def number(value: float, unit: Unit, *, coloured: bool = False, signed: bool = False) -> str:
    """A figure as text; gains and losses coloured where asked."""
    text = escape(write_number(value, unit, signed=signed))
    if not coloured or math.isnan(value) or value == 0.0:
        return text
    return f'<span class="{"gain" if value > 0.0 else "loss"}">{text}</span>'


def figure_value(figure: Figure, value: float) -> str:
    """A figure of a report; those that are gains or losses carry their sign and colour."""
    gain_or_loss = figure.name in _GAINS_AND_LOSSES
    return number(float(value), figure.unit, coloured=gain_or_loss, signed=gain_or_loss)


def pairs(rows: Iterable[tuple[str, str]]) -> str:
    """Two columns, label and value; values are HTML already."""
    body = "".join(f"<tr><th scope=row>{escape(label)}</th><td>{value}</td></tr>" for label, value in rows)
    return f'<table class="pairs"><tbody>{body}</tbody></table>'


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, kind: str = "grid") -> str:
    """A table whose first column is a row heading; cells are HTML already."""
    top = "".join(f"<th scope=col>{escape(cell)}</th>" for cell in head)
    body = "".join(
        f"<tr><th scope=row>{row[0]}</th>" + "".join(f"<td>{cell}</td>" for cell in row[1:]) + "</tr>" for row in rows
    )
    return f'<div class="scroll"><table class="{kind}"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def section(anchor: str, title: str, body: str, *, note: str = "") -> str:
    """One part of the page, with a sentence on how to read it."""
    below = f'<p class="note">{escape(note)}</p>' if note else ""
    return f'<section id="{anchor}"><h2>{escape(title)}</h2>{below}{body}</section>'
