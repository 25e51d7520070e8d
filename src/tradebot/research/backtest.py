"""``tradebot.backtest``: one call from a strategy and bars to a result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from tradebot.research.result import BacktestResult

if TYPE_CHECKING:
    from tradebot.core.bar import BarArray
    from tradebot.engine.outcome import RunOutcome


def backtest(
    strategy: Any,
    bars: BarArray | Sequence[BarArray],
    *,
    cash: float = 10_000.0,
    sizer: Any = None,
    risk: Any = None,
    fill: str = "next_open",
    path: str = "pessimistic",
    touch: bool = True,
    participation: float | None = None,
    slippage: Any = None,
    leverage: float = 1.0,
    funding: Any = None,
    form: str = "auto",
    progress: Callable[[int, int], None] | None = None,
) -> BacktestResult:
    """Run a strategy over bars in the simulated exchange.

    Parameters
    ----------
    strategy : a Strategy or Policy, or the name of one in the registry.
    bars : one market, or several that share the account.
    cash : equity before the first bar, in the account's currency.
    sizer : turns a signal into a quantity; the engine's default where ``None``.
    risk : limits every intent must pass; none where ``None``.
    fill : ``next_open``, or ``this_close``, which the report warns of.
    path : ``pessimistic``, ``optimistic`` or ``adaptive``: the order of the extremes inside a bar.
    touch : whether a limit order fills when the price only touches it.
    participation : largest share of a bar's volume one fill may take, in 0..1; unlimited where ``None``.
    slippage : model of the price given up by market and stop orders; none where ``None``.
    leverage : notional a unit of equity may carry (perpetuals).
    funding : funding rates of perpetuals, by symbol.
    form : ``auto``, ``python`` or ``rules``: the form of the strategy to run.
    progress : called now and then with the bars done and the bars in all.

    Returns
    -------
    The result; nothing of it is computed before it is asked for.

    Raises
    ------
    TradebotError : a parameter, the data or the strategy is not as it must be; the message names it and the mend.
    """
    from tradebot.engine.backtest import Backtest

    def run(path: str, progress: Callable[[int, int], None] | None = None) -> RunOutcome:
        engine = Backtest(
            strategy,
            bars,
            cash=cash,
            sizer=sizer,
            risk=risk,
            fill=fill,
            path=path,
            touch=touch,
            participation=participation,
            slippage=slippage,
            leverage=leverage,
            funding=funding,
            form=form,
        )
        return engine.run(progress=progress)

    return BacktestResult(run(path, progress), rerun=run)
