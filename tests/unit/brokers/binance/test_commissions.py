"""Coins that fees took, of orders that trade again after very many others."""

from __future__ import annotations

from decimal import Decimal

from local_exchange import SPOT
from tradebot.brokers.binance.names import KnownOrder, OrderNames
from tradebot.brokers.binance.spot.commission import Commissions
from tradebot.core.fill import Fill, Liquidity
from tradebot.core.holdings import Holdings
from tradebot.core.order import OrderState, Side

MANY = 5_000


def known(order_id: str, state: OrderState) -> KnownOrder:
    return KnownOrder(order_id, SPOT.symbol, "BUY", is_conditional=False, client_id=order_id, state=state)


def trade(trade_id: str, order_id: str) -> Fill:
    return Fill(
        trade_id=trade_id,
        order_id=order_id,
        symbol=SPOT.symbol,
        ts=0,
        side=Side.BUY,
        price=Decimal(100),
        quantity=Decimal("0.5"),
        fee=Decimal("0.000004"),
        fee_currency=SPOT.base,
        liquidity=Liquidity.MAKER,
    )


def traded_after_many_others(*orders: KnownOrder) -> Decimal:
    """Coins that the first of some orders has brought by two trades, between which very many others were met."""
    names = OrderNames()
    commissions = Commissions(names, Holdings(("run-",)))
    for venue_id, order in enumerate(orders):
        names.remember(order)
        names.link(SPOT.symbol, str(venue_id), order.order_id)
    commissions.after(trade("1", orders[0].order_id), "0", SPOT)
    for number in range(MANY):
        commissions.of(SPOT.symbol, f"other-{number}")
    commissions.after(trade("2", orders[0].order_id), "0", SPOT)
    assert len(commissions._orders) < MANY
    return commissions.of(SPOT.symbol, "0").received


def test_an_order_that_works_goes_on_where_it_was() -> None:
    # The fees of both trades come to less than one lot.
    assert traded_after_many_others(known("run-1", OrderState.PARTIALLY_FILLED)) == 1 - SPOT.lot_size


def test_an_entry_goes_on_where_it_was_as_long_as_an_exit_of_it_works() -> None:
    entry, stop = known("run-1", OrderState.FILLED), known("run-1-sl", OrderState.ACCEPTED)
    assert traded_after_many_others(entry, stop) == 1 - SPOT.lot_size


def test_an_order_that_has_ended_is_forgotten() -> None:
    assert traded_after_many_others(known("run-1", OrderState.CANCELED)) == Decimal("0.5") - SPOT.lot_size
