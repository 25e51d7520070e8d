"""The native exchange agrees with a naive model of it, fill by fill, and keeps the invariants of an exchange."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import numpy as np
import pytest
import tradebot_native as native
from exchange_flows import MIXES, Flow
from hypothesis import given, settings
from hypothesis import strategies as st

SEEDS = st.integers(0, 2**32 - 1)
BARS = 6
FINAL = {"denied", "rejected", "filled", "canceled", "expired"}
FILL_COLUMNS = ("order", "index", "side", "price", "quantity", "fee", "slippage", "liquidity")


def fills_of(exchange: native.SimExchange) -> list[tuple[float, ...]]:
    columns = exchange.fills()
    return list(zip(*(columns[name].tolist() for name in FILL_COLUMNS), strict=True))


def orders_of(exchange: native.SimExchange) -> list[tuple[str, str, str, float]]:
    columns = exchange.orders()
    words = (
        [native.ORDER_TYPES[code] for code in columns["type"]],
        [native.ORDER_STATES[code] for code in columns["state"]],
        [native.REASONS[code] for code in columns["reason"]],
    )
    return list(zip(*words, columns["filled"].tolist(), strict=True))


@pytest.mark.parametrize("name", MIXES)
@settings(max_examples=60)
@given(seed=SEEDS)
def test_the_native_exchange_agrees_with_the_model(name: str, seed: int) -> None:
    flow = Flow(seed, MIXES[name])
    for _ in range(BARS):
        flow.step()
        account = flow.model.account
        modelled = [
            (fill.order, fill.index, fill.side, fill.price, fill.quantity, fill.fee, fill.slippage, int(fill.maker))
            for fill in account.fills
        ]
        actual = fills_of(flow.native)
        assert len(actual) == len(modelled)
        if modelled:
            np.testing.assert_allclose(actual, modelled, rtol=0, atol=1e-9)
        assert flow.native.portfolio.equity == pytest.approx(flow.model.equity, abs=1e-6)
        assert flow.native.ambiguous_bars == flow.model.ambiguous_bars
        orders = [(order.type, order.state, order.reason, order.filled) for order in account.orders]
        assert orders_of(flow.native) == orders


@pytest.mark.parametrize("name", MIXES)
@settings(max_examples=25)
@given(seed=SEEDS)
def test_equity_is_cash_and_positions_after_every_bar(name: str, seed: int) -> None:
    flow = Flow(seed, MIXES[name])
    multiplier = flow.model.specs[0].multiplier
    for _ in range(BARS):
        flow.step()
        fills = flow.native.fills()
        signed = fills["side"] * fills["quantity"]
        cash = 1e6 - np.sum(signed * fills["price"]) * multiplier - np.sum(fills["fee"])
        portfolio = flow.native.portfolio
        assert portfolio.cash == pytest.approx(cash, abs=1e-6)
        assert portfolio.quantity(0) == np.sum(signed)
        assert portfolio.equity == pytest.approx(cash + np.sum(signed) * multiplier * flow.bars[-1].close, abs=1e-6)


@pytest.mark.parametrize("name", [name for name, mix in MIXES.items() if not mix.slips])
@settings(max_examples=25)
@given(seed=SEEDS)
def test_no_fill_lies_outside_its_bar_or_before_its_order(name: str, seed: int) -> None:
    flow = Flow(seed, MIXES[name])
    for _ in range(BARS):
        flow.step()
    fills, orders = flow.native.fills(), flow.native.orders()
    for order, index, price in zip(fills["order"], fills["index"], fills["price"], strict=True):
        bar = flow.bars[index]
        assert bar.low <= price <= bar.high
        assert orders["created_ts"][order] <= bar.ts


@pytest.mark.parametrize("name", MIXES)
@settings(max_examples=25)
@given(seed=SEEDS)
def test_orders_move_by_the_table_and_end_once(name: str, seed: int) -> None:
    flow = Flow(seed, MIXES[name])
    for _ in range(BARS):
        flow.step()
    seen: dict[int, list[str]] = defaultdict(list)
    for event in flow.native.take_events():
        seen[event.order].append(event.state)
    for states in seen.values():
        for before, after in pairwise(states):
            assert after == before or after in native.ORDER_TRANSITIONS[before]
        assert sum(state in FINAL for state in states) <= 1


@pytest.mark.parametrize("name", MIXES)
@settings(max_examples=15)
@given(seed=SEEDS, pause=st.integers(0, BARS - 1))
def test_an_exchange_restored_at_any_bar_goes_on_to_the_bit(name: str, seed: int, pause: int) -> None:
    through, paused = Flow(seed, MIXES[name]), Flow(seed, MIXES[name])
    for bar in range(BARS):
        if bar == pause:
            paused.native = native.SimExchange.restore(paused.native.save())
        through.step()
        paused.step()
    assert paused.native.save() == through.native.save()


@settings(max_examples=60)
@given(seed=SEEDS, leverage=st.sampled_from([5.0, 20.0, 100.0]))
def test_equity_stays_above_maintenance_or_the_position_is_liquidated(seed: int, leverage: float) -> None:
    rng = np.random.default_rng(seed)
    spec = native.InstrumentSpec(
        "X", tick_size=0.01, lot_size=0.001, taker_fee=0.0005, margin_tiers=[(0.0, 100.0, 0.005, 0.0)]
    )
    exchange = native.SimExchange([spec], cash=1_000.0, leverage=leverage)
    price = 100.0
    for step in range(60):
        close = round(max(1.0, price * float(np.exp(rng.normal(0, 0.02)))), 2)
        high = round(max(price, close) * 1.005, 2)
        low = round(min(price, close) * 0.995, 2)
        exchange.on_bar(0, native.Bar(step, price, high, low, close, 1.0))
        portfolio = exchange.portfolio
        if portfolio.quantity(0) != 0:
            # Marked at the close, and at the adverse extreme it has just lived through.
            assert portfolio.equity > portfolio.maintenance_margin
        if step % 7 == 0:
            side = "buy" if rng.random() < 0.5 else "sell"
            units = max(0.001, round(portfolio.equity * leverage * 0.9 / close, 3))
            exchange.submit(native.OrderIntent(0, side, units))
        price = close
