"""A run of one instrument driven by trade ticks or by quotes, in place of bars."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import numpy as np
import tradebot_native as native

from tradebot.core.bar import BarArray
from tradebot.core.errors import DataError, StrategyError
from tradebot.core.interval import Interval
from tradebot.core.tick_array import TickArray
from tradebot.engine.account import Simulation, check_leverage, config_errors, costs_of, trader_of
from tradebot.engine.outcome import Columns, Records, RunOutcome
from tradebot.indicators import Frame
from tradebot.strategies.failure import failure, setup_failures
from tradebot.strategies.policy import DEFAULT_SIZER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tradebot.core.protocols import Sizer
    from tradebot.core.tick_array import QuoteArray
    from tradebot.risk import Protection, RiskLimits
    from tradebot.strategies import Strategy

_INDEX_COLUMNS: Final = ("index", "entry_index", "exit_index")


class TickBacktest:
    """One run of a strategy over recorded ticks or quotes; an order meets the next one at the earliest.

    The strategy is asked by ``on_tick`` or ``on_quote`` and keeps what it needs itself: indicators belong to bars.
    The outcome is given in bars of ``interval``, made of the ticks or of the middle of the quotes, so that it reads
    like any other; fills keep their own times.

    Parameters
    ----------
    strategy : an instance whose class has the hook of the data.
    data : ticks or quotes of one instrument, in order of time.
    interval : bars of the outcome.
    cash, sizer, risk, touch, participation, slippage, leverage : as in :class:`tradebot.engine.backtest.Backtest`.

    Raises
    ------
    TradebotError : something does not fit; the message names it and the mend.
    """

    def __init__(
        self,
        strategy: Strategy,
        data: TickArray | QuoteArray,
        *,
        interval: Interval | str = "1m",
        cash: float = 10_000.0,
        sizer: Sizer | None = None,
        risk: RiskLimits | None = None,
        protection: Protection | None = None,
        touch: bool = True,
        participation: float | None = None,
        slippage: native.Slippage | None = None,
        leverage: float = 1.0,
    ) -> None:
        self.id = uuid4()
        self._cash = cash
        self._sizer = sizer or DEFAULT_SIZER
        self._bars, self._last = _bars_of(data, Interval.parse(interval))
        self._instrument = data.instrument
        self._simulation = Simulation(
            touch=touch, participation=participation, slippage=slippage or native.Slippage.none(), leverage=leverage
        )
        check_leverage(leverage, [data.instrument])
        with config_errors():
            specs = [data.instrument.native()]
            self._exchange = self._simulation.exchange(specs, cash, self.id.hex[:12])
            self._trader, self._sizes_natively = trader_of(1, self._sizer, risk, protection)
            self._runner = _runner(self._exchange, self._trader, data)
        hook = "on_tick" if isinstance(data, TickArray) else "on_quote"
        self._strategy = self._bind(strategy, hook)
        self._hook: Callable[[Any], Any] = getattr(self._strategy, hook)

    def _bind(self, strategy: Strategy, hook: str) -> Strategy:
        if not strategy.implements(hook):
            raise StrategyError(f"it has no {hook}", place=strategy.name, mend=f"Give it {hook}, or run it over bars.")
        frame = Frame.live(self._bars.interval)
        with setup_failures(strategy):
            bound = strategy.bind(0, self._instrument, self._exchange.portfolio, frame)
        if frame.nodes:
            raise StrategyError(
                f"it declares indicators, which follow bars, and is driven by {hook}",
                place=strategy.name,
                mend="Keep what it needs in plain attributes, or run it over bars.",
            )
        return bound

    def run(self, progress: Callable[[int, int], None] | None = None) -> RunOutcome:
        """Run to the end and report.

        Raises
        ------
        StrategyError : the strategy raised; the message names its line and the moment.
        """
        strategy, sizer, portfolio = self._strategy, self._sizer, self._exchange.portfolio
        instrument = self._instrument
        try:
            self._runner.run(
                self._hook,
                None,
                progress,
                on_fill=strategy.on_fill if strategy.implements("on_fill") else None,
                size=None
                if self._sizes_natively
                else lambda signal, price: sizer.size(signal, portfolio, instrument, price),
            )
        except Exception as error:
            failed = self._runner.failure
            raise failure(strategy, error, ts=failed[1] if failed else None) from error
        return self._outcome()

    def _outcome(self) -> RunOutcome:
        exchange = self._exchange
        portfolio = exchange.portfolio
        equity = self._runner.equity()[self._last]
        return RunOutcome(
            strategy=self._strategy.name,
            version=self._strategy.version,
            params=self._strategy.params,
            symbols=(self._instrument.symbol,),
            initial_cash=self._cash,
            final_equity=float(equity[-1]),
            equity=equity,
            records=Records(
                times=lambda: self._bars.close_ts,
                fills=lambda: self._in_bars(exchange.fills()),
                orders=exchange.orders,
                trades=lambda: self._in_bars(exchange.trades()),
                tags=exchange.tags,
            ),
            costs=costs_of(portfolio),
            ambiguous_bars=0,
            end_positions={position.symbol: position.quantity for position in portfolio.positions()},
            assumptions=self._simulation.assumptions([self._instrument], "python"),
            bars=(self._bars,),
            halted=self._trader.halted,
            id=self.id,
        )

    def _in_bars(self, rows: Columns) -> Columns:
        # The native core counts ticks; a reader counts bars.
        where = {name: np.searchsorted(self._last, rows[name]) for name in _INDEX_COLUMNS if name in rows}
        return rows | where


def _runner(exchange: native.SimExchange, trader: native.Trader, data: TickArray | QuoteArray) -> native.TickRunner:
    if isinstance(data, TickArray):
        return native.TickRunner.ticks(exchange, trader, data.ts, data.price, data.size, data.side)
    quotes = (data.bid, data.ask, data.bid_size, data.ask_size)
    return native.TickRunner.quotes(exchange, trader, data.ts, *quotes)


def _bars_of(data: TickArray | QuoteArray, interval: Interval) -> tuple[BarArray, NDArray[np.int64]]:
    """Bars made of ticks or of the middle of quotes, and the last tick of each."""
    if len(data) == 0:
        raise DataError("there are no ticks", place=f"ticks of {data.instrument.symbol}")
    if np.any(np.diff(data.ts) < 0):
        row = int(np.argmax(np.diff(data.ts) < 0)) + 2
        raise DataError(
            f"the time of row {row} lies before that of row {row - 1}",
            place=f"ticks of {data.instrument.symbol}",
            mend="Sort them by time.",
        )
    price, size = (data.price, data.size) if isinstance(data, TickArray) else (0.5 * (data.bid + data.ask), None)
    opens = interval.floor(data.ts)
    first = np.flatnonzero(np.append(True, np.diff(opens) != 0))
    last = np.append(first[1:], len(opens)) - 1
    volume = np.zeros(len(first)) if size is None else np.add.reduceat(size, first)
    bars = BarArray(
        data.instrument,
        interval,
        opens[first],
        price[first],
        np.maximum.reduceat(price, first),
        np.minimum.reduceat(price, first),
        price[last],
        volume,
        trades=(last - first + 1).astype(np.int64),
    )
    return bars, last.astype(np.int64)
