"""The acts of a rehearsal, in their order: each does one thing a bot will do, and says what the exchange did."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import msgspec

from tradebot.app.rehearsal.hearing import Unmet
from tradebot.app.rehearsal.refusals import refuse
from tradebot.core.fill import COMMISSION
from tradebot.core.order import OrderState

if TYPE_CHECKING:
    from tradebot.app.rehearsal.stage import Stage
    from tradebot.core.account import AccountSnapshot

# How far from the price orders rest: no market moves so far in a minute, and no filter asks for less.
_STOP: Final = "0.9"
_MOVED_STOP: Final = "0.92"
_TARGET: Final = "1.1"
_BID: Final = "0.9"
# What amounts may differ by in the quote currency, for an exchange rounds each trade's.
_TOLERANCE: Final = Decimal("0.00001")
_ENDED: Final = (OrderState.CANCELED, OrderState.EXPIRED)


class Act(msgspec.Struct, frozen=True):
    """One step.

    Parameters
    ----------
    name, expected : what is done, and what the exchange is to do.
    play : does it, and says what the exchange did; raises what stands against it.
    """

    name: str
    expected: str
    play: Callable[[Stage], Awaitable[str]]


async def _account(stage: Stage) -> str:
    await stage.hearing.until("the user stream opens", lambda: stage.broker.is_hearing, stage.patience.answer_s)
    rules, before = stage.instrument, stage.before
    money = before.balances.get(rules.quote, Decimal(0))
    fees = f"fees {rules.maker_fee:.4%} maker, {rules.taker_fee:.4%} taker"
    return f"the key is taken, the stream is open; {money:,.2f} {rules.quote}; {fees}"


async def _enter(stage: Stage) -> str:
    name, hearing = stage.named("entry"), stage.hearing
    async with stage.asking() as questions:
        await stage.submit(name, "buy", stage.quantity)
        listed = await stage.listed(questions, name, "trades", "allOrders")
    await stage.reached(name, OrderState.FILLED)
    bought = sum(fill.quantity for fill in hearing.trades(name))
    await stage.seen("the account has what was bought", lambda account: _grown(stage, account) > 0)
    await hearing.until("the coins that the fee took are told", lambda: _is_fee_told(stage), stage.patience.answer_s)
    return (
        f"filled: {bought:f} {stage.instrument.base} in {_trades(stage, name)} at {_average(stage, name):f}; {listed}"
    )


async def _protect(stage: Stage) -> str:
    held = stage.hearing.position
    stop, target = stage.away(_STOP), stage.away(_TARGET)
    await stage.submit(stage.stop_id, "sell", held, type="stop", trigger=float(stop), reduce_only=True)
    await stage.reached(stage.stop_id, OrderState.ACCEPTED)
    await stage.submit(stage.target_id, "sell", held, type="limit", price=float(target), reduce_only=True)
    await stage.reached(stage.target_id, OrderState.ACCEPTED)
    await stage.seen("both exits rest for all that is held", lambda account: _protects(stage, account, stop))
    pair = " as a pair" if stage.is_spot else ", each to reduce only"
    return f"they rest{pair}: {held:f} at {stop:f} and {target:f}"


async def _move(stage: Stage) -> str:
    stop = stage.away(_MOVED_STOP)
    await stage.broker.replace(stage.stop_id, trigger=float(stop))
    await stage.seen("the stop rests where it was moved", lambda account: _protects(stage, account, stop))
    return f"the stop rests at {stop:f}, the target where it was"


async def _sell_part(stage: Stage) -> str:
    name, half, stop = stage.named("part"), stage.half, stage.away(_MOVED_STOP)
    await stage.submit(name, "sell", half, reduce_only=True)
    await stage.reached(name, OrderState.FILLED)
    if not stage.is_spot:
        # There an exit never closes more than there is; on spot the broker cuts them, for they hold the coins.
        for exit_id in (stage.stop_id, stage.target_id):
            await stage.broker.replace(exit_id, quantity=float(stage.hearing.position))
    await stage.seen("both exits rest for what is left", lambda account: _protects(stage, account, stop))
    return f"sold {half:f} at {_average(stage, name):f}; both exits rest for {stage.hearing.position:f}"


async def _reconnect(stage: Stage) -> str:
    before, held = _ids(stage), stage.hearing.position
    await stage.close()
    await stage.open()
    await stage.hearing.until("the user stream opens", lambda: stage.broker.is_hearing, stage.patience.answer_s)
    await stage.hearing.until("every trade is told again", lambda: _ids(stage) == before, stage.patience.answer_s)
    if stage.is_spot and stage.holdings.of(stage.symbol) != held:
        raise Unmet(f"the broker counts {stage.holdings.of(stage.symbol):f} coins as its own, and bought {held:f}")
    stop = stage.away(_MOVED_STOP)
    await stage.seen("both exits are found by their names", lambda account: _protects(stage, account, stop))
    return f"{len(before)} trades are told again, both exits are found by their names"


async def _bid(stage: Stage) -> str:
    name, price = stage.named("limit"), stage.away(_BID)
    async with stage.asking() as questions:
        await stage.submit(name, "buy", stage.quantity / 2, type="limit", price=float(price))
        listed = await stage.listed(questions, name, "openOrders", "allOrders")
    await stage.reached(name, OrderState.ACCEPTED)
    await stage.seen("the limit order rests", lambda account: name in stage.own(account))
    await stage.broker.cancel(name)
    await stage.reached(name, OrderState.CANCELED)
    await stage.seen("the limit order is gone", lambda account: name not in stage.own(account))
    return f"it rested at {price:f} and was taken back; {listed}"


async def _close(stage: Stage) -> str:
    name = stage.named("close")
    await stage.submit(name, "sell", stage.hearing.position, reduce_only=True)
    await stage.reached(name, OrderState.FILLED)
    for exit_id in (stage.stop_id, stage.target_id):
        await stage.broker.cancel(exit_id)
        await stage.reached(exit_id, *_ENDED)
    await stage.seen("nothing of the rehearsal's rests", lambda account: not stage.own(account))
    return f"sold at {_average(stage, name):f}; nothing rests"


async def _reckon(stage: Stage) -> str:
    base, quote = stage.instrument.base, stage.instrument.quote
    paid = {fill.fee_currency for fill in stage.hearing.trades()}
    foreign = [fill for fill in stage.hearing.trades() if fill.fee and fill.fee_currency not in (base, quote)]
    unknown = next((fill for fill in foreign if fill.fee_worth is None), None)
    if unknown is not None:
        raise Unmet(f"the worth of {unknown.fee} {unknown.fee_currency}, a fee, is not known")

    def agrees(account: AccountSnapshot) -> bool:
        units, money = _owed(stage)
        change = _money(stage, account) - _money(stage, stage.before)
        return _grown(stage, account) == units and abs(change - money) <= _TOLERANCE * len(_ids(stage))

    try:
        await stage.seen("the account has what the trades sum to", agrees)
    except Unmet as unmet:
        raise Unmet(f"{unmet.fact}; {await _difference(stage)}") from None
    units, money = _owed(stage)
    dust = f", {units:f} {base} of dust stay" if units else ""
    return f"{len(_ids(stage))} trades sum to {money:f} {quote}, as the account says; fees in {_all(paid)}{dust}"


ACTS: Final = (
    Act("account and key", "the key is taken and the user stream opens", _account),
    Act("entry at the market", "it fills, the account has it, and lists show it in time", _enter),
    Act("refusals", "what cannot be done is refused by the codes that the broker knows", refuse),
    Act("stop and target", "both rest at the exchange for all that is held", _protect),
    Act("moved stop", "the stop rests at its new price, the target stays", _move),
    Act("sale of a part", "it fills, and both exits rest for what is left", _sell_part),
    Act("new connection", "orders and trades are found by their names", _reconnect),
    Act("limit far below", "it rests, lists show it in time, and it is taken back", _bid),
    Act("close", "the rest is sold and nothing rests", _close),
    Act("reckoning", "the account has what the trades and their fees sum to", _reckon),
)
"""The acts, in their order."""


def _protects(stage: Stage, account: AccountSnapshot, stop: Decimal) -> bool:
    """Whether the stop rests at a price, the target at its own, and both for all that is held."""
    own, held = stage.own(account), stage.hearing.position
    rests, target = own.get(stage.stop_id), own.get(stage.target_id)
    if rests is None or target is None or len(own) != len((rests, target)):
        return False
    terms = (rests.trigger, rests.quantity, target.price, target.quantity)
    return terms == (stop, held, stage.away(_TARGET), held) and rests.reduce_only and target.reduce_only


def _is_fee_told(stage: Stage) -> bool:
    """Whether the books have learnt of the coins that fees took, where they took any."""
    took = any(fill.fee_currency == stage.instrument.base and fill.fee for fill in stage.hearing.trades())
    return not took or any(fill.order_id.startswith(COMMISSION) for fill in stage.hearing.booked())


def _grown(stage: Stage, account: AccountSnapshot) -> Decimal:
    return stage.units(account) - stage.units(stage.before)


def _money(stage: Stage, account: AccountSnapshot) -> Decimal:
    return account.balances.get(stage.instrument.quote, Decimal(0))


def _owed(stage: Stage) -> tuple[Decimal, Decimal]:
    """What the trades and their fees have changed of the units and of the money."""
    units = money = Decimal(0)
    for fill in stage.hearing.trades():
        units += fill.signed_quantity - (fill.fee if fill.fee_currency == stage.instrument.base else 0)
        money -= fill.signed_quantity * fill.price + (fill.fee if fill.fee_currency == stage.instrument.quote else 0)
    return units, money


async def _difference(stage: Stage) -> str:
    account, (units, money) = await stage.broker.snapshot(), _owed(stage)
    change = _money(stage, account) - _money(stage, stage.before)
    told = f"the trades sum to {units:f} {stage.instrument.base} and {money:f} {stage.instrument.quote}"
    mend = "if anybody else has traded on this account, or funding was paid, rehearse again"
    return f"{told}, the account has changed by {_grown(stage, account):f} and {change:f}; {mend}"


def _ids(stage: Stage) -> set[str]:
    return {fill.trade_id for fill in stage.hearing.trades()}


def _trades(stage: Stage, order_id: str) -> str:
    count = len(list(stage.hearing.trades(order_id)))
    return f"{count} trade{'s' if count != 1 else ''}"


def _average(stage: Stage, order_id: str) -> Decimal:
    """Average price of an order's trades, on the tick."""
    fills = list(stage.hearing.trades(order_id))
    worth, units = sum(fill.price * fill.quantity for fill in fills), sum(fill.quantity for fill in fills)
    return stage.instrument.snap_price(worth / units) if units else Decimal(0)


def _all(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"
