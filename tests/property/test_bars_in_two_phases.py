"""The first price of a bar and the rest of it are the bar."""

from __future__ import annotations

from dataclasses import asdict

import pytest
import tradebot_native as native
from exchange_flows import MIXES, Flow
from hypothesis import given, settings
from hypothesis import strategies as st

BARS = 6


class TwoPhaseFlow(Flow):
    """Random orders: one exchange sees whole bars, the other the same bars in two phases."""

    def close_bar(self) -> None:
        if not hasattr(self, "phased"):
            self.phased = native.SimExchange.restore(self.native.save())
        super().close_bar()
        last = self.bars[-1]
        bar = native.Bar(last.ts, last.open, last.high, last.low, last.close, last.volume)
        self.phased.open_bar(0, bar, self.ts)
        self.phased.close_bar(0, bar, self.ts)

    def request(self):
        request = super().request()
        self.phased.submit(native.OrderIntent(**asdict(request)))
        return request


@pytest.mark.parametrize("name", [name for name, mix in MIXES.items() if not mix.cancel])
@settings(max_examples=25)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_bars_first_price_and_its_rest_are_the_bar(name: str, seed: int) -> None:
    flow = TwoPhaseFlow(seed, MIXES[name])
    for _ in range(BARS):
        flow.step()
    assert flow.native.save() == flow.phased.save()


def exchange() -> native.SimExchange:
    return native.SimExchange([native.InstrumentSpec("X")], cash=1e6)


BAR = native.Bar(0, 100.0, 105.0, 90.0, 101.0)
MINUTE = 60_000_000_000


def test_a_stop_placed_after_the_first_price_guards_the_rest_of_the_bar() -> None:
    phased, whole = exchange(), exchange()
    phased.submit(native.OrderIntent("X", "buy", 1.0))
    phased.open_bar("X", BAR, MINUTE)
    assert phased.portfolio.quantity("X") == 1.0
    phased.submit(native.OrderIntent("X", "sell", 1.0, type="stop", trigger=95.0, reduce_only=True))
    phased.close_bar("X", BAR, MINUTE)
    whole.submit(native.OrderIntent("X", "buy", 1.0, stop_loss=95.0))
    whole.on_bar("X", BAR, MINUTE)
    assert phased.portfolio.quantity("X") == 0.0
    assert phased.portfolio.equity == whole.portfolio.equity


def test_a_market_order_given_between_the_phases_takes_the_next_first_price() -> None:
    phased = exchange()
    phased.open_bar("X", BAR, MINUTE)
    order = phased.submit(native.OrderIntent("X", "buy", 1.0))
    phased.close_bar("X", BAR, MINUTE)
    assert phased.order(order).state == "accepted"
    phased.open_bar("X", native.Bar(MINUTE, 102.0, 103.0, 101.0, 102.0), 2 * MINUTE)
    assert phased.order(order).average_price == 102.0


def test_nothing_else_passes_while_a_bar_is_open() -> None:
    phased = exchange()
    phased.open_bar("X", BAR, MINUTE)
    with pytest.raises(ValueError, match="has not closed yet"):
        phased.on_tick("X", native.Tick(MINUTE, 100.0, 1.0))
    phased.close_bar("X", BAR, MINUTE)
    with pytest.raises(ValueError, match="was not opened"):
        phased.close_bar("X", BAR, MINUTE)


def test_leverage_of_one_instrument_changes_its_margin_alone() -> None:
    tiers = [(0.0, 50.0, 0.01, 0.0)]
    specs = [native.InstrumentSpec(name, margin_tiers=tiers) for name in ("A", "B")]
    traded = native.SimExchange(specs, cash=1000.0, leverage=1.0)
    traded.set_leverage("A", 10)
    for name in ("A", "B"):
        traded.on_bar(name, native.Bar(0, 100.0, 100.0, 100.0, 100.0), MINUTE)
        traded.submit(native.OrderIntent(name, "buy", 2.0))
        traded.on_bar(name, native.Bar(MINUTE, 100.0, 100.0, 100.0, 100.0), 2 * MINUTE)
    assert traded.portfolio.margin_used == 2 * 100.0 / 10 + 2 * 100.0
