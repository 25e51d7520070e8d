"""The result of a backtest: a thin, lazy face over what the engine left behind."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import msgspec

from tradebot.core.errors import TradebotError
from tradebot.research.statistics import Statistics, compute

if TYPE_CHECKING:
    import polars as pl
    from rich.console import RenderableType

    from tradebot.engine.outcome import Assumptions, Costs, RunOutcome

Rerun = Callable[[str], "RunOutcome"]

TEXT_WIDTH = 100


class BacktestResult:
    """What a backtest found. Everything is computed when it is first asked for, and kept.

    Parameters
    ----------
    outcome : arrays left by the engine.
    rerun : repeats the same run under another path mode (``pessimistic``, ``optimistic``); without it
        :meth:`either_order` can answer only where no bar was ambiguous.

    Examples
    --------
    >>> result = backtest(SmaCross(fast=10, slow=30), bars)
    >>> print(result)
    >>> result.stats.sharpe
    >>> result.trades.filter(pl.col("pnl") < 0)
    >>> result.report("report.html")
    """

    def __init__(self, outcome: RunOutcome, *, rerun: Rerun | None = None) -> None:
        self.outcome = outcome
        self._rerun = rerun
        self._by_path: dict[str, Statistics] = {}

    @property
    def id(self) -> UUID:
        """Identity of the run."""
        return self.outcome.id

    @property
    def costs(self) -> Costs:
        """Fees, slippage, funding and borrow paid, apart."""
        return self.outcome.costs

    @property
    def assumptions(self) -> Assumptions:
        """How fills were simulated."""
        return self.outcome.assumptions

    @property
    def ambiguous_bars(self) -> int:
        """Bars whose result depended on the unknown path inside them."""
        return self.outcome.ambiguous_bars

    @property
    def rejections(self) -> dict[str, int]:
        """Count of rejected orders by reason."""
        return self.outcome.rejections

    @cached_property
    def stats(self) -> Statistics:
        """Every figure of the run."""
        return compute(self.outcome)

    @cached_property
    def trades(self) -> pl.DataFrame:
        """Closed trades, by exit time."""
        from tradebot.research.frames import trades_frame

        return trades_frame(self.outcome)

    @cached_property
    def orders(self) -> pl.DataFrame:
        """Every order and the state it ended in."""
        from tradebot.research.frames import orders_frame

        return orders_frame(self.outcome)

    @cached_property
    def fills(self) -> pl.DataFrame:
        """Every fill."""
        from tradebot.research.frames import fills_frame

        return fills_frame(self.outcome)

    @cached_property
    def equity(self) -> pl.DataFrame:
        """Equity after each bar, beside the same cash bought and held."""
        from tradebot.research.frames import equity_frame

        return equity_frame(self.outcome)

    @cached_property
    def drawdown(self) -> pl.DataFrame:
        """Equity below its running peak after each bar."""
        from tradebot.research.frames import drawdown_frame

        return drawdown_frame(self.outcome)

    @cached_property
    def exposure(self) -> pl.DataFrame:
        """Notional and position held after each bar, rebuilt from the fills."""
        from tradebot.research.frames import exposure_frame

        return exposure_frame(self.outcome)

    @property
    def can_rerun(self) -> bool:
        """Whether :meth:`either_order` can answer."""
        return self._rerun is not None or self.ambiguous_bars == 0

    def either_order(self) -> dict[str, Statistics]:
        """Statistics of the same run with every ambiguous bar resolved against the trader, and for the trader.

        Returns
        -------
        Keys ``pessimistic`` and ``optimistic``. The truth lies between, or close by where a different fill led to
        different trades. Runs that are needed are made once; none is where no bar was ambiguous.

        Raises
        ------
        TradebotError : bars were ambiguous and the result was made without a way to run again.
        """
        return {path: self._under(path) for path in ("pessimistic", "optimistic")}

    def _under(self, path: str) -> Statistics:
        if path == self.assumptions.path or self.ambiguous_bars == 0:
            return self.stats
        if path not in self._by_path:
            if self._rerun is None:
                raise TradebotError(
                    "the run cannot be repeated under the other path",
                    place=f"result {self.id}",
                    mend="Make it with tradebot.backtest, which keeps the strategy and the bars.",
                )
            self._by_path[path] = compute(self._rerun(path))
        return self._by_path[path]

    def to_dict(self) -> dict[str, Any]:
        """The result as plain values: undefined figures are ``None``, times ISO 8601, returns fractions.

        The keys at the top are stable: ``id, symbol, symbols, strategy, version, params, start_date, end_date,
        initial_balance, final_balance, total_return, max_drawdown, sharpe_ratio, total_trades, winning_trades,
        losing_trades, win_rate, ambiguous_bars, rejections, halted, end_positions, costs, assumptions, statistics``.
        """
        outcome, stats = self.outcome, self.stats
        return _plain(
            {
                "id": str(self.id),
                "symbol": ",".join(outcome.symbols),
                "symbols": list(outcome.symbols),
                "strategy": outcome.strategy,
                "version": outcome.version,
                "params": outcome.params,
                "start_date": stats.start.isoformat(),
                "end_date": stats.end.isoformat(),
                "initial_balance": stats.initial_cash,
                "final_balance": stats.final_equity,
                "total_return": stats.total_return,
                "max_drawdown": stats.max_drawdown,
                "sharpe_ratio": stats.sharpe,
                "total_trades": stats.trades.count,
                "winning_trades": stats.trades.winning,
                "losing_trades": stats.trades.losing,
                "win_rate": stats.trades.win_rate,
                "ambiguous_bars": self.ambiguous_bars,
                "rejections": self.rejections,
                "halted": outcome.halted,
                "end_positions": outcome.end_positions,
                "costs": msgspec.to_builtins(self.costs),
                "assumptions": msgspec.to_builtins(self.assumptions),
                "statistics": msgspec.to_builtins(stats),
            }
        )

    def to_json(self) -> str:
        """:meth:`to_dict` as indented JSON."""
        return msgspec.json.format(msgspec.json.encode(self.to_dict()), indent=2).decode()

    def report(self, path: str | Path) -> Path:
        """Write the self-contained HTML report; folders are made, an older file is replaced in one step.

        Returns
        -------
        The path that was written.
        """
        from tradebot.research.report import write_report

        return write_report(self, Path(path))

    def __rich__(self) -> RenderableType:
        from tradebot.research.terminal import render

        return render(self)

    def __str__(self) -> str:
        from rich.console import Console

        target = io.StringIO()
        Console(file=target, width=TEXT_WIDTH, color_system=None, legacy_windows=False).print(self)
        return target.getvalue().rstrip()

    def __repr__(self) -> str:
        outcome = self.outcome
        symbols, count = ",".join(outcome.symbols), len(outcome.trades["pnl"])
        return f"BacktestResult({outcome.strategy} on {symbols}, {count} trades, id={self.id})"

    def _repr_html_(self) -> str:
        from tradebot.research.report.notebook import summary_html

        return summary_html(self)


def _plain(value: Any) -> Any:
    """The value with ``nan`` and infinities, which JSON has no words for, as ``None``."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in cast("dict[Any, Any]", value).items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in cast("list[Any]", value)]
    return value
