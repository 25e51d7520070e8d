"""What every figure means, in words a report can print, with the source of its formula."""

from __future__ import annotations

from typing import Literal

import msgspec

Unit = Literal["percent", "ratio", "money", "count", "days", "hours", "bars"]
Group = Literal["Result", "Risk", "Exposure", "Trades", "Costs"]


class Figure(msgspec.Struct, frozen=True):
    """One row of a table of statistics; ``name`` is the attribute path below ``Statistics``."""

    name: str
    label: str
    unit: Unit
    group: Group
    definition: str
    source: str = ""


_EMPYRICAL = "as in empyrical"
_THORP = "Thorp 2006"

# fmt: off
_RESULT = (
    Figure("initial_cash", "Initial cash", "money", "Result", "Equity before the first bar."),
    Figure("final_equity", "Final equity", "money", "Result", "Cash and open positions at the last close."),
    Figure("peak_equity", "Peak equity", "money", "Result", "Highest equity at any close."),
    Figure("net_profit", "Net profit", "money", "Result", "Final equity less initial cash, after all costs."),
    Figure("total_return", "Total return", "percent", "Result", "Final equity over initial cash, less one."),
    Figure("cagr", "CAGR", "percent", "Result",
           "Yearly rate that compounds to the total return; years of 365.25 days.", "GIPS 2020"),
    Figure("buy_and_hold_return", "Buy and hold", "percent", "Result",
           "The same cash spread evenly over the markets at their first open and held, without costs."),
    Figure("alpha", "Alpha (yearly)", "percent", "Result",
           "Return not explained by the market: mean return less beta times the market's, times "
           "periods a year.", "Jensen 1968"),
    Figure("beta", "Beta", "ratio", "Result",
           "Covariance with buy and hold over the variance of buy and hold.", "Sharpe 1964"),
)

_RISK = (
    Figure("max_drawdown", "Max drawdown", "percent", "Risk",
           "Deepest fall below an earlier peak of equity, over every close.", "Magdon-Ismail and Atiya 2004"),
    Figure("max_drawdown_days", "Longest drawdown", "days", "Risk",
           "Longest time from a peak until it was reached again, or the end."),
    Figure("average_drawdown", "Average drawdown", "percent", "Risk", "Mean depth of all drawdowns."),
    Figure("average_drawdown_days", "Average drawdown length", "days", "Risk",
           "Mean time from a peak to its recovery."),
    Figure("time_under_water", "Time under water", "percent", "Risk", "Share of closes below an earlier peak."),
    Figure("volatility", "Volatility (yearly)", "percent", "Risk",
           "Standard deviation of returns times the root of the periods a year.", _EMPYRICAL),
    Figure("sharpe", "Sharpe ratio", "ratio", "Risk",
           "Mean return over its standard deviation, times the root of the periods a year; risk-free "
           "rate zero.", "Sharpe 1994"),
    Figure("sortino", "Sortino ratio", "ratio", "Risk",
           "Mean return over the downside deviation (root mean square of losses over all periods), "
           "yearly.", "Sortino and Price 1994"),
    Figure("calmar", "Calmar ratio", "ratio", "Risk", "CAGR over the depth of the max drawdown.", "Young 1991"),
    Figure("omega", "Omega ratio", "ratio", "Risk",
           "Sum of gains over sum of losses of the sampled returns.", "Keating and Shadwick 2002"),
    Figure("tail_ratio", "Tail ratio", "ratio", "Risk",
           "95th percentile of returns over the absolute 5th.", _EMPYRICAL),
    Figure("skewness", "Skewness", "ratio", "Risk",
           "Asymmetry of returns: above zero, the large moves are gains.", "Joanes and Gill 1998, G1"),
    Figure("kurtosis", "Excess kurtosis", "ratio", "Risk",
           "Weight of the tails; 0 for a normal distribution.", "Joanes and Gill 1998, G2"),
    Figure("value_at_risk", "Value at risk (5 %)", "percent", "Risk",
           "Return that one period in twenty falls below.", _EMPYRICAL),
    Figure("expected_shortfall", "Expected shortfall (5 %)", "percent", "Risk",
           "Mean return of the worst twentieth of periods.", "Acerbi and Tasche 2002"),
    Figure("best_period", "Best period", "percent", "Risk", "Largest sampled return."),
    Figure("worst_period", "Worst period", "percent", "Risk", "Smallest sampled return."),
    Figure("kelly_leverage", "Kelly leverage", "ratio", "Risk",
           "Multiple of this run's sizes that would have grown fastest: mean over variance of returns. "
           "An estimate from one path; the field uses half of it or less.", _THORP),
    Figure("probability_of_halving", "Chance of ever halving", "percent", "Risk",
           "If returns go on like this: 0.5 to the power of twice the Kelly leverage less one; certain "
           "where growth is not positive.", _THORP),
)

_EXPOSURE = (
    Figure("exposure", "Time in market", "percent", "Exposure", "Share of bars in which anything was held."),
    Figure("average_leverage", "Average leverage", "ratio", "Exposure",
           "Mean of gross notional over equity at the close."),
    Figure("max_leverage", "Largest leverage", "ratio", "Exposure", "Largest gross notional over equity at a close."),
    Figure("turnover", "Turnover", "ratio", "Exposure", "Notional of all fills over the average equity."),
    Figure("turnover_per_year", "Turnover a year", "ratio", "Exposure", "Turnover scaled to 365.25 days."),
)

_TRADES = (
    Figure("count", "Trades", "count", "Trades",
           "Entry orders closed by exit orders, first in, first out; one row for each pair."),
    Figure("winning", "Winning", "count", "Trades", "Trades with a net profit above zero."),
    Figure("losing", "Losing", "count", "Trades", "Trades with a net loss."),
    Figure("win_rate", "Win rate", "percent", "Trades", "Winning trades over all trades."),
    Figure("net_profit", "Net profit", "money", "Trades", "Sum of profits and losses, net of fees."),
    Figure("gross_profit", "Gross profit", "money", "Trades", "Sum of the profits."),
    Figure("gross_loss", "Gross loss", "money", "Trades", "Sum of the losses."),
    Figure("profit_factor", "Profit factor", "ratio", "Trades", "Gross profit over gross loss.", "Kaufman 2013"),
    Figure("expectancy", "Expectancy", "money", "Trades", "Mean net profit of a trade.", "Tharp 1998"),
    Figure("average_return", "Average trade", "percent", "Trades", "Mean net profit over entry notional."),
    Figure("average_win", "Average win", "money", "Trades", "Mean profit of the winning trades."),
    Figure("average_loss", "Average loss", "money", "Trades", "Mean result of the losing trades."),
    Figure("payoff_ratio", "Payoff ratio", "ratio", "Trades", "Average win over average loss.", "Kaufman 2013"),
    Figure("sqn", "SQN", "ratio", "Trades",
           "Root of the trade count times mean profit over its standard deviation.", "Tharp 2008"),
    Figure("kelly_fraction", "Kelly fraction", "percent", "Trades",
           "Share of equity to risk on a trade for the fastest growth: W - (1 - W) / payoff ratio.", "Kelly 1956"),
    Figure("skewness", "Payoff skewness", "ratio", "Trades",
           "Asymmetry of trade returns: above zero, few large wins pay for many small losses."),
    Figure("best", "Best trade", "money", "Trades", "Largest net profit."),
    Figure("worst", "Worst trade", "money", "Trades", "Largest net loss."),
    Figure("best_return", "Best trade return", "percent", "Trades", "Largest net profit over entry notional."),
    Figure("worst_return", "Worst trade return", "percent", "Trades", "Largest net loss over entry notional."),
    Figure("longest_winning_streak", "Longest winning streak", "count", "Trades", "Most wins in a row, by exit time."),
    Figure("longest_losing_streak", "Longest losing streak", "count", "Trades", "Most losses in a row, by exit time."),
    Figure("average_bars_held", "Average bars held", "bars", "Trades", "Mean count of bars from entry to exit."),
    Figure("average_hours_held", "Average holding time", "hours", "Trades", "Mean time from entry to exit."),
    Figure("longest_hours_held", "Longest holding time", "hours", "Trades", "Longest time from entry to exit."),
)

_COSTS = (
    Figure("fees", "Fees", "money", "Costs", "Commissions of all fills."),
    Figure("slippage", "Slippage", "money", "Costs",
           "Price given up against the quoted price, times quantity; already in the fill prices."),
    Figure("funding", "Funding", "money", "Costs",
           "Funding paid on perpetual positions; negative where it was received."),
    Figure("borrow", "Borrow", "money", "Costs", "Fee on borrowed shares; negative where it was received."),
    Figure("total_costs", "Total costs", "money", "Costs", "The four above together."),
)
# fmt: on

TRADE_FIGURES = _TRADES
FIGURES = _RESULT + _RISK + _EXPOSURE + _COSTS
