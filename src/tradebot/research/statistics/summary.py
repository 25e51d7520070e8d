"""Every figure of a run in one frozen record."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import NDArray

from tradebot.research.statistics import activity, drawdowns, returns, risk, sampling
from tradebot.research.statistics.returns import NAN
from tradebot.research.statistics.sampling import DAY_NS, YEAR_DAYS, FloatArray, ReturnSeries
from tradebot.research.statistics.trades import TradeStatistics, trade_statistics

if TYPE_CHECKING:
    from tradebot.engine.outcome import RunOutcome


class Statistics(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of one run; what each means and where its formula comes from is in ``definitions.FIGURES``.

    Returns, rates and drawdowns are fractions (0.01 is one percent; losses and drawdowns negative), money is in the
    account's currency, times are UTC. ``nan`` says that a figure is undefined for this run.
    """

    start: datetime
    end: datetime
    days: float
    bars: int
    sampling: str
    periods_per_year: float

    initial_cash: float
    final_equity: float
    peak_equity: float
    net_profit: float
    total_return: float
    cagr: float
    buy_and_hold_return: float
    alpha: float
    beta: float

    volatility: float
    sharpe: float
    sortino: float
    calmar: float
    omega: float
    tail_ratio: float
    skewness: float
    kurtosis: float
    value_at_risk: float
    expected_shortfall: float
    best_period: float
    worst_period: float
    max_drawdown: float
    average_drawdown: float
    max_drawdown_days: float
    average_drawdown_days: float
    time_under_water: float

    kelly_leverage: float
    probability_of_halving: float

    exposure: float
    average_leverage: float
    max_leverage: float
    turnover: float
    turnover_per_year: float

    trades: TradeStatistics
    long: TradeStatistics
    short: TradeStatistics

    fees: float
    slippage: float
    funding: float
    borrow: float
    total_costs: float


def start_of(outcome: RunOutcome) -> int:
    """Time of the initial equity, int64 ns UTC: the first open, or the first step where no bar is known."""
    opens = [int(bars.ts[0]) for bars in outcome.bars if len(bars.ts)]
    return min([*opens, int(outcome.ts[0])]) if len(outcome.ts) else min(opens, default=0)


def trading_days(outcome: RunOutcome) -> int:
    """Days a year the markets trade: 252 where all are equities or options on them, else 365."""
    exchange_hours = [bars.instrument.asset_class in ("equity", "option") for bars in outcome.bars]
    return 252 if exchange_hours and all(exchange_hours) else 365


def return_series(outcome: RunOutcome) -> ReturnSeries:
    """The returns the risk ratios of a run are taken from (``sampling.sample_returns`` says which)."""
    return sampling.sample_returns(outcome.ts, outcome.equity, outcome.initial_cash, trading_days=trading_days(outcome))


def compute(outcome: RunOutcome) -> Statistics:
    """All figures of a run.

    Risk ratios use daily returns (UTC days) where the run has at least five of them, else bar returns; see
    ``sampling.sample_returns``. Drawdowns are taken at every step. A run without a step or without a trade, and a
    ruined account, give figures too: ``nan`` or 0 as each definition says, never an error.
    """
    start_ns = start_of(outcome)
    end_ns = int(outcome.ts[-1]) if len(outcome.ts) else start_ns
    days = (end_ns - start_ns) / DAY_NS
    series = return_series(outcome)
    held = activity.buy_and_hold(outcome)
    growth = returns.cagr(outcome.initial_cash, outcome.final_equity, days / YEAR_DAYS)
    every, long, short = _trade_figures(outcome)
    costs = outcome.costs
    return Statistics(
        start=_as_datetime(start_ns),
        end=_as_datetime(end_ns),
        days=days,
        bars=len(outcome.ts),
        sampling=series.kind,
        periods_per_year=series.per_year,
        initial_cash=outcome.initial_cash,
        final_equity=outcome.final_equity,
        peak_equity=max(outcome.initial_cash, float(np.max(outcome.equity, initial=-np.inf))),
        net_profit=outcome.final_equity - outcome.initial_cash,
        total_return=returns.total_return(outcome.initial_cash, outcome.final_equity),
        cagr=growth,
        buy_and_hold_return=returns.total_return(outcome.initial_cash, float(held[-1])) if len(held) else NAN,
        **_market_figures(series, held, outcome.initial_cash),
        **_risk_figures(series),
        **_drawdown_figures(outcome, start_ns, growth),
        **_activity_figures(outcome, days),
        trades=every,
        long=long,
        short=short,
        fees=costs.fees,
        slippage=costs.slippage,
        funding=costs.funding,
        borrow=costs.borrow,
        total_costs=costs.fees + costs.slippage + costs.funding + costs.borrow,
    )


def _as_datetime(ns: int) -> datetime:
    return datetime.fromtimestamp(ns / 1_000_000_000, tz=UTC)


def _market_figures(series: ReturnSeries, held: FloatArray, initial: float) -> dict[str, float]:
    market = sampling.simple_returns(held[series.steps], initial)
    alpha, beta = returns.alpha_beta(series.values, market, series.per_year)
    return {"alpha": alpha, "beta": beta}


def _risk_figures(series: ReturnSeries) -> dict[str, float]:
    values, per_year = series.values, series.per_year
    return {
        "volatility": returns.annualised_volatility(values, per_year),
        "sharpe": returns.sharpe(values, per_year),
        "sortino": returns.sortino(values, per_year),
        "omega": returns.omega(values),
        "tail_ratio": returns.tail_ratio(values),
        "skewness": returns.skewness(values),
        "kurtosis": returns.excess_kurtosis(values),
        "value_at_risk": risk.value_at_risk(values),
        "expected_shortfall": risk.expected_shortfall(values),
        "best_period": float(np.max(values)) if len(values) else NAN,
        "worst_period": float(np.min(values)) if len(values) else NAN,
        "kelly_leverage": risk.kelly_leverage(values),
        "probability_of_halving": risk.probability_of_falling_to(0.5, values),
    }


def _drawdown_figures(outcome: RunOutcome, start_ns: int, growth: float) -> dict[str, float]:
    found = drawdowns.find_drawdowns(outcome.ts, outcome.equity, outcome.initial_cash, start_ns)
    curve = drawdowns.underwater(outcome.equity, outcome.initial_cash)
    return {
        "max_drawdown": found.max_depth,
        "average_drawdown": found.average_depth,
        "max_drawdown_days": found.max_days,
        "average_drawdown_days": found.average_days,
        "time_under_water": float(np.mean(curve < 0.0)) if len(curve) else 0.0,
        "calmar": returns.calmar(growth, found.max_depth),
    }


def _activity_figures(outcome: RunOutcome, days: float) -> dict[str, float]:
    if len(outcome.ts) == 0:
        return dict.fromkeys(("exposure", "average_leverage", "max_leverage", "turnover", "turnover_per_year"), 0.0)
    seen = activity.rebuild_activity(outcome)
    leverage = activity.share_of_equity(seen.gross, outcome.equity)
    average_equity = float(np.mean(outcome.equity))
    turnover = seen.traded_notional / average_equity if average_equity > 0.0 else NAN
    return {
        "exposure": float(np.mean(seen.in_market)),
        "average_leverage": float(np.mean(leverage)),
        "max_leverage": float(np.max(leverage)),
        "turnover": turnover,
        "turnover_per_year": turnover * YEAR_DAYS / days if days >= 1.0 else NAN,
    }


def _trade_figures(outcome: RunOutcome) -> tuple[TradeStatistics, TradeStatistics, TradeStatistics]:
    """All trades, the long ones and the short ones, each in the order they were closed."""
    rows = outcome.trades
    order = np.argsort(rows["exit_ts"], kind="stable")
    pnl = rows["pnl"][order]
    earned = activity.returns_of_trades(outcome)[order]
    bars_held = rows["exit_index"][order] - rows["entry_index"][order]
    held_ns = rows["exit_ts"][order] - rows["entry_ts"][order]
    side = rows["side"][order]

    def chosen(mask: NDArray[np.bool_]) -> TradeStatistics:
        return trade_statistics(pnl[mask], earned[mask], bars_held[mask], held_ns[mask])

    return chosen(np.ones(len(order), dtype=np.bool_)), chosen(side > 0), chosen(side < 0)
