"""Random trading on small accounts that can run out of money, on the native exchange and on the model side by side."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from random import Random

import numpy as np
import tradebot_native as native
from exchange_flows import native_exchange

from model.exchange import ModelExchange
from model.values import Bar, Request, Spec

HOUR = 3_600_000_000_000
CASH = 1_000.0


@dataclass(frozen=True)
class Market:
    """The instruments of an account and how it may trade them."""

    specs: tuple[Spec, ...]
    leverage: float = 1.0
    shorts: bool = True
    funding: bool = False


TIERS = ((0.0, 50.0, 2**-7, 0.0), (2_000.0, 20.0, 2**-5, 2_000.0 * (2**-5 - 2**-7)))
MARKETS = {
    "perpetual": Market((Spec("X", taker_fee=2**-11, maker_fee=2**-11),), leverage=4.0),
    "perpetual with liquidations": Market(
        (Spec("X", taker_fee=2**-11, maker_fee=2**-11, margin_tiers=TIERS[:1], liquidation_fee=2**-8),), leverage=16.0
    ),
    "perpetual with margin tiers": Market((Spec("X", margin_tiers=TIERS),), leverage=16.0),
    "perpetual with funding": Market((Spec("X", multiplier=0.5),), leverage=2.0, funding=True),
    "two perpetuals on one margin": Market(
        (
            Spec("X", margin_tiers=TIERS[:1], taker_fee=2**-11, maker_fee=2**-11),
            Spec("Y", margin_tiers=TIERS[:1], liquidation_fee=2**-8, multiplier=2.0),
        ),
        leverage=8.0,
        funding=True,
    ),
    "spot": Market((Spec("X", kind="spot", taker_fee=2**-10, maker_fee=2**-10),), shorts=False),
    "equity": Market((Spec("X", kind="equity", borrow_rate=0.365, fee_per_share=2**-6),)),
}


class AccountFlow:
    """One random flow; an order at a time, so that no open order holds margin when the next one is judged."""

    def __init__(self, seed: int, market: Market) -> None:
        self.random, self.market = Random(seed), market
        specs = list(market.specs)
        self.model = ModelExchange(specs, cash=CASH, leverage=market.leverage)
        self.native = native_exchange(specs, native.Slippage.none(), cash=CASH, leverage=market.leverage)
        self.ticks = [400 for _ in specs]
        self.ts = 0
        if market.funding:
            for instrument in range(len(specs)):
                self.announce_funding(instrument)
        self.close_bars()

    def announce_funding(self, instrument: int) -> None:
        """A payment every 4 hours; a third between two bars' opens, a third without a mark price."""
        times = [n * 4 * HOUR + self.random.choice([0, 0, HOUR // 3]) for n in range(1, 12)]
        rates = [self.random.randint(-8, 8) / 512 for _ in times]
        marks = [self.random.choice([None, self.random.randint(360, 440) / 4]) for _ in times]
        self.model.set_funding(instrument, list(zip(times, rates, marks, strict=True)))
        known = np.array([np.nan if mark is None else mark for mark in marks])
        self.native.set_funding(instrument, np.array(times), np.array(rates), known)

    def step(self) -> None:
        for order in self.model.account.orders:
            if order.open:
                self.model.cancel(order.id)
                self.native.cancel(order.id)
        request = self.request()
        if request is not None:
            self.model.submit(request)
            self.native.submit(native.OrderIntent(**asdict(request)))
        self.close_bars()

    def request(self) -> Request | None:
        """An order that opens more of a position, or closes some of it; some opening ones cannot be afforded."""
        rnd = self.random
        instrument = rnd.randrange(len(self.market.specs))
        spec, price, held = self.market.specs[instrument], self.ticks[instrument] / 4, self.model.position(instrument)
        if held and rnd.random() < 0.4:
            side = "sell" if held > 0 else "buy"
            return Request(instrument, side, rnd.choice([abs(held), max(spec.lot_size, spec.lots_down(abs(held) / 2))]))
        direction = 1 if held > 0 else -1 if held < 0 else rnd.choice([1, -1])
        direction = direction if self.market.shorts else 1
        units = self.model.equity * self.market.leverage * rnd.choice([0.25, 0.5, 0.9, 0.97, 1.0, 1.1])
        quantity = spec.lots_down(units / (price * spec.multiplier))
        if quantity <= 0:
            return None
        side = "buy" if direction > 0 else "sell"
        if rnd.random() < 0.3:
            return Request(instrument, side, quantity, type="limit", price=price - direction * rnd.randint(0, 6) / 4)
        return Request(instrument, side, quantity)

    def close_bars(self) -> None:
        rnd = self.random
        for instrument in range(len(self.market.specs)):
            before = self.ticks[instrument]
            opens = max(40, before + rnd.choice([0, 0, 1, -1, 12, -12, 30, -30]))
            closes = max(40, opens + rnd.randint(-20, 20))
            high, low = max(opens, closes) + rnd.randint(0, 16), min(opens, closes) - rnd.randint(0, 16)
            self.ticks[instrument] = closes
            bar = Bar(self.ts, opens / 4, high / 4, max(1, low) / 4, closes / 4, 1_000.0)
            self.model.on_bar(instrument, bar, self.ts + HOUR)
            self.native.on_bar(
                instrument, native.Bar(bar.ts, bar.open, bar.high, bar.low, bar.close, bar.volume), self.ts + HOUR
            )
        self.ts += HOUR * rnd.choice([1, 1, 5, 30])
