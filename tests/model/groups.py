"""Orders that depend on each other in the model exchange: groups, children, brackets, reduce-only orders."""

from dataclasses import dataclass

from model.values import Account, Order, Request, Spec


@dataclass(frozen=True)
class Entry:
    """A fill of an entry: its price, how much of it opened a position, and where the market stands."""

    price: float
    opened: float
    market: float
    index: int


def settle_group(account: Account, order: Order, quantity: float) -> None:
    """One cancels other: a filled order ends the others of its group, a partly filled one shrinks them."""
    if order.group is None:
        return
    for other in account.orders:
        if other.group != order.group or other is order or not other.open:
            continue
        other.quantity -= quantity
        other.asked -= quantity
        if not order.open or other.remaining <= 0:
            other.end("canceled", "one_cancels_other")
            cancel_children(account)


def trigger_children(account: Account, parent: Order, quantity: float, bar: int) -> None:
    """One triggers other: children arrive with the parent's first fill and grow with the later ones."""
    for child in account.orders:
        if child.parent != parent.id or child.leg or not child.open:
            continue
        if child.queued:
            child.quantity = min(child.quantity + quantity, child.asked)
            continue
        child.quantity = min(child.quantity, parent.filled)
        child.queued, child.first_bar, child.arrived = account.next_in_queue(), bar, account.instant


def grow_bracket(account: Account, spec: Spec, entry: Order, fill: Entry) -> None:
    """Give an entry's exits life at the first fill that opens a position, and more size at the later ones."""
    if entry.leg or not entry.request.has_bracket or fill.opened == 0:
        return
    legs = [order for order in account.orders if order.leg and order.parent == entry.id and order.open]
    for leg in legs:
        leg.quantity += fill.opened
    if not legs:
        add_legs(account, spec, entry, fill)


def add_legs(account: Account, spec: Spec, entry: Order, fill: Entry) -> None:
    """Place stop, target and trailing stop; levels given as fractions start from the fill and snap away from it."""
    asked = entry.request
    account.brackets += 1
    adverse, favourable = (spec.tick_down, spec.tick_up) if entry.sign > 0 else (spec.tick_up, spec.tick_down)
    side = "sell" if entry.sign > 0 else "buy"
    legs: list[Request] = []
    if asked.stop_loss is not None or asked.stop_loss_pct is not None:
        trigger = asked.stop_loss or adverse(fill.price * (1 - entry.sign * (asked.stop_loss_pct or 0.0)))
        legs.append(Request(entry.instrument, side, fill.opened, type="stop", trigger=trigger))
    if asked.take_profit is not None or asked.take_profit_pct is not None:
        price = asked.take_profit or favourable(fill.price * (1 + entry.sign * (asked.take_profit_pct or 0.0)))
        legs.append(Request(entry.instrument, side, fill.opened, type="limit", price=price))
    if asked.trailing_stop is not None or asked.trailing_stop_pct is not None:
        trail = {"trail": asked.trailing_stop, "trail_pct": asked.trailing_stop_pct, "price": None}
        if asked.trailing_activation_pct is not None:
            trail["price"] = favourable(fill.price * (1 + entry.sign * asked.trailing_activation_pct))
        legs.append(Request(entry.instrument, side, fill.opened, type="trailing_stop", **trail))
    for request in legs:
        leg = Order.of(len(account.orders), request, fill.index)
        leg.parent, leg.leg, leg.reduce_only = entry.id, True, True
        leg.group = ("bracket", account.brackets)
        leg.extreme, leg.arrived = fill.market, account.instant
        account.orders.append(leg)


def cancel_children(account: Account) -> None:
    """End orders whose parent ended unfilled."""
    for order in account.orders:
        parent = None if order.parent is None else account.orders[order.parent]
        if order.open and parent is not None and not parent.open and parent.filled == 0:
            order.end("canceled", "parent_done")


def cancel_orphans(account: Account) -> None:
    """End orders whose parent ended unfilled, and live reduce-only orders of flat instruments."""
    cancel_children(account)
    for order in account.orders:
        flat = account.positions.get(order.instrument, 0.0) == 0
        if order.open and order.reduce_only and flat and order.live_at_once(account.orders):
            order.end("canceled", "position_closed")
