"""The money of the model exchange: equity, margin, fees, liquidation price."""

from model.values import Account, Spec

NANOSECONDS_PER_DAY = 86_400 * 10**9


def pay_fill_free(account: Account, amount: float) -> None:
    """Take money that no fill moved (funding, borrow fees)."""
    account.cash -= amount


def equity(specs: list[Spec], account: Account) -> float:
    """Cash and all positions at their marks."""
    return account.cash + sum(
        quantity * account.marks[i] * specs[i].multiplier for i, quantity in account.positions.items()
    )


def maintenance(specs: list[Spec], account: Account) -> float:
    """Maintenance margin of all positions at their marks."""
    return sum(held_back(specs[i], quantity, account.marks[i]) for i, quantity in account.positions.items() if quantity)


def held_back(spec: Spec, quantity: float, price: float) -> float:
    """Maintenance margin of a position: by tier for a perpetual, 30 % for an equity sold short."""
    value = abs(quantity) * price * spec.multiplier
    if spec.kind == "equity":
        return 0.3 * value if quantity < 0 else 0.0
    return spec.maintenance(value) if spec.kind == "perpetual" else 0.0


def margin_used(specs: list[Spec], account: Account, leverage: float) -> float:
    """Initial margin of all positions: notional / leverage, the whole notional, half of it for equity shorts."""
    return sum(
        quantity_margin(specs[i], quantity, account.marks[i], leverage) for i, quantity in account.positions.items()
    )


def quantity_margin(spec: Spec, quantity: float, price: float, leverage: float) -> float:
    """Initial margin of one position."""
    notional = abs(quantity) * price * spec.multiplier
    if spec.kind == "perpetual":
        return notional / leverage
    return notional / 2 if quantity < 0 else notional


def linear_fee(spec: Spec, price: float, quantity: float, maker: bool) -> float:
    """The part of a fee that grows with what is filled: a rate of its value and an amount per unit."""
    rate = spec.maker_fee if maker else spec.taker_fee
    return price * quantity * spec.multiplier * rate + quantity * spec.fee_per_share


def fee(spec: Spec, price: float, quantity: float, maker: bool) -> float:
    """Fee of an order that fills at once: at least the minimum."""
    return max(linear_fee(spec, price, quantity, maker), spec.min_fee or -float("inf"))


def liquidation_price(specs: list[Spec], account: Account, instrument: int) -> float | None:
    """Price of the instrument at which equity falls to the maintenance margin, all else unchanged.

    Long: the highest such price, cash + q p = r q p - d + (the rest), solved per tier; short: the lowest.
    """
    spec, quantity = specs[instrument], account.positions.get(instrument, 0.0)
    short_equity = spec.kind == "equity" and quantity < 0
    if quantity == 0 or not (spec.kind == "perpetual" or short_equity):
        return None
    tiers = ((0.0, 1.0, 0.3, 0.0),) if short_equity else spec.margin_tiers or ((0.0, 1.0, 0.0, 0.0),)
    others = Account(account.cash, {i: q for i, q in account.positions.items() if i != instrument}, account.marks)
    room = equity(specs, others) - maintenance(specs, others)
    size, sign = abs(quantity) * spec.multiplier, 1 if quantity > 0 else -1
    roots = []
    for number, (floor, _, rate, deduction) in enumerate(tiers):
        ceiling = tiers[number + 1][0] if number + 1 < len(tiers) else float("inf")
        root = -sign * (room + deduction) / (size * (1 - sign * rate))
        if root > 0 and floor <= root * size < ceiling:
            roots.append(root)
    return (max(roots) if sign > 0 else min(roots)) if roots else None
