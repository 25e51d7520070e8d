"""A policy for a whole account: hold several markets at equal weight, put back in line once a day.

Run it with ``python examples/equal_weight.py``. A policy is asked after every step and answers with orders; it sees
all markets and the account, where a strategy sees one market.
"""

from collections.abc import Sequence

from tradebot_native import OrderIntent

from tradebot import backtest
from tradebot.core.interval import DAY
from tradebot.core.portfolio import Portfolio
from tradebot.core.protocols import DecisionContext, Snapshot
from tradebot.feeds.mock import mock_bars


class EqualWeight:
    """The same share of equity in every market, at the first bar of each UTC day."""

    name = "equal_weight"
    version = "1.0"

    def __init__(self, invested: float = 0.9, band: float = 0.02) -> None:
        self.params = {"invested": invested, "band": band}
        self._invested = invested
        self._band = band
        self._day = -1

    def decide(self, portfolio: Portfolio, snapshot: Snapshot, context: DecisionContext) -> Sequence[OrderIntent]:
        """Orders that bring each market back to its weight, where it has left it by more than the band."""
        day = snapshot.ts // DAY
        if day == self._day:
            return ()
        self._day = day
        weight = self._invested / len(context.instruments)
        intents: list[OrderIntent] = []
        for symbol in context.instruments:
            bar = snapshot.bar(symbol)
            if bar is None:
                continue
            wanted = weight * portfolio.equity / bar.close
            change = wanted - portfolio.quantity(symbol)
            if abs(change) > self._band * wanted:
                intents.append(OrderIntent(symbol, "buy" if change > 0 else "sell", abs(change), tag="rebalance"))
        return intents


def main() -> None:
    """Two weeks of three mock markets."""
    bars = [mock_bars(symbol, "5m", 14 * 288, seed=7) for symbol in ("ALPHAUSDT", "BETAUSDT", "GAMMAUSDT")]
    print(backtest(EqualWeight(), bars, cash=100_000))


if __name__ == "__main__":
    main()
