"""Two markets that belong together."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from math import log

import numpy as np

from tradebot.core.errors import StrategyError
from tradebot.core.portfolio import Portfolio
from tradebot.core.protocols import DecisionContext, Snapshot
from tradebot.strategies.allocation import AllocationPolicy
from tradebot.strategies.bars import Bars
from tradebot.strategies.cointegration import LEVELS, Cointegration, engle_granger
from tradebot.strategies.param import param


class Pairs(AllocationPolicy):
    """Sell the dear one of two cointegrated markets and buy the cheap one, until they have come together again.

    Vidyamurthy (2004), Pairs Trading, after Gatev, Goetzmann and Rouwenhorst (2006), Review of Financial Studies 19.
    The log price of the first market is regressed on that of the second over a rolling window, and the residual is
    tested for a unit root (Engle and Granger 1987, critical values of MacKinnon 2010). It enters while the test refuses
    "no cointegration", hedges anew when the relation is estimated anew, and leaves when the residual has come back, has
    gone on to the stop, or has not come back within a window. Of a market that cannot be sold short only the purchases
    are made.
    """

    version = "1.1"
    window: int = param(500, ge=50, le=20_000, step=1, doc="Bars the relation is estimated over.")
    refit: int = param(
        50, ge=1, le=5_000, step=1, doc="Lengths of a bar, on the clock, after which it is estimated anew."
    )
    level: float = param(0.05, choices=LEVELS, doc="Significance at which cointegration is believed.")
    lags: int = param(1, ge=0, le=20, step=1, doc="Lagged differences in the Dickey-Fuller test.")
    enter: float = param(2.0, ge=0.1, le=10, step=0.1, doc="Standard deviations of the residual to enter at.")
    leave: float = param(0.5, ge=0, le=10, step=0.1, doc="Standard deviations to leave at; below enter.")
    stop: float = param(4.0, ge=0.2, le=50, step=0.1, doc="Standard deviations to give up at; above enter.")
    exposure: float = param(0.9, ge=0.05, le=10, doc="Worth of both positions together as a multiple of equity.")

    def validate(self) -> None:
        if not self.leave < self.enter < self.stop:
            fact = f"leave, enter and stop do not rise: {self.leave:g}, {self.enter:g}, {self.stop:g}"
            raise self.refuse("enter", fact, "The usual ones are 0.5, 2 and 4.")

    def setup(self, markets: Mapping[str, Bars]) -> None:
        if len(markets) != 2:
            mend = "Give two, such as -d ETHUSDT-1h.parquet -d BTCUSDT-1h.parquet."
            raise StrategyError(f"a pair is two markets, and the run has {len(markets)}", place=self.name, mend=mend)
        self.symbols = tuple(markets)
        self.logs: tuple[deque[float], ...] = tuple(deque[float](maxlen=self.window) for _ in markets)
        self.relation: tuple[float, float, float] | None = None  # intercept, hedge, deviation
        self.believed = False
        self.side = 0  # 1 holds the first market long, -1 short
        self.held_bars = 0
        self.waiting = False  # after a stop, until the residual has come back
        self.last = self.fitting = -1
        self.refit_ns = self.refit * next(iter(markets.values())).interval.ns

    @property
    def warmup(self) -> int:
        return self.window - 1

    def shares(self, portfolio: Portfolio, snapshot: Snapshot, context: DecisionContext) -> Mapping[str, float] | None:
        fitted = self._gathered(snapshot)
        if fitted is None:
            return None
        before, self.side = self.side, self._side()
        self.held_bars = self.held_bars + 1 if self.side == before else 0
        if self.side == before and not (fitted and self.side):
            return None
        return self._legs()

    def on_history(self, snapshot: Snapshot) -> None:
        self._gathered(snapshot)

    def _gathered(self, snapshot: Snapshot) -> bool | None:
        """Take a pair of bars; whether the relation was estimated anew on it, ``None`` where there is none to judge."""
        first, second = snapshot.bar(self.symbols[0]), snapshot.bar(self.symbols[1])
        # Only bars of the same time are compared.
        if first is None or second is None or first.ts != second.ts or first.ts == self.last:
            return None
        self.last = first.ts
        self.logs[0].append(log(first.close))
        self.logs[1].append(log(second.close))
        if len(self.logs[0]) < self.window:
            return None
        # By the clock and not by count: the relation is then the same wherever the bars began.
        before, self.fitting = self.fitting, first.ts // self.refit_ns
        if self.fitting == before:
            return False
        self._estimate()
        return True

    def _estimate(self) -> None:
        y, x = (np.array(prices) for prices in self.logs)
        found: Cointegration | None = engle_granger(y, x, self.lags)
        # A hedge below zero would be two bets on the same side.
        if found is None or found.hedge <= 0:
            self.believed = False
        else:
            self.relation = (found.intercept, found.hedge, found.deviation)
            self.believed = found.holds(self.level)

    def _side(self) -> int:
        """The side to hold now."""
        if self.relation is None:
            return 0
        intercept, hedge, deviation = self.relation
        score = (self.logs[0][-1] - intercept - hedge * self.logs[1][-1]) / deviation
        if self.waiting:
            self.waiting = abs(score) > self.leave
        if self.side == 0:
            enters = self.believed and not self.waiting and self.enter < abs(score) < self.stop
            return (-1 if score > 0 else 1) if enters else 0
        away = -self.side * score
        if away >= self.stop or self.held_bars >= self.window:
            self.waiting = True
            return 0
        return 0 if away <= self.leave else self.side

    def _legs(self) -> dict[str, float]:
        hedge = self.relation[1] if self.relation is not None else 0.0
        one = self.side * self.exposure / (1 + hedge)
        return dict(zip(self.symbols, (one, -one * hedge), strict=True))
