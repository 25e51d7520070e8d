"""Buy each step down, sell each step up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tradebot_native import ExecutionEvent, OrderIntent

from tradebot.core.errors import StrategyError
from tradebot.core.portfolio import Portfolio
from tradebot.core.protocols import DecisionContext, Snapshot
from tradebot.strategies.bars import Bars
from tradebot.strategies.param import param
from tradebot.strategies.portfolio_policy import PortfolioPolicy
from tradebot.strategies.schedule import period_of


class Grid(PortfolioPolicy):
    """Rest a buy order at each level around the first price; each lot bought is sold one level higher.

    Taranto and Khan (2020), Gambler's ruin problem and bi-directional grid constrained trading and investment
    strategies, Investment Management and Financial Innovations 17: it earns in a market that goes back and forth, and
    is left with every lot in one that falls through the lowest level. Levels above the price are bought at once. Each
    market has a grid of its own, and an equal part of the exposure. An entry that was refused is tried again
    on the next day.
    """

    version = "1.0"
    levels: int = param(10, ge=2, le=200, step=1, doc="Levels of the grid, half of them above the first price.")
    spacing: float = param(0.01, ge=0.0005, le=0.5, doc="Distance between two levels; 0.01 is one percent.")
    exposure: float = param(
        0.9, ge=0.05, le=10, doc="Worth of all lots together as a multiple of the equity at the start."
    )

    def setup(self, markets: Mapping[str, Bars]) -> None:
        self.prices: dict[str, list[float]] = {}
        self.lots: dict[str, float] = {}
        self.symbols = list(markets)
        self.changed = set(markets)
        self.day = -1

    def on_fill(self, fill: ExecutionEvent) -> None:
        self.changed.add(fill.symbol)

    def decide(self, portfolio: Portfolio, snapshot: Snapshot, context: DecisionContext) -> Sequence[OrderIntent]:
        day = period_of(snapshot.ts, "daily")
        if day == self.day and not self.changed:
            return ()
        orders: list[OrderIntent] = []
        for symbol in self.symbols:
            known = symbol in self.prices or self._laid_out(symbol, portfolio, snapshot, context)
            if known and (day != self.day or symbol in self.changed):
                tick = float(context.instruments[symbol].tick_size)
                orders += [self._entry(symbol, level) for level in self._free(symbol, portfolio, tick)]
        self.changed = set(self.symbols) - set(self.prices)
        self.day = day
        return orders

    def _free(self, symbol: str, portfolio: Portfolio, tick: float) -> list[int]:
        """Levels with neither an entry that rests nor a lot that waits for its target."""
        resting = {"buy": set[int](), "sell": set[int]()}
        for order in portfolio.open_orders(symbol):
            if order.price is not None:
                resting[order.side].add(round(order.price / tick))
        ticks = [round(price / tick) for price in self.prices[symbol]]
        return [
            level
            for level in range(self.levels)
            if ticks[level] not in resting["buy"] and ticks[level + 1] not in resting["sell"]
        ]

    def _laid_out(self, symbol: str, portfolio: Portfolio, snapshot: Snapshot, context: DecisionContext) -> bool:
        """Lay the grid out around a market's first price; false where there is none yet."""
        bar, instrument = snapshot.bar(symbol), context.instruments[symbol]
        if bar is None:
            return False
        exponents = (level - self.levels / 2 for level in range(self.levels + 1))
        raw = [bar.close * (1 + self.spacing) ** exponent for exponent in exponents]
        worth = self.exposure * portfolio.equity / (self.levels * len(self.symbols))
        lot = float(instrument.snap_quantity(worth / (bar.close * float(instrument.multiplier))))
        if lot == 0 or lot < float(instrument.min_quantity) or worth < float(instrument.min_notional):
            fact = f"a lot of {symbol} is worth {worth:.2f} {instrument.quote}, which is below its smallest order"
            raise StrategyError(fact, place=self.name, mend="Give more cash, more exposure or fewer levels.")
        self.prices[symbol] = [float(instrument.snap_price(price)) for price in raw]
        self.lots[symbol] = lot
        return True

    def _entry(self, symbol: str, level: int) -> OrderIntent:
        price, target = self.prices[symbol][level : level + 2]
        return OrderIntent(
            symbol,
            "buy",
            self.lots[symbol],
            type="limit",
            price=price,
            take_profit=target,
            tag=f"level {level}",
        )
