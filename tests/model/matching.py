"""The walk of the model exchange along one path of a bar: open, first extreme, second extreme, close."""

from math import inf
from typing import Protocol

from model.account import fee, linear_fee, liquidation_price, quantity_margin
from model.groups import Entry, cancel_orphans, grow_bracket, settle_group, trigger_children
from model.values import Account, Bar, Fill, Order, Request, SlippageModel, Spec

MARKET_TYPES = ("market", "stop", "take_profit", "trailing_stop")


class Exchange(Protocol):
    """What the walk needs of the exchange."""

    specs: list[Spec]
    account: Account
    touch: bool
    participation: float | None
    slippage: SlippageModel
    leverage: float
    bars: list[int]


class Walk:
    """One pass of one instrument's bar over the account of the exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.account = exchange.account
        self.at_open = False

    def bar(self, instrument: int, bar: Bar, extremes: tuple[float, float]) -> None:
        self.instrument, self.volume = instrument, bar.volume
        self.spec = self.exchange.specs[instrument]
        self.index = self.exchange.bars[instrument]
        self.share_left = inf
        if self.exchange.participation is not None:
            self.share_left = self.spec.lots_down(self.exchange.participation * bar.volume)
        self.price, self.account.instant = inf, self.account.instant + 1
        self.move(bar.open)
        self.open()
        for target in (*extremes, bar.close):
            self.walk_to(target)
        cancel_orphans(self.account)

    def after(self, instrument: int) -> "Walk":
        """Stand at the end of the instrument's last bar."""
        self.instrument, self.spec = instrument, self.exchange.specs[instrument]
        self.index, self.share_left = self.exchange.bars[instrument] - 1, inf
        self.price = self.account.marks[instrument]
        return self

    def open(self) -> None:
        """Liquidation, market orders in the order they came, then all that the open already satisfies."""
        self.at_open = True
        if self.is_bankrupt():
            self.liquidate(self.price)
        for order in sorted(self.live(), key=lambda order: order.queued):
            if order.open and is_queued(order):
                self.trade(order, False, self.satisfied(order))
        self.fire_satisfied()
        self.at_open = False

    def walk_to(self, target: float) -> None:
        """Move in a straight line, stopping at every level that lies on it."""
        while True:
            self.fire_satisfied()
            step = self.next_stop(target)
            if step is None:
                break
            price, order = step
            self.move(price)
            if order is not None and is_limit(order) and not self.exchange.touch:
                # Such a level is passed and not only touched: a moment after the price was on it.
                self.account.instant += 1
            if order is None:
                self.liquidate(price)
            else:
                self.fire(order)
        self.move(target)
        self.fire_satisfied()

    def fire_satisfied(self) -> None:
        """Fire, lowest id first, what the present price satisfies."""
        while True:
            if self.is_bankrupt():
                self.liquidate(self.price)
            due = [order for order in self.waiting() if not is_queued(order) and self.satisfied(order)]
            if not due:
                return
            self.fire(due[0])

    def next_stop(self, target: float) -> tuple[float, Order | None] | None:
        """Nearest level on the way; no order stands for liquidation. Of equal levels the lowest id is first."""
        rising = target > self.price
        stops: list[tuple[float, bool, int, Order | None]] = []
        for order in self.waiting():
            level = self.level(order)
            if level is None or is_queued(order) or waits_for_rise(order) != rising:
                continue
            strict = is_limit(order) and not self.exchange.touch
            if lies_on_the_way(level, target, rising) and not (strict and level == target):
                stops.append((level, strict, order.id, order))
        liquidation = liquidation_price(self.exchange.specs, self.account, self.instrument)
        adverse = (self.quantity < 0) == rising
        if liquidation is not None and adverse and lies_on_the_way(liquidation, target, rising):
            stops.append((liquidation, False, -1, None))
        if not stops:
            return None
        level, _, _, order = min(stops, key=lambda stop: (abs(stop[0] - self.price), stop[1], stop[2]))
        return level, order

    def move(self, price: float) -> None:
        """Go to a price; trailing stops follow."""
        if price != self.price:
            self.account.instant += 1
        self.price = price
        self.account.marks[self.instrument] = price
        for order in self.live():
            if order.type == "trailing_stop" and order.activation is None:
                best = max if order.sign < 0 else min
                order.extreme = price if order.extreme is None else best(order.extreme, price)

    @property
    def quantity(self) -> float:
        return self.account.positions.get(self.instrument, 0.0)

    def live(self) -> list[Order]:
        """Open orders of the instrument whose parent, if they have one, has a fill."""
        orders = self.account.orders
        mine = [order for order in orders if order.open and order.instrument == self.instrument]
        return [order for order in mine if order.parent is None or orders[order.parent].filled > 0]

    def waiting(self) -> list[Order]:
        """Live orders that can still do something: fill while some of the bar's volume is left, or trigger."""
        return [o for o in self.live() if self.share_left > 0 or is_dormant(o) or self.is_useless(o)]

    def is_useless(self, order: Order) -> bool:
        """Whether a reduce-only order finds nothing to reduce."""
        return order.reduce_only and -order.sign * self.quantity <= 0

    def level(self, order: Order) -> float | None:
        """Price that fires the order; None for one that takes any price."""
        if order.type == "market" or (order.triggered and order.type in MARKET_TYPES):
            return None
        if is_limit(order):
            return order.price
        if order.activation is not None:
            return order.activation
        if order.type == "trailing_stop":
            if order.extreme is None:
                return None
            if order.trail is not None:
                return order.extreme + order.sign * order.trail
            level = order.extreme * (1 + order.sign * (order.trail_pct or 0.0))
            return self.spec.tick_up(level) if order.sign > 0 else self.spec.tick_down(level)
        return order.trigger

    def satisfied(self, order: Order) -> bool:
        level = self.level(order)
        if level is None:
            return order.type != "trailing_stop" or order.triggered
        beyond = (self.price - level) if waits_for_rise(order) else (level - self.price)
        return beyond > 0 if is_limit(order) and not self.exchange.touch else beyond >= 0

    def fire(self, order: Order) -> None:
        """Trigger or fill an order at the present price, or let a trailing stop follow it."""
        if order.activation is not None:
            order.activation, order.extreme = None, self.price
            return
        takes = (self.at_open and self.is_first_bar(order)) or order.arrived == self.account.instant
        if order.post_only and takes:
            order.end("rejected", "post_only_would_cross")
            return
        maker = is_limit(order) and not takes
        reached, triggers = True, is_dormant(order)
        if triggers:
            order.triggered, order.state = True, "triggered"
            reached = self.satisfied(order)
        if order.tif in ("ioc", "fok") or (reached and (self.share_left > 0 or self.is_useless(order))):
            self.trade(order, maker, reached)
        if triggers:
            order.queued = self.account.next_in_queue()

    def trade(self, order: Order, maker: bool, reached: bool) -> None:
        """Fill what can be filled at the present price, if it reached the order's, and end what may not wait."""
        affordable = self.affordable(order, maker)
        short_of_money = affordable < self.useful(order)
        quantity = min(self.fillable(order), affordable) if reached else 0.0
        if reached and self.is_useless(order):
            order.end("canceled", "reduce_only")
            return
        if order.tif == "fok" and (quantity == 0 or quantity < self.useful(order)):
            order.end("canceled", "fill_or_kill")
            return
        if quantity > 0:
            self.fill(order, quantity, maker)
        if order.open and short_of_money and quantity == affordable:
            sells_spot = self.spec.kind == "spot" and order.sign < 0
            order.end("canceled", "insufficient_position" if sells_spot else "insufficient_margin")
        if order.open and order.tif == "ioc":
            order.end("canceled", "immediate_or_cancel")

    def useful(self, order: Order) -> float:
        """The rest of the order, no more than the position if reduce-only."""
        return min(order.remaining, max(0.0, -order.sign * self.quantity) if order.reduce_only else inf)

    def fillable(self, order: Order) -> float:
        """What may trade: what is useful, as far as the bar's share goes."""
        return min(self.useful(order), self.share_left)

    def affordable(self, order: Order, maker: bool) -> float:
        """Largest quantity whose initial margin and fee the account can bear at the fill price."""
        quantity, account = self.useful(order), self.account
        if self.spec.kind == "spot" and order.sign < 0:
            return min(quantity, self.quantity)
        while quantity > 0:
            price = self.fill_price(order, quantity)
            held, after = self.quantity, self.quantity + order.sign * quantity
            if abs(after) <= abs(held) and after * held >= 0:
                return quantity
            paid = order.sign * quantity * price * self.spec.multiplier + fee(self.spec, price, quantity, maker)
            equity = account.cash - paid
            margin = 0.0
            for i, other in {**account.positions, self.instrument: after}.items():
                spec, mark = self.exchange.specs[i], account.marks[i]
                equity += other * mark * spec.multiplier
                margin += quantity_margin(spec, other, mark, self.exchange.leverage)
            if equity >= margin:
                return quantity
            quantity -= self.spec.lot_size
        return 0.0

    def fill_price(self, order: Order, quantity: float) -> float:
        """The present price, worsened by slippage and moved to the next tick for orders that take what there is."""
        if is_limit(order):
            return self.price
        distance = self.exchange.slippage(self.spec, self.price, quantity, self.volume)
        worse = self.price + order.sign * distance
        return self.spec.tick_up(worse) if order.sign > 0 else self.spec.tick_down(worse)

    def is_first_bar(self, order: Order) -> bool:
        return self.index == order.first_bar

    def fill(self, order: Order, quantity: float, maker: bool) -> None:
        price = self.fill_price(order, quantity)
        self.book(order.id, order.sign, quantity, price, self.charge(order, price, quantity, maker), maker)
        opened = min(quantity, max(0.0, order.sign * self.quantity))
        order.filled += quantity
        order.state = "partially_filled" if order.remaining > 0 else "filled"
        self.share_left -= quantity
        settle_group(self.account, order, quantity)
        trigger_children(self.account, order, quantity, self.index)
        grow_bracket(self.account, self.spec, order, Entry(price, opened, self.price, self.index))
        cancel_orphans(self.account)

    def charge(self, order: Order, price: float, quantity: float, maker: bool) -> float:
        """What a fill adds to the fee of its order; the minimum holds for the order as a whole."""
        least = self.spec.min_fee or -inf
        before = max(order.linear_fee, least) if order.filled else 0.0
        order.linear_fee += linear_fee(self.spec, price, quantity, maker)
        return max(order.linear_fee, least) - before

    def book(self, order_id: int, sign: int, quantity: float, price: float, paid: float, maker: bool) -> None:
        self.account.cash -= sign * quantity * price * self.spec.multiplier + paid
        self.account.fees += paid
        self.account.positions[self.instrument] = self.quantity + sign * quantity
        slippage = abs(price - self.price)
        self.account.fills.append(
            Fill(order_id, self.instrument, self.index, sign, price, quantity, paid, slippage, maker)
        )

    def is_bankrupt(self) -> bool:
        level = liquidation_price(self.exchange.specs, self.account, self.instrument)
        if level is None:
            return False
        return self.price <= level if self.quantity > 0 else self.price >= level

    def liquidate(self, price: float) -> None:
        """Close the position at the price by force, and end the instrument's orders."""
        self.account.liquidated = True
        sign, quantity = (-1 if self.quantity > 0 else 1), abs(self.quantity)
        at = self.spec.tick_up(price) if sign > 0 else self.spec.tick_down(price)
        penalty = quantity * at * self.spec.multiplier * self.spec.liquidation_fee
        for order in self.waiting():
            order.end("canceled", "liquidation")
        forced = Request(self.instrument, "buy" if sign > 0 else "sell", quantity)
        order = Order.of(len(self.account.orders), forced, self.index, state="filled", reason="liquidation")
        order.filled = quantity
        self.account.orders.append(order)
        self.book(order.id, sign, quantity, at, fee(self.spec, at, quantity, maker=False) + penalty, maker=False)
        cancel_orphans(self.account)


def lies_on_the_way(level: float, target: float, rising: bool) -> bool:
    """Whether a move that goes this way passes or reaches a level before it ends."""
    return level <= target if rising else level >= target


def is_dormant(order: Order) -> bool:
    """Whether the order still waits for its trigger."""
    return order.type in ("stop", "take_profit", "trailing_stop", "stop_limit") and not order.triggered


def is_limit(order: Order) -> bool:
    """Whether the order now waits as a limit order."""
    return order.type == "limit" or (order.type == "stop_limit" and order.triggered)


def is_queued(order: Order) -> bool:
    """Whether the order is decided at the next open, whatever the price."""
    market = order.type == "market" or (order.triggered and order.type in MARKET_TYPES)
    return market or (order.tif in ("ioc", "fok") and not is_dormant(order))


def waits_for_rise(order: Order) -> bool:
    """Sell limits, sell take-profits and buy stops fire on the way up; their mirror images on the way down."""
    if order.type == "take_profit" or is_limit(order) or order.activation is not None:
        return order.sign < 0
    return order.sign > 0
