"""A bar seen through finer bars gives what the finer bars give by themselves."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest
import tradebot_native as native
from exchange_flows import MINUTE, MIXES, Flow
from hypothesis import given, settings
from hypothesis import strategies as st
from test_exchange_model import fills_of, orders_of

from model.values import Request

SEEDS = st.integers(0, 2**32 - 1)
BARS = 5
PARTS = 6
WITHOUT_TIME = (0, 2, 3, 4, 5, 6, 7)


class TickFlow(Flow):
    """Random orders and a random walk: one exchange sees every trade, the other bars magnified by them."""

    def close_bar(self) -> None:
        if not hasattr(self, "bare"):
            self.bare = native.SimExchange.restore(self.native.save())
        prices, sizes = [self.ticks], [self.random.choice([4.0, 10.0])]
        for _ in range(PARTS - 1):
            prices.append(prices[-1] + self.random.randint(-5, 5))
            sizes.append(self.random.choice([4.0, 10.0, 100.0]))
        self.ticks = prices[-1]
        at = [self.ts + n * MINUTE // PARTS for n in range(PARTS)]
        flat = [native.Bar(ts, p / 4, p / 4, p / 4, p / 4, size) for ts, p, size in zip(at, prices, sizes, strict=True)]
        whole = (prices[0] / 4, max(prices) / 4, min(prices) / 4, prices[-1] / 4, sum(sizes))
        bar = native.Bar(self.ts, *whole)
        self.ts += MINUTE
        self.native.on_bar(0, bar, self.ts, finer=flat)
        for part in flat:
            self.bare.on_tick(0, native.Tick(part.ts, part.close, part.volume))

    def request(self) -> Request:
        # The two learn of the bar's end at different times: one with the bar, the other with the next trade.
        request = super().request()
        late = request.expire_ts is not None and request.expire_ts <= self.ts
        return replace(request, expire_ts=self.ts + MINUTE) if late else request

    def step(self) -> None:
        for _ in range(self.random.choice([0, 1, 1, 2, 3])):
            request = self.request()
            self.model.submit(request)
            for exchange in (self.native, self.bare):
                exchange.submit(native.OrderIntent(**asdict(request)))
        self.close_bar()


@pytest.mark.parametrize("name", MIXES)
@settings(max_examples=25)
@given(seed=SEEDS)
def test_a_bar_magnified_by_its_trades_is_the_same_as_the_trades(name: str, seed: int) -> None:
    flow = TickFlow(seed, MIXES[name])
    for _ in range(BARS):
        flow.step()
        magnified, traded = (
            [tuple(row[n] for n in WITHOUT_TIME) for row in fills_of(exchange)] for exchange in (flow.native, flow.bare)
        )
        assert magnified == traded
        assert orders_of(flow.native) == orders_of(flow.bare)
        assert flow.native.portfolio.equity == flow.bare.portfolio.equity
        assert flow.native.ambiguous_bars == 0


class WholeFlow(Flow):
    """Random orders: one exchange sees bars, the other the same bars, each magnified by itself."""

    def close_bar(self) -> None:
        if not hasattr(self, "bare"):
            self.bare = native.SimExchange.restore(self.native.save())
        super().close_bar()
        last = self.bars[-1]
        bar = native.Bar(last.ts, last.open, last.high, last.low, last.close, last.volume)
        self.bare.on_bar(0, bar, self.ts, finer=[bar])

    def request(self):
        request = super().request()
        self.bare.submit(native.OrderIntent(**asdict(request)))
        return request


@pytest.mark.parametrize("name", [name for name, mix in MIXES.items() if not mix.cancel])
@settings(max_examples=15)
@given(seed=SEEDS)
def test_a_bar_magnified_by_itself_stays_as_it_is(name: str, seed: int) -> None:
    flow = WholeFlow(seed, MIXES[name])
    for _ in range(BARS):
        flow.step()
    assert flow.bare.save() == flow.native.save()
