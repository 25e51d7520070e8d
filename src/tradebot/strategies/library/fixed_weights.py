"""The constant mix."""

from __future__ import annotations

from collections.abc import Mapping

from tradebot.core.errors import StrategyError, did_you_mean
from tradebot.core.portfolio import Portfolio
from tradebot.core.protocols import DecisionContext, Snapshot
from tradebot.strategies.allocation import AllocationPolicy
from tradebot.strategies.bars import Bars
from tradebot.strategies.param import param
from tradebot.strategies.schedule import CALENDARS, period_of


class FixedWeights(AllocationPolicy):
    """Hold each market at a fixed share of equity: sell what has risen, buy what has fallen.

    Perold and Sharpe (1988), Dynamic strategies for asset allocation, Financial Analysts Journal 44. Rebalanced when a
    market's share has drifted out of its band, as Masters (2003), Rebalancing, Journal of Portfolio Management 29, or
    when a period of a calendar begins.
    """

    version = "1.0"
    weights: str = param(
        "equal", doc="Shares of equity, as SPY=0.6,TLT=0.4; equal gives each market the same part of 0.95."
    )
    when: str = param("band", choices=("band", *CALENDARS), doc="What sets a rebalance off.")
    band: float = param(
        0.05, ge=0.001, le=0.5, doc="Drift of a share that sets it off; 0.05 is five percent of equity."
    )

    def validate(self) -> None:
        self._parsed()

    def setup(self, markets: Mapping[str, Bars]) -> None:
        given = self._parsed()
        for symbol in given:
            if symbol not in markets:
                mend = did_you_mean(symbol, markets) or f"There are {', '.join(markets)}."
                raise StrategyError(f"{symbol} is not a market of the run", place=f"{self.name}.weights", mend=mend)
        self.weight_of = given or dict.fromkeys(markets, 0.95 / len(markets))
        self.multipliers = {symbol: float(bars.instrument.multiplier) for symbol, bars in markets.items()}
        self.period = -1

    def shares(self, portfolio: Portfolio, snapshot: Snapshot, context: DecisionContext) -> Mapping[str, float] | None:
        return self.weight_of if self._is_due(portfolio, snapshot) else None

    def _is_due(self, portfolio: Portfolio, snapshot: Snapshot) -> bool:
        if self.unbought:
            # One rebalance is finished before the next.
            return False
        if self.when != "band":
            before, self.period = self.period, period_of(snapshot.ts, self.when)
            return self.period != before
        equity = portfolio.equity
        for symbol, share in self.weight_of.items():
            bar = snapshot.bar(symbol)
            if bar is None:
                continue
            unit = bar.close * self.multipliers[symbol]
            if abs(portfolio.quantity(symbol) * unit - share * equity) > self.band * equity:
                return True
        return False

    def _parsed(self) -> dict[str, float]:
        """Shares by symbol; empty where they are equal."""
        shares: dict[str, float] = {}
        if self.weights == "equal":
            return shares
        for part in self.weights.split(","):
            symbol, _, text = part.strip().partition("=")
            try:
                share = float(text)
            except ValueError:
                raise self.refuse("weights", f'"{part}" is not SYMBOL=SHARE', "Write SPY=0.6,TLT=0.4.") from None
            if not 0 < share <= 1:
                raise self.refuse("weights", f"the share of {symbol} is {share:g}", "Give one above 0 and at most 1.")
            if symbol in shares:
                raise self.refuse("weights", f"{symbol} is given twice", "Give it once.")
            shares[symbol] = share
        if sum(shares.values()) > 1:
            raise self.refuse("weights", f"the shares come to {sum(shares.values()):g}", "Give 1 or less in all.")
        return shares
