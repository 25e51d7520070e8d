"""Random order flows on random bars, played on the native exchange and on the model side by side."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from random import Random
from typing import Any

import tradebot_native as native

from model.exchange import ModelExchange
from model.values import Bar, Request, SlippageModel, Spec, bps, no_slippage, ticks, volume_share

MINUTE = 60_000_000_000
TYPES = ("market", "limit", "stop", "take_profit", "stop_limit", "trailing_stop")
SLIPPAGES: tuple[tuple[SlippageModel, native.Slippage], ...] = (
    (no_slippage, native.Slippage.none()),
    (ticks(1), native.Slippage.ticks(1)),
    (bps(10), native.Slippage.bps(10)),
    (volume_share(0.01), native.Slippage.volume_share(0.01)),
)


@dataclass(frozen=True)
class Mix:
    """What a flow may hold; the numbers are the chances of each feature."""

    types: tuple[str, ...] = ("market", "limit", "stop")
    path: tuple[str, ...] = ("pessimistic",)
    touch: tuple[bool, ...] = (True,)
    tif: tuple[str, ...] = ("gtc",)
    participation: tuple[float | None, ...] = (None,)
    slips: bool = False
    bracket: float = 0.0
    trailing: float = 0.0
    activation: float = 0.0
    reduce_only: float = 0.0
    post_only: float = 0.0
    oco: float = 0.0
    oto: float = 0.0
    cancel: float = 0.0
    spec: dict[str, Any] = field(default_factory=dict)


MIXES = {
    "plain": Mix(path=("pessimistic", "optimistic", "adaptive")),
    "take profit": Mix(types=("market", "take_profit"), slips=True),
    "limits must be passed": Mix(touch=(False,)),
    "stop limit": Mix(types=("market", "stop_limit")),
    "trailing": Mix(types=("market", "trailing_stop"), slips=True),
    "trailing from a gain on": Mix(types=("market", "trailing_stop"), bracket=0.5, trailing=0.7, activation=0.7),
    "costs": Mix(
        slips=True,
        spec={"maker_fee": 2**-12, "taker_fee": 2**-10, "fee_per_share": 0.25, "min_fee": 0.5, "multiplier": 2.0},
    ),
    "brackets": Mix(bracket=0.6, path=("pessimistic", "optimistic")),
    "brackets that trail": Mix(bracket=0.6, trailing=0.5),
    "reduce only": Mix(reduce_only=0.4),
    "reduce only and brackets": Mix(reduce_only=0.3, bracket=0.5),
    "post only": Mix(types=("market", "limit"), post_only=0.5),
    "time in force": Mix(types=TYPES, tif=("gtc", "ioc", "fok", "gtd", "day")),
    "one cancels other": Mix(oco=0.6),
    "one triggers other": Mix(oto=0.4, cancel=0.3),
    "children that expire": Mix(oto=0.5, tif=("gtc", "gtd")),
    "children that grow": Mix(oto=0.5, participation=(0.25,)),
    "children in groups that grow": Mix(oto=0.5, oco=0.5, participation=(0.25,)),
    "children that reduce": Mix(oto=0.5, reduce_only=0.5),
    "children that only make": Mix(types=("market", "limit"), oto=0.5, post_only=0.5),
    "fill or kill": Mix(reduce_only=0.4, tif=("gtc", "fok"), participation=(None, 0.25)),
    "participation": Mix(participation=(0.25,)),
    "participation and brackets": Mix(participation=(0.25,), bracket=0.5),
    "cancels": Mix(cancel=0.5, bracket=0.3),
    "everything": Mix(
        types=TYPES,
        path=("pessimistic", "optimistic", "adaptive"),
        touch=(True, False),
        tif=("gtc", "gtc", "ioc", "day"),
        slips=True,
        bracket=0.4,
        trailing=0.4,
        activation=0.3,
        reduce_only=0.2,
        oco=0.2,
        cancel=0.2,
        spec={"maker_fee": 2**-12, "taker_fee": 2**-10},
    ),
}


def native_exchange(specs: list[Spec], slippage: native.Slippage, **options: Any) -> native.SimExchange:
    """The native exchange of the model's instruments."""
    translated = [native.InstrumentSpec(**{**asdict(spec), "margin_tiers": list(spec.margin_tiers)}) for spec in specs]
    return native.SimExchange(translated, slippage=slippage, **options)


class Flow:
    """One random flow; `step` plays some orders and the next bar on both exchanges."""

    def __init__(self, seed: int, mix: Mix) -> None:
        self.random = Random(seed)
        self.mix = mix
        pick = self.random.choice
        options = {
            "cash": 1e6,
            "path": pick(mix.path),
            "touch": pick(mix.touch),
            "participation": pick(mix.participation),
        }
        modelled, slippage = pick(SLIPPAGES if mix.slips else SLIPPAGES[:1])
        spec = Spec("X", **mix.spec)
        self.model = ModelExchange([spec], slippage=modelled, **options)
        self.native = native_exchange([spec], slippage, **options)
        self.ts = 0
        self.ticks = 400  # of a quarter each
        self.bars: list[Bar] = []
        self.close_bar()

    def step(self) -> None:
        for _ in range(self.random.choice([0, 1, 1, 2, 3])):
            request = self.request()
            self.model.submit(request)
            self.native.submit(native.OrderIntent(**asdict(request)))
        live = [order.id for order in self.model.account.orders if order.open]
        if live and self.random.random() < self.mix.cancel:
            chosen = self.random.choice(live)
            self.model.cancel(chosen)
            self.native.cancel(chosen)
        self.close_bar()

    def close_bar(self) -> None:
        rnd = self.random
        opens = self.ticks + rnd.choice([0, 0, 0, 1, -1, 4, -4])
        self.ticks = opens + rnd.randint(-6, 6)
        high = max(opens, self.ticks) + rnd.randint(0, 6)
        low = min(opens, self.ticks) - rnd.randint(0, 6)
        prices = (opens / 4, high / 4, low / 4, self.ticks / 4)
        bar = Bar(self.ts, *prices, volume=rnd.choice([4.0, 10.0, 100.0]))
        self.ts += MINUTE
        self.bars.append(bar)
        self.model.on_bar(0, bar, self.ts)
        self.native.on_bar(0, native.Bar(bar.ts, bar.open, bar.high, bar.low, bar.close, bar.volume), self.ts)

    def level(self) -> float:
        return (self.ticks + self.random.randint(-8, 8)) / 4

    def request(self) -> Request:
        rnd, mix = self.random, self.mix
        side, kind = rnd.choice(["buy", "sell"]), rnd.choice(mix.types)
        wish: dict[str, Any] = {"type": kind, "tif": rnd.choice(mix.tif)}
        if kind in ("limit", "stop_limit"):
            wish["price"] = self.level()
        if kind in ("stop", "stop_limit", "take_profit"):
            wish["trigger"] = self.level()
        if kind == "trailing_stop":
            wish |= rnd.choice([{"trail": rnd.randint(1, 8) / 4}, {"trail_pct": rnd.choice([0.003, 0.01, 0.02])}])
            if rnd.random() < mix.activation:
                wish["price"] = self.level()
        if wish["tif"] == "gtd":
            wish["expire_ts"] = self.ts + rnd.randint(0, 3) * MINUTE
        wish["reduce_only"] = rnd.random() < mix.reduce_only
        rests = kind == "limit" and wish["tif"] not in ("ioc", "fok")
        wish["post_only"] = rests and rnd.random() < mix.post_only
        if rnd.random() < mix.bracket:
            wish |= self.exits(1 if side == "buy" else -1, wish.get("price") or wish.get("trigger") or self.ticks / 4)
        if rnd.random() < mix.oco:
            wish["oco"] = rnd.randint(1, 2)
        if self.model.account.orders and rnd.random() < mix.oto:
            wish["parent"] = rnd.randrange(len(self.model.account.orders))
        return Request(0, side, rnd.choice([0.5, 1.0, 2.0, 3.0]), **wish)

    def exits(self, sign: int, reference: float) -> dict[str, float]:
        rnd = self.random
        wish: dict[str, float] = {}
        for name, direction in (("stop_loss", -sign), ("take_profit", sign)):
            choice = rnd.random()
            if choice < 0.35:
                wish[f"{name}_pct"] = rnd.choice([0.003, 0.01, 0.02])
            elif choice < 0.7:
                wish[name] = reference + direction * rnd.randint(1, 8) / 4
        if rnd.random() < self.mix.trailing:
            wish["trailing_stop"] = rnd.randint(1, 8) / 4
            if rnd.random() < self.mix.activation:
                wish["trailing_activation_pct"] = rnd.choice([0.003, 0.01, 0.02])
        return wish
