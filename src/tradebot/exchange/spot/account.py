"""The spot account: its coins, its orders, and what a new order may use of them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from tradebot_native import OrderIntent, Tick

from tradebot.exchange.orders import ZERO, Shelf
from tradebot.exchange.refusals import Refusal
from tradebot.exchange.spot.orders import OrderList, SpotOrder
from tradebot.exchange.spot.refusals import poor, rejected
from tradebot.exchange.spot.wallet import Wallet
from tradebot.exchange.state import State

_PLENTY: Final = 1e12
_REFUSALS: Final = {
    "post_only_would_cross": "Order would immediately match and take.",
    "market_closed": "Market is closed.",
}
_WITHOUT_MONEY: Final = ("insufficient_margin", "insufficient_position")


class SpotAccount:
    """The one account of a spot market.

    Attributes
    ----------
    wallet : coins and money.
    orders, pairs : every order, and every pair of which one cancels the other.
    owners : whose an order of the simulated exchange is, by its id there.
    """

    def __init__(self, state: State) -> None:
        settings = state.settings
        self._state = state
        balances = {settings.asset: settings.cash, **settings.balances}
        self.wallet = Wallet(state.instruments, balances, settings.commission)
        self.orders: Shelf[SpotOrder] = Shelf(5_000_000_001)
        self.pairs: Shelf[OrderList] = Shelf(1_001)
        self.owners: dict[int, SpotOrder] = {}
        self._endow()

    def locked(self) -> dict[str, Decimal]:
        """What open orders tie up, by coin."""
        return self.wallet.locked(self.orders.open(), self._state.marks())

    def check_funds(self, order: SpotOrder, without: Iterable[SpotOrder] = ()) -> None:
        """Hold an order against what is free, as if some orders had gone already.

        Raises
        ------
        Refusal : the account has too little.
        """
        gone = set(map(id, without))
        open_orders = [each for each in self.orders.open() if id(each) not in gone]
        asset, needed = self.wallet.needs(order, self._state.mark(order.symbol))
        locked = self.wallet.locked(open_orders, self._state.marks())
        if needed > self.wallet.totals[asset] - locked.get(asset, ZERO):
            raise poor()

    def submit(self, order: SpotOrder, intent: OrderIntent) -> None:
        """Hand an order to the simulated exchange.

        Raises
        ------
        Refusal : it does not take it.
        """
        sim = self._state.sim
        order.time = order.update_time = self._state.now
        order.native = sim.submit(intent)
        taken = sim.order(order.native)
        if taken.state == "rejected":
            raise _refusal(taken.reason)
        order.order_id = self.orders.next_id()
        self.owners[order.native] = order
        self.orders.put(order.order_id, order)

    def bnb_price(self) -> Decimal:
        """What a BNB is worth in the quote currency: its market's price, where it is traded here."""
        state = self._state
        symbol = f"BNB{state.settings.asset}"
        traded = state.mark(symbol) if symbol in state.markets else ZERO
        return traded or state.settings.bnb_price

    def _endow(self) -> None:
        """Give the simulated exchange the coins that the account begins with: it sells what it has bought alone."""
        state = self._state
        for symbol, quantity in state.settings.endowment.items():
            state.sim.submit(OrderIntent(symbol, "buy", float(quantity)))
            state.sim.on_tick(symbol, Tick(state.now, 1.0, _PLENTY))
        state.sim.take_events()


def _refusal(reason: str) -> Refusal:
    if reason in _WITHOUT_MONEY:
        return poor()
    return rejected(_REFUSALS.get(reason, f"Order was rejected: {reason}."))
