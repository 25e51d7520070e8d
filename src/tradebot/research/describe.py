"""A run put into words: what was run, how fills were simulated, what to be warned of. Shared by every rendering."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tradebot.research.formatting import write_number, write_params

if TYPE_CHECKING:
    from tradebot.engine.outcome import Assumptions, RunOutcome

Row = tuple[str, str]

_FILL_WORDS = {
    "next_open": "at the next bar's open",
    "this_close": "at the close of the bar that decided (optimistic: that price had passed)",
}
_PATH_WORDS = {
    "pessimistic": "pessimistic: every ambiguity inside a bar resolved against the trader",
    "optimistic": "optimistic: every ambiguity inside a bar resolved for the trader",
    "adaptive": "adaptive: the extreme nearer the open comes first",
}


def strategy_line(outcome: RunOutcome) -> str:
    """``SmaCross 1.0 (fast=10, slow=30)``."""
    name = f"{outcome.strategy} {outcome.version}".strip()
    return f"{name} ({write_params(outcome.params)})" if outcome.params else name


def market_line(outcome: RunOutcome) -> str:
    """Symbols, at most five by name, and the bar intervals."""
    symbols = list(outcome.symbols)
    named = ", ".join(symbols[:5]) + (f" and {len(symbols) - 5} more" if len(symbols) > 5 else "")
    intervals = ", ".join(dict.fromkeys(str(bars.interval) for bars in outcome.bars))
    return f"{named} {intervals}".strip()


def currency(outcome: RunOutcome) -> str:
    """Quote currency of the account, empty where markets differ."""
    quotes = {str(bars.instrument.quote) for bars in outcome.bars}
    return quotes.pop() if len(quotes) == 1 else ""


def warnings(outcome: RunOutcome) -> list[str]:
    """What a reader must know before the first figure."""
    found: list[str] = []
    if outcome.halted:
        found.append(f"The run was halted: {outcome.halted}.")
    if outcome.assumptions.costless:
        found.append("This run had no costs: no fees and no slippage. Real trading has both; the result is too good.")
    if outcome.final_equity <= 0.0:
        found.append("The account was ruined: equity ended at zero or below.")
    if outcome.assumptions.fill == "this_close":
        found.append("Orders were filled at the close that decided them: a price that had already passed.")
    return found


def assumption_rows(assumptions: Assumptions) -> list[Row]:
    """How fills were simulated, label and value."""
    rows = [
        ("Fill", _FILL_WORDS.get(assumptions.fill, assumptions.fill)),
        ("Path in a bar", _PATH_WORDS.get(assumptions.path, assumptions.path)),
        ("Finer bars", assumptions.magnified or "none"),
        ("Limit orders", "fill when touched" if assumptions.touch else "fill when the price trades beyond them"),
        ("Fees", assumptions.fees),
        ("Slippage", assumptions.slippage),
        ("Volume share", "unlimited" if assumptions.participation is None
         else f"at most {write_number(assumptions.participation, 'percent')} of a bar's volume"),
        ("Leverage", f"{assumptions.leverage:g}"),
        ("Strategy form", assumptions.form),
    ]  # fmt: skip
    return rows + [("Note", note) for note in assumptions.notes]


def ambiguity_text(outcome: RunOutcome) -> str:
    """Bars whose result depended on the unknown path inside them, as a count and a share."""
    if outcome.ambiguous_bars == 0:
        return "none"
    share = write_number(outcome.ambiguous_bars / max(len(outcome.ts), 1), "percent")
    return f"{outcome.ambiguous_bars:,} ({share})"


def rejection_text(outcome: RunOutcome) -> str:
    """Rejected orders by reason, most frequent first."""
    if not outcome.rejections:
        return "none"
    ranked = sorted(outcome.rejections.items(), key=lambda item: (-item[1], item[0]))
    reasons = ", ".join(f"{reason.replace('_', ' ')} {count:,}" for reason, count in ranked)
    return f"{sum(outcome.rejections.values()):,} ({reasons})"


def open_position_text(outcome: RunOutcome) -> str:
    """Positions still open at the end, signed quantity and symbol."""
    held = [f"{quantity:+g} {symbol}" for symbol, quantity in outcome.end_positions.items() if quantity]
    return ", ".join(held) or "none"
