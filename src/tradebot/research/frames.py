"""The arrays of a run as Polars frames, with codes decoded and times as timestamps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tradebot.research.statistics import activity, drawdowns
from tradebot.research.statistics.sampling import FloatArray, IntArray

if TYPE_CHECKING:
    from tradebot.engine.outcome import RunOutcome

UTC_NS = pl.Datetime("ns", "UTC")


def trades_frame(outcome: RunOutcome) -> pl.DataFrame:
    """Closed trades, one row for each pair of entry and exit order, in the order they were closed."""
    rows = outcome.trades
    frame = pl.DataFrame(
        {
            "symbol": _words(rows["instrument"], outcome.symbols),
            "side": _signs(rows["side"], positive="long", negative="short"),
            "quantity": rows["quantity"],
            "entry_time": _times(rows["entry_ts"]),
            "exit_time": _times(rows["exit_ts"]),
            "entry_price": rows["entry_price"],
            "exit_price": rows["exit_price"],
            "pnl": rows["pnl"],
            "return": activity.returns_of_trades(outcome),
            "fees": rows["fees"],
            "bars_held": (rows["exit_index"] - rows["entry_index"]).astype(np.int64),
            "duration": pl.Series(rows["exit_ts"] - rows["entry_ts"]).cast(pl.Duration("ns")),
            "tag": _words(rows["tag"], outcome.tags),
            "entry_order": rows["entry_order"],
            "exit_order": rows["exit_order"],
        }
    )
    return frame.sort("exit_time", maintain_order=True)


def fills_frame(outcome: RunOutcome) -> pl.DataFrame:
    """Fills in the order they happened; ``slippage`` is the price distance given up."""
    rows = outcome.fills
    return pl.DataFrame(
        {
            "id": rows["id"],
            "order": rows["order"],
            "symbol": _words(rows["instrument"], outcome.symbols),
            "time": _times(rows["ts"]),
            "side": _signs(rows["side"], positive="buy", negative="sell"),
            "price": rows["price"],
            "quantity": rows["quantity"],
            "fee": rows["fee"],
            "slippage": rows["slippage"],
            "liquidity": _words(rows["liquidity"], ("taker", "maker")),
        }
    )


def orders_frame(outcome: RunOutcome) -> pl.DataFrame:
    """Orders with their final state; ``reason`` says why one was rejected, canceled or expired."""
    from tradebot_native import ORDER_STATES, ORDER_TYPES, REASONS, TIFS

    rows = outcome.orders
    return pl.DataFrame(
        {
            "id": rows["id"],
            "symbol": _words(rows["instrument"], outcome.symbols),
            "type": _words(rows["type"], ORDER_TYPES),
            "side": _signs(rows["side"], positive="buy", negative="sell"),
            "time_in_force": _words(rows["tif"], TIFS),
            "quantity": rows["quantity"],
            "filled": rows["filled"],
            "price": rows["price"],
            "trigger": rows["trigger"],
            "state": _words(rows["state"], ORDER_STATES),
            "reason": _words(rows["reason"], REASONS),
            "created": _times(rows["created_ts"]),
            "final": _times(rows["final_ts"]),
            "parent": rows["parent"],
            "tag": _words(rows["tag"], outcome.tags),
        }
    )


def equity_frame(outcome: RunOutcome) -> pl.DataFrame:
    """Equity after each step beside the same cash bought and held."""
    return pl.DataFrame(
        {"time": _times(outcome.ts), "equity": outcome.equity, "buy_and_hold": activity.buy_and_hold(outcome)}
    )


def drawdown_frame(outcome: RunOutcome) -> pl.DataFrame:
    """Equity over its running peak, less one, after each step."""
    curve = drawdowns.underwater(outcome.equity, outcome.initial_cash)
    return pl.DataFrame({"time": _times(outcome.ts), "drawdown": curve})


def exposure_frame(outcome: RunOutcome) -> pl.DataFrame:
    """Notional held after each step, in money and as a multiple of equity, and the position in each symbol."""
    seen = activity.rebuild_activity(outcome)
    columns: dict[str, Any] = {
        "time": _times(outcome.ts),
        "gross": seen.gross,
        "net": seen.net,
        "leverage": activity.share_of_equity(seen.gross, outcome.equity),
        "in_market": seen.in_market,
    }
    for market, symbol in enumerate(outcome.symbols):
        columns[symbol] = activity.positions_at(outcome, market)[0]
    return pl.DataFrame(columns)


def _times(ns: IntArray) -> pl.Series:
    """Timestamps; zero is a time that was never reached."""
    times = pl.Series(ns, dtype=pl.Int64)
    return times.set(times == 0, None).cast(UTC_NS)


def _words(codes: NDArray[Any], words: Sequence[str]) -> pl.Series:
    """Codes as words; a code without one (an untagged order) is empty."""
    table = np.array([*words, ""], dtype=object)
    known = (codes >= 0) & (codes < len(words))
    return pl.Series(table[np.where(known, codes, len(words)).astype(np.int64)], dtype=pl.String)


def _signs(sides: IntArray | FloatArray, *, positive: str, negative: str) -> pl.Series:
    return pl.Series(np.where(sides > 0, positive, negative), dtype=pl.String)
