"""Holds the books against a broker's answer: what was missed is booked, what is doubtful asked, the rest named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tradebot.core.asset_class import AssetClass
from tradebot.core.decimals import exact
from tradebot.core.event import Adopted, Cancel, Severity
from tradebot.core.order import OrderState
from tradebot.engine.outbox import SECOND

if TYPE_CHECKING:
    import tradebot_native as native

    from tradebot.core.account import AccountSnapshot, OpenOrder
    from tradebot.engine.orders import OrderManager
    from tradebot.engine.outbox import Outbox
    from tradebot.engine.plan import Plan

# An order or a trade this close to a snapshot may be in one of its parts and not yet in another.
_BLUR: Final = 5 * SECOND
# Share of equity below which a difference of balances is not worth a word.
_UNTOLD: Final = 0.001


class Reconciliation:
    """Compares the account with each snapshot of it.

    The first snapshot is where the books begin: its trades are history. From then on every trade in a snapshot is
    booked unless it was; an order of ours that is not in it is asked about; a position that the trades do not explain
    must show the same difference twice before it is believed, since the parts of a snapshot are not of one moment, and
    so must an order at work that has ended in the books, before it is taken back. What is believed halts the bot, and
    the books then take the broker's position: what a person does about it at the venue is booked on what is true.

    Attributes
    ----------
    begun : whether a first snapshot has come; until then nothing is opened.
    settled : what ended before this time was compared with the broker's answers afterwards, and agreed, int64 ns UTC.
    agrees : whether the last snapshot and the books said the same, order by order and position by position: heard once
        more, with nothing between, it would change nothing.
    resumes : whether another process has taken the run up since the last snapshot: what it left behind is settled at
        once.
    """

    def __init__(self, plan: Plan, books: native.Books, orders: OrderManager, outbox: Outbox) -> None:
        self._plan = plan
        self._books = books
        self._orders = orders
        self._outbox = outbox
        self.begun = False
        self.agrees = False
        self.settled = self._agreed = 0
        self.resumes = False
        # Differences of positions that the last snapshot showed, by market; which of them are believed.
        self._seen: dict[str, float] = {}
        self._proven: list[str] = []
        # Money the broker holds beyond the books, as it was at the first snapshot and as it was told last.
        self._surplus: float | None = None
        # Orders that the last snapshot showed at work though they have ended in the books.
        self._ended: set[str] = set()

    def on_snapshot(self, snapshot: AccountSnapshot) -> str:
        """Take a snapshot.

        Returns
        -------
        The differences that nothing explains, in one sentence that names them; empty where there are none.
        """
        fresh = not self.begun and self._books.order_count == 0
        left_behind: set[int] = set()
        if self.resumes:
            self._orders.doubt_unanswered(snapshot.ts)
            left_behind = {order.id for order in self._books.open_orders()}
        self._take_fills(snapshot, fresh=fresh)
        has_same_orders = self._take_orders(snapshot, left_behind)
        self.resumes = False
        differences = self._positions(snapshot)
        doubtful = {symbol: gap for symbol, gap in differences.items() if self._is_quiet(symbol, snapshot.ts)}
        # At the start nothing is under way that could explain a difference.
        proven = {symbol for symbol, gap in doubtful.items() if not self.begun or self._seen.get(symbol) == gap}
        self._proven = sorted(proven)
        for symbol in sorted(doubtful.keys() - proven):
            text = f"{symbol}: the broker holds {doubtful[symbol]:+g} beyond the books; it is looked at again"
            self._outbox.notify(Severity.WARNING, text)
        self._seen = doubtful
        self.begun = True
        self.agrees = has_same_orders and not differences
        if not differences:
            self._take_balance(snapshot)
            # Of what ended since the snapshot before this one a part may still be under way.
            self.settled, self._agreed = self._agreed, snapshot.ts
        return "; ".join(f"{symbol}: {self._told(symbol, snapshot)}" for symbol in self._proven)

    def take_positions(self, snapshot: AccountSnapshot) -> None:
        """Bring the books to the positions of a snapshot whose differences are believed, once the bot is halted."""
        reported = {position.symbol: position for position in snapshot.positions}
        for symbol in self._proven:
            position, book = reported.get(symbol), self._books.portfolio.position(symbol)
            # What closes a position is worth its mark; what opens one has cost what the broker says.
            opens = position is not None and abs(position.quantity) > abs(exact(book.quantity))
            price = position.entry_price if position is not None and opens else exact(book.mark_price)
            quantity = exact(0) if position is None else position.quantity
            if self._plan.markets[symbol].asset_class is AssetClass.SPOT:
                quantity = min(quantity, max(exact(book.quantity), exact(0)))
            currency = self._plan.markets[symbol].quote
            found = Adopted(ts=snapshot.ts, symbol=symbol, quantity=quantity, price=price, currency=currency)
            self._orders.foreign.adopt_position(found)
            del self._seen[symbol]
        self._proven = []

    def resume(self) -> None:
        """Another process drives the run: by the next snapshot all that was sent has arrived, or never will."""
        self.resumes = True

    def doubts(self, symbol: str) -> bool:
        """Whether the last snapshot showed a difference in a market."""
        return symbol in self._seen

    def _take_fills(self, snapshot: AccountSnapshot, *, fresh: bool) -> None:
        missed = 0
        for fill in snapshot.fills:
            if fill.symbol not in self._plan.markets or self._books.knows_trade(fill.symbol, fill.trade_id):
                continue
            if fresh:
                self._books.skip_trade(fill.symbol, fill.trade_id)
                continue
            number = self._books.find(fill.order_id)
            missed += 1
            if number is None or self._orders.foreign.is_of_halt(fill.order_id):
                self._orders.foreign.adopt(fill)
            else:
                self._orders.book(number, fill)
        if missed:
            self._outbox.notify(Severity.WARNING, f"{missed} trades had been missed and are booked")

    def _take_orders(self, snapshot: AccountSnapshot, left_behind: set[int]) -> bool:
        """Hold each order against the snapshot; those ``left_behind`` by another process are in it if they work.

        Returns
        -------
        Whether the same orders work on both sides.
        """
        working = {order.order_id for order in snapshot.orders}
        ended: set[str] = set()
        for order in snapshot.orders:
            number = self._books.find(order.order_id)
            if number is None:
                self._orders.foreign.on_order(order.order_id, order.symbol)
            elif self._books.is_live(number):
                self._take_order(number, order, snapshot.ts)
            else:
                ended.add(order.order_id)
                self._take_ended(order)
        self._ended = ended
        sent = [order for order in self._books.open_orders() if order.state != OrderState.INITIALIZED]
        missing = [order for order in sent if order.client_id not in working]
        for order in missing:
            if order.id in left_behind or order.created_ts < snapshot.ts - _BLUR:
                self._orders.doubt(order.id, snapshot.ts)
        return not (ended or missing)

    def _take_order(self, number: int, order: OpenOrder, ts: int) -> None:
        if self._books.order(number).state in (OrderState.SUBMITTED, OrderState.UNKNOWN):
            self._orders.conclude(number, ts, order.state)
            self._orders.inquiries.close(order.order_id)
            if order.quantity != exact(self._books.order(number).quantity):
                self._orders.outgrow(number)
        known = self._books.order(number)
        # Of another size, with no change of it under way: an answer was lost, or a late word was taken for one.
        resized = order.quantity != exact(known.quantity) and not self._orders.is_under_way(number)
        # Filled further than the trades say: those that are missing are asked for.
        if resized or order.filled > exact(known.filled):
            self._orders.inquiries.open(order.order_id, order.symbol, ts)

    def _take_ended(self, order: OpenOrder) -> None:
        """An order that has ended and works all the same, as one that arrives after it was given up, is taken back."""
        # One that a snapshot shows a moment too long is gone from the next.
        if order.order_id in self._ended:
            self._outbox.add(Cancel(order.order_id, "unknown_order"))
            text = f"{order.order_id} ({order.symbol}) has ended by the books and works at the broker: it is taken back"
            self._outbox.notify(Severity.CRITICAL, text)

    def _positions(self, snapshot: AccountSnapshot) -> dict[str, float]:
        """By market, what the broker holds beyond the books."""
        reported = {position.symbol: position.quantity for position in snapshot.positions}
        gaps: dict[str, float] = {}
        for symbol, instrument in self._plan.markets.items():
            held = exact(self._books.portfolio.quantity(symbol))
            gap = reported.get(symbol, exact(0)) - held
            if instrument.asset_class is AssetClass.SPOT:
                # Coins tell no owner: what the account has beyond the books is not the bot's.
                # Where the books owe coins, the bot has sold another's.
                gap = min(gap, exact(0)) if held >= 0 else -held
            if abs(gap) * 2 > instrument.lot_size:
                gaps[symbol] = float(gap)
        return gaps

    def _take_balance(self, snapshot: AccountSnapshot) -> None:
        """Tell of money that came or went without a cash flow."""
        quote = self._plan.instruments[0].quote
        if quote not in snapshot.balances:
            return
        portfolio = self._books.portfolio
        # A perpetual's position is no money: the broker's balance has what was realised alone.
        invested = sum(
            position.quantity * position.entry_price * float(self._plan.markets[position.symbol].multiplier)
            for position in portfolio.positions()
            if self._plan.markets[position.symbol].asset_class is AssetClass.PERPETUAL
        )
        surplus = float(snapshot.balances[quote]) - portfolio.cash - invested - self._orders.fees.elsewhere
        if self._surplus is None:
            self._surplus = surplus
        elif abs(surplus - self._surplus) > _UNTOLD * abs(portfolio.equity):
            moved, self._surplus = surplus - self._surplus, surplus
            text = f"the broker's balance has moved by {moved:+.2f} {quote} more than trades and cash flows explain"
            self._outbox.notify(Severity.WARNING, text)

    def _is_quiet(self, symbol: str, ts: int) -> bool:
        """Whether nothing is under way in a market that could explain a difference."""
        if self._orders.inquiries.concerns(symbol):
            return False
        return not any(order.created_ts > ts - _BLUR for order in self._books.open_orders(symbol))

    def _told(self, symbol: str, snapshot: AccountSnapshot) -> str:
        reported = next((position.quantity for position in snapshot.positions if position.symbol == symbol), 0)
        held = self._books.portfolio.quantity(symbol)
        if self._plan.markets[symbol].asset_class is AssetClass.SPOT and held < 0:
            return f"the bot has sold {-held:g} more than it had bought, of coins that are another's"
        return f"the broker holds {reported:f}, the books {self._books.portfolio.quantity(symbol):g}"

    def state(self) -> dict[str, Any]:
        """What it remembers, as plain data."""
        return {
            "begun": self.begun,
            "agreed": [self.settled, self._agreed],
            "seen": dict(self._seen),
            "resumes": self.resumes,
            "surplus": self._surplus,
            "ended": sorted(self._ended),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what :meth:`state` gave."""
        self.begun = state["begun"]
        self.settled, self._agreed = state["agreed"]
        self._seen = dict(state["seen"])
        self.resumes = state["resumes"]
        self._surplus = state["surplus"]
        self._ended = set(state["ended"])
