"""What the account is worth and ties up."""

from __future__ import annotations

from decimal import Decimal

from tradebot.core.decimals import exact
from tradebot.exchange.orders import ZERO
from tradebot.exchange.state import State
from tradebot.exchange.wire import amount


class Margins:
    """What the account is worth and ties up at the present prices."""

    def __init__(self, state: State) -> None:
        self._state = state
        portfolio = state.sim.portfolio
        self.unrealized = sum((state.account.unrealized(each, state.mark(each)) for each in state.markets), ZERO)
        self.initial = exact(portfolio.margin_used)
        self.maintenance = exact(portfolio.maintenance_margin)
        self.equity = state.account.wallet + self.unrealized
        self.free = max(exact(portfolio.free_margin), ZERO)
        self.orders = max(self.equity - self.initial - exact(portfolio.free_margin), ZERO)

    def of(self, symbol: str) -> tuple[Decimal, Decimal]:
        """Initial and maintenance margin of one position."""
        state = self._state
        notional = abs(state.account.notional(symbol, state.mark(symbol)))
        whole = sum((abs(state.account.notional(each, state.mark(each))) for each in state.markets), ZERO)
        maintenance = self.maintenance * notional / whole if whole else ZERO
        return notional / state.leverage[symbol], maintenance

    def totals(self) -> dict[str, str]:
        """Fields that /account and its assets share."""
        return {
            "initialMargin": amount(self.initial + self.orders),
            "maintMargin": amount(self.maintenance),
            "walletBalance": amount(self._state.account.wallet),
            "unrealizedProfit": amount(self.unrealized),
            "marginBalance": amount(self.equity),
            "positionInitialMargin": amount(self.initial),
            "openOrderInitialMargin": amount(self.orders),
            "crossWalletBalance": amount(self._state.account.wallet),
            "crossUnPnl": amount(self.unrealized),
            "availableBalance": amount(self.free),
            "maxWithdrawAmount": amount(self.free),
        }

    def liquidation_price(self, symbol: str) -> Decimal:
        """Price at which equity meets the maintenance margin while all else stands still, at the tier it is in."""
        state = self._state
        held, mark = state.account.positions[symbol].quantity, state.mark(symbol)
        if not held or not mark:
            return ZERO
        multiplier = state.instruments[symbol].multiplier
        rate = self.of(symbol)[1] / (abs(held) * mark * multiplier)
        price = mark - (self.equity - self.maintenance) / (multiplier * (held - abs(held) * rate))
        return max(state.instruments[symbol].snap_price(price), ZERO)
