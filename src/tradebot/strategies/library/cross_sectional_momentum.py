"""Hold what rose most."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from tradebot.core.errors import StrategyError
from tradebot.core.portfolio import Portfolio
from tradebot.core.protocols import DecisionContext, Snapshot
from tradebot.strategies.allocation import AllocationPolicy
from tradebot.strategies.bars import Bars
from tradebot.strategies.param import param
from tradebot.strategies.schedule import CALENDARS, period_of


class CrossSectionalMomentum(AllocationPolicy):
    """Hold the markets that rose most over the past periods, and sell short those that rose least.

    Jegadeesh and Titman (1993), Returns to buying winners and selling losers, Journal of Finance 48: ranked by the
    return over the formation periods, equally weighted, ranked anew when a period of the calendar begins. They skip a
    week between formation and holding, and overlap portfolios of several months; here one portfolio is held for one
    period. A market whose past is too
    short, or that did not trade for a period, is not held. A live run begins with the portfolio of the current period.
    """

    version = "1.1"
    calendar: str = param("monthly", choices=CALENDARS, doc="When the markets are ranked anew.")
    formation: int = param(6, ge=1, le=250, step=1, doc="Periods of the calendar that the return is measured over.")
    skip: int = param(0, ge=0, le=50, step=1, doc="Latest periods that are left out of the return.")
    winners: int = param(1, ge=1, le=500, step=1, doc="Markets to hold.")
    losers: int = param(0, ge=0, le=500, step=1, doc="Markets to sell short; 0 trades long only.")
    exposure: float = param(0.95, ge=0.05, le=10, doc="Worth of all positions as a multiple of equity.")

    def setup(self, markets: Mapping[str, Bars]) -> None:
        if self.winners + self.losers > len(markets):
            fact = (
                f"{self.winners} winners and {self.losers} losers are more than the {len(markets)} markets of the run"
            )
            raise StrategyError(fact, place=self.name, mend="Give more markets, or lower winners and losers.")
        length = self.formation + self.skip + 1
        self.closes: dict[str, deque[float]] = {symbol: deque(maxlen=length) for symbol in markets}
        self.seen = dict.fromkeys(markets, -1)
        self.period = -1
        self.is_ranked = False

    def shares(self, portfolio: Portfolio, snapshot: Snapshot, context: DecisionContext) -> Mapping[str, float] | None:
        begins = self._gathered(snapshot)
        if self.is_ranked and not begins:
            return None
        ranked = self._ranked()
        if len(ranked) < self.winners + self.losers:
            return None
        self.is_ranked = True
        each = self.exposure / (self.winners + self.losers)
        shares = dict.fromkeys(self.closes, 0.0)
        shares |= dict.fromkeys(ranked[: self.winners], each)
        shares |= dict.fromkeys(ranked[len(ranked) - self.losers :], -each)
        return shares

    def on_history(self, snapshot: Snapshot) -> None:
        self._gathered(snapshot)

    def _gathered(self, snapshot: Snapshot) -> bool:
        """Whether a period begins; the closes that end the one before are then kept."""
        period = period_of(snapshot.ts, self.calendar)
        # A period that the bars begin within is no whole one.
        before = self.period if self.period >= 0 else period_of(snapshot.ts - 1, self.calendar)
        self.period = period
        if period == before:
            return False
        for symbol, closes in self.closes.items():
            bar = snapshot.bar(symbol)
            if bar is None or bar.ts == self.seen[symbol]:
                closes.clear()
            else:
                closes.append(bar.close)
                self.seen[symbol] = bar.ts
        return True

    def _ranked(self) -> list[str]:
        """Symbols by their past return, the highest first; equal ones in the order of the run."""
        known = {symbol: closes for symbol, closes in self.closes.items() if len(closes) == closes.maxlen}
        returns = {symbol: closes[self.formation] / closes[0] for symbol, closes in known.items()}
        return sorted(returns, key=lambda symbol: -returns[symbol])
