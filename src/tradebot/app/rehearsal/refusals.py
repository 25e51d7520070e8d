"""The act that asks for what cannot be done: the broker decides by the codes of those refusals what it does next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tradebot.app.rehearsal.hearing import Unmet
from tradebot.core.event import OrderNotFound, OrderUpdate
from tradebot.core.order import OrderState, exit_id

if TYPE_CHECKING:
    from tradebot.app.rehearsal.questions import Request
    from tradebot.app.rehearsal.stage import Stage

# A stop that sells lies below the market.
_WRONG_STOP: Final = "1.1"
# The market has passed a stop's price. Source: Binance Open Platform, Spot and USD-M futures, "Error Codes".
_PASSED: Final = {"spot": -2010, "usdm": -2021}
# The order to cancel does not work; the order to look up is not there.
_NOT_WORKING: Final = -2011
_NOT_FOUND: Final = -2013


async def refuse(stage: Stage) -> str:
    """Send a stop above the market, take back what has filled, and look up what was never sent.

    Raises
    ------
    Unmet : the broker tells one of them otherwise, or Binance refuses it by another code.
    """
    passed = await _stop_above(stage)
    entry, never = stage.named("entry"), stage.named("never")
    await stage.broker.cancel(entry)
    told = await _answer(stage, entry)
    if not isinstance(told, OrderUpdate) or told.state is not OrderState.FILLED:
        raise Unmet(f"{entry} has filled and cannot be taken back, and the broker told {_words(told)}")
    await stage.broker.query(never)
    told = await _answer(stage, never)
    if not isinstance(told, OrderNotFound):
        raise Unmet(f"{never} was never sent, and the broker told {_words(told)}")
    requests: tuple[tuple[Request, str, int], ...]
    requests = (("cancel", entry, _NOT_WORKING), ("look up", never, _NOT_FOUND))
    async with stage.asking() as questions:
        for request, order_id, code in requests:
            found = await questions.refusal(request, order_id)
            if found != code:
                raise Unmet(f"to {request} {order_id} must be refused by {code}, and the exchange answered {found}")
    return f"a stop above the market: {passed}; what has filled: {_NOT_WORKING}; what was never sent: {_NOT_FOUND}"


async def _stop_above(stage: Stage) -> int:
    # The rehearsal's own stop, which follows, has the first name of its kind.
    name, code = exit_id(stage.named("entry"), "stop_loss", 2), _PASSED[stage.host.market]
    stage.hearing.expect_refusal(name)
    held, trigger = stage.hearing.position, float(stage.away(_WRONG_STOP))
    await stage.submit(name, "sell", held, type="stop", trigger=trigger, reduce_only=True)
    told = await _answer(stage, name)
    if not isinstance(told, OrderUpdate) or told.state is not OrderState.REJECTED or f"({code})" not in told.reason:
        raise Unmet(f"a stop above the market must be refused by {code}, and the broker told {_words(told)}")
    return code


async def _answer(stage: Stage, order_id: str) -> OrderUpdate | OrderNotFound | None:
    """The last word on an order in this step, within the time for one."""
    hearing = stage.hearing
    await hearing.until(
        f"{order_id} is answered", lambda: hearing.answer(order_id) is not None, stage.patience.answer_s
    )
    return hearing.answer(order_id)


def _words(told: OrderUpdate | OrderNotFound | None) -> str:
    return f"{told.state}: {told.reason}".rstrip(": ") if isinstance(told, OrderUpdate) else "that it is not found"
