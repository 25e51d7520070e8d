"""Figures of closed trades: hit rate, payoff shape, expectancy, streaks, holding times.

A trade is one entry order closed by one exit order, first in, first out; its profit is net of both fees. Figures are
``nan`` where there is no trade to take them from, or no loss to divide by.
"""

from __future__ import annotations

import math

import msgspec
import numpy as np
from numpy.typing import NDArray

from tradebot.research.statistics.returns import NAN, skewness, standard_deviation
from tradebot.research.statistics.sampling import FloatArray, IntArray

HOUR_NS = 3_600_000_000_000


def win_rate(pnl: FloatArray) -> float:
    """Share of trades with a profit above zero; a trade that breaks even did not win."""
    return float(np.mean(pnl > 0.0)) if len(pnl) else NAN


def profit_factor(pnl: FloatArray) -> float:
    """Sum of profits over sum of losses; ``nan`` where nothing was lost.

    Notes
    -----
    Kaufman, Trading Systems and Methods (5th edition), chapter 21.
    """
    lost = -float(np.sum(pnl[pnl < 0.0]))
    return float(np.sum(pnl[pnl > 0.0])) / lost if lost > 0.0 else NAN


def expectancy(pnl: FloatArray) -> float:
    """Mean profit of a trade.

    Notes
    -----
    Equal to win rate * average win - loss rate * average loss. Tharp, Trade Your Way to Financial Freedom, chapter 7.
    """
    return float(np.mean(pnl)) if len(pnl) else NAN


def average_win(pnl: FloatArray) -> float:
    """Mean profit of the trades that won."""
    return expectancy(pnl[pnl > 0.0])


def average_loss(pnl: FloatArray) -> float:
    """Mean result of the trades that lost, a negative number."""
    return expectancy(pnl[pnl < 0.0])


def payoff_ratio(pnl: FloatArray) -> float:
    """Average win over average loss; ``nan`` without both.

    Notes
    -----
    Kaufman, Trading Systems and Methods (5th edition), chapter 21.
    """
    return average_win(pnl) / -average_loss(pnl)


def sqn(pnl: FloatArray) -> float:
    """System quality number: square root of the trade count times mean profit over its deviation.

    Returns ``nan`` for fewer than two trades or where all are equal.

    Notes
    -----
    Tharp, Definitive Guide to Position Sizing (2008), on R-multiples; on profits here, as in backtesting.py, and
    without Tharp's cap of 100 trades.
    """
    deviation = standard_deviation(pnl)
    return math.sqrt(len(pnl)) * float(np.mean(pnl)) / deviation if deviation > 0.0 else NAN


def kelly_fraction(pnl: FloatArray) -> float:
    """Share of equity to risk on a trade for the fastest growth; negative where the odds are against it.

    Returns ``nan`` without both wins and losses.

    Notes
    -----
    W - (1 - W) / R with win rate W and payoff ratio R. Kelly (1956), A New Interpretation of Information Rate, Bell
    System Technical Journal 35(4), in Thorp's form for unequal payoffs.
    """
    rate = win_rate(pnl)
    return rate - (1.0 - rate) / payoff_ratio(pnl)


def longest_run(flags: NDArray[np.bool_]) -> int:
    """Length of the longest run of ``True``; 0 where there is none."""
    padded = np.concatenate(([False], flags, [False])).astype(np.int8)
    edges = np.diff(padded)
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    return int(np.max(ends - starts)) if len(starts) else 0


def trade_returns(pnl: FloatArray, entry_price: FloatArray, quantity: FloatArray, multiplier: FloatArray) -> FloatArray:
    """Net profit of each trade over its notional at entry; 0 for a notional of zero."""
    notional = np.abs(entry_price * quantity * multiplier)
    returns = np.zeros(len(pnl))
    np.divide(pnl, notional, out=returns, where=notional > 0.0)
    return returns


class TradeStatistics(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of one set of trades: all of them, the long ones or the short ones. Money in the account's currency."""

    count: int
    winning: int
    losing: int
    win_rate: float
    net_profit: float
    gross_profit: float
    gross_loss: float
    profit_factor: float
    expectancy: float
    average_return: float
    average_win: float
    average_loss: float
    payoff_ratio: float
    sqn: float
    kelly_fraction: float
    skewness: float
    best: float
    worst: float
    best_return: float
    worst_return: float
    longest_winning_streak: int
    longest_losing_streak: int
    average_bars_held: float
    average_hours_held: float
    longest_hours_held: float


def trade_statistics(pnl: FloatArray, returns: FloatArray, bars_held: IntArray, held_ns: IntArray) -> TradeStatistics:
    """Figures of a set of trades in the order they were closed.

    Parameters
    ----------
    pnl : net profit of each, in money.
    returns : net profit over entry notional of each.
    bars_held : bars from entry to exit of each, 0 for the same bar.
    held_ns : time from entry to exit of each, in ns.
    """
    some = len(pnl) > 0
    return TradeStatistics(
        count=len(pnl),
        winning=int(np.count_nonzero(pnl > 0.0)),
        losing=int(np.count_nonzero(pnl < 0.0)),
        win_rate=win_rate(pnl),
        net_profit=float(np.sum(pnl)),
        gross_profit=float(np.sum(pnl[pnl > 0.0])),
        gross_loss=float(np.sum(pnl[pnl < 0.0])),
        profit_factor=profit_factor(pnl),
        expectancy=expectancy(pnl),
        average_return=expectancy(returns),
        average_win=average_win(pnl),
        average_loss=average_loss(pnl),
        payoff_ratio=payoff_ratio(pnl),
        sqn=sqn(pnl),
        kelly_fraction=kelly_fraction(pnl),
        skewness=skewness(returns),
        best=float(np.max(pnl)) if some else NAN,
        worst=float(np.min(pnl)) if some else NAN,
        best_return=float(np.max(returns)) if some else NAN,
        worst_return=float(np.min(returns)) if some else NAN,
        longest_winning_streak=longest_run(pnl > 0.0),
        longest_losing_streak=longest_run(pnl < 0.0),
        average_bars_held=float(np.mean(bars_held)) if some else NAN,
        average_hours_held=float(np.mean(held_ns)) / HOUR_NS if some else NAN,
        longest_hours_held=float(np.max(held_ns)) / HOUR_NS if some else NAN,
    )
