"""Margin, liquidation, funding and borrow fees of the native exchange agree with the naive model."""

from __future__ import annotations

import numpy as np
import pytest
import tradebot_native as native
from account_flows import CASH, MARKETS, AccountFlow
from hypothesis import given, settings
from hypothesis import strategies as st
from test_exchange_model import fills_of, orders_of

SEEDS = st.integers(0, 2**32 - 1)
BARS = 10


@pytest.mark.parametrize("name", MARKETS)
@settings(max_examples=60)
@given(seed=SEEDS)
def test_accounts_agree_with_the_model(name: str, seed: int) -> None:
    flow = AccountFlow(seed, MARKETS[name])
    for _ in range(BARS):
        flow.step()
        account, portfolio = flow.model.account, flow.native.portfolio
        modelled = [
            (fill.order, fill.index, fill.side, fill.price, fill.quantity, fill.fee, fill.slippage, int(fill.maker))
            for fill in account.fills
        ]
        assert [row[:5] for row in fills_of(flow.native)] == [row[:5] for row in modelled]
        orders = [(order.type, order.state, order.reason, order.filled) for order in account.orders]
        assert orders_of(flow.native) == orders
        for ours, theirs in (
            (account.cash, portfolio.cash),
            (flow.model.equity, portfolio.equity),
            (flow.model.maintenance, portfolio.maintenance_margin),
            (account.fees, portfolio.fees),
            (account.funding, portfolio.funding),
            (account.borrow, portfolio.borrow),
        ):
            assert theirs == pytest.approx(ours, abs=1e-6)
        assert flow.native.ambiguous_bars == flow.model.ambiguous_bars


@pytest.mark.parametrize("name", MARKETS)
@settings(max_examples=25)
@given(seed=SEEDS)
def test_every_cent_is_a_fill_a_fee_a_funding_or_a_borrow_payment(name: str, seed: int) -> None:
    flow = AccountFlow(seed, MARKETS[name])
    multipliers = np.array([spec.multiplier for spec in MARKETS[name].specs])
    for _ in range(BARS):
        flow.step()
        fills, portfolio = flow.native.fills(), flow.native.portfolio
        traded = fills["side"] * fills["quantity"] * fills["price"] * multipliers[fills["instrument"]]
        cash = CASH - np.sum(traded) - np.sum(fills["fee"]) - portfolio.funding - portfolio.borrow
        assert portfolio.cash == pytest.approx(cash, abs=1e-6)


@pytest.mark.parametrize("name", MARKETS)
@settings(max_examples=15)
@given(seed=SEEDS, pause=st.integers(0, BARS - 1))
def test_an_account_restored_at_any_bar_goes_on_to_the_bit(name: str, seed: int, pause: int) -> None:
    through, paused = AccountFlow(seed, MARKETS[name]), AccountFlow(seed, MARKETS[name])
    for bar in range(BARS):
        if bar == pause:
            paused.native = native.SimExchange.restore(paused.native.save())
        through.step()
        paused.step()
    assert paused.native.save() == through.native.save()


@pytest.mark.parametrize("name", MARKETS)
@settings(max_examples=25)
@given(seed=SEEDS)
def test_equity_falls_to_the_maintenance_margin_only_with_a_liquidation(name: str, seed: int) -> None:
    flow = AccountFlow(seed, MARKETS[name])
    for _ in range(BARS):
        flow.step()
        portfolio = flow.native.portfolio
        perpetual = MARKETS[name].specs[0].kind == "perpetual"
        if perpetual and any(portfolio.quantity(i) for i in range(len(MARKETS[name].specs))):
            assert portfolio.equity >= portfolio.maintenance_margin


@pytest.mark.parametrize("name", [name for name, market in MARKETS.items() if not market.shorts])
@settings(max_examples=25)
@given(seed=SEEDS)
def test_a_spot_account_never_owes_money_or_units(name: str, seed: int) -> None:
    flow = AccountFlow(seed, MARKETS[name])
    for _ in range(BARS):
        flow.step()
        assert flow.native.portfolio.cash >= 0
        assert flow.native.portfolio.quantity(0) >= 0
