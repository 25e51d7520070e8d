"""What the model exchange is made of: instruments, requests, orders, fills. Plain records without behaviour."""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil, floor, inf

OPEN_STATES = ("accepted", "triggered", "partially_filled")


@dataclass(frozen=True)
class Spec:
    """An instrument; the fields of the native `InstrumentSpec`."""

    symbol: str
    kind: str = "perpetual"
    tick_size: float = 0.25
    lot_size: float = 0.5
    min_quantity: float = 0.0
    max_quantity: float = inf
    min_notional: float = 0.0
    multiplier: float = 1.0
    maker_fee: float = 0.0
    taker_fee: float = 0.0
    fee_per_share: float = 0.0
    min_fee: float = 0.0
    margin_tiers: tuple[tuple[float, float, float, float], ...] = ()
    liquidation_fee: float = 0.0
    borrow_rate: float = 0.0
    shortable: bool = True

    def tick_up(self, price: float) -> float:
        return ceil(price / self.tick_size) * self.tick_size

    def tick_down(self, price: float) -> float:
        return floor(price / self.tick_size) * self.tick_size

    def lots_down(self, quantity: float) -> float:
        return floor(quantity / self.lot_size) * self.lot_size

    def maintenance(self, notional: float) -> float:
        """Margin a position of this notional must keep."""
        tiers = [tier for tier in self.margin_tiers if notional >= tier[0]]
        return notional * tiers[-1][2] - tiers[-1][3] if tiers else 0.0


@dataclass(frozen=True)
class Bar:
    ts: int
    open: float
    high: float
    low: float
    close: float
    volume: float = 0.0


@dataclass(frozen=True)
class Request:
    """An order as asked for; the fields of the native `OrderIntent`."""

    instrument: int
    side: str
    quantity: float
    type: str = "market"
    price: float | None = None
    trigger: float | None = None
    trail: float | None = None
    trail_pct: float | None = None
    tif: str = "gtc"
    expire_ts: int | None = None
    reduce_only: bool = False
    post_only: bool = False
    stop_loss: float | None = None
    take_profit: float | None = None
    stop_loss_pct: float | None = None
    take_profit_pct: float | None = None
    trailing_stop: float | None = None
    trailing_stop_pct: float | None = None
    trailing_activation_pct: float | None = None
    parent: int | None = None
    oco: int | None = None

    @property
    def has_bracket(self) -> bool:
        exits = (self.stop_loss, self.take_profit, self.stop_loss_pct, self.take_profit_pct)
        return any(level is not None for level in (*exits, self.trailing_stop, self.trailing_stop_pct))


@dataclass
class Order:
    id: int
    instrument: int
    sign: int
    type: str
    quantity: float
    price: float | None
    trigger: float | None
    trail: float | None
    trail_pct: float | None
    tif: str
    expire_ts: int | None
    reduce_only: bool
    post_only: bool
    request: Request
    parent: int | None = None
    group: object = None
    leg: bool = False
    asked: float = 0.0
    activation: float | None = None
    arrived: int = -1
    linear_fee: float = 0.0
    state: str = "accepted"
    reason: str = ""
    filled: float = 0.0
    triggered: bool = False
    extreme: float | None = None
    first_bar: int = 0
    day: int | None = None
    queued: int = 0

    @classmethod
    def of(cls, order_id: int, request: Request, first_bar: int, state: str = "accepted", reason: str = "") -> "Order":
        """The order a request asks for."""
        return cls(
            id=order_id,
            instrument=request.instrument,
            sign=1 if request.side == "buy" else -1,
            type=request.type,
            quantity=request.quantity,
            price=None if request.type == "trailing_stop" else request.price,
            activation=request.price if request.type == "trailing_stop" else None,
            trigger=request.trigger,
            trail=request.trail,
            trail_pct=request.trail_pct,
            tif=request.tif,
            expire_ts=request.expire_ts,
            reduce_only=request.reduce_only,
            post_only=request.post_only,
            request=request,
            asked=request.quantity,
            parent=request.parent,
            group=None if request.oco is None else ("oco", request.oco),
            first_bar=first_bar,
            state=state,
            reason=reason,
        )

    @property
    def remaining(self) -> float:
        return self.quantity - self.filled

    @property
    def open(self) -> bool:
        return self.state in OPEN_STATES

    def end(self, state: str, reason: str) -> None:
        self.state, self.reason = state, reason

    def live_at_once(self, orders: list["Order"]) -> bool:
        """Whether it need not wait for a parent's fill."""
        return self.parent is None or orders[self.parent].filled > 0


@dataclass(frozen=True)
class Fill:
    order: int
    instrument: int
    index: int
    side: int
    price: float
    quantity: float
    fee: float
    slippage: float
    maker: bool


@dataclass
class Account:
    """What a path inside a bar may change: everything the two simulated paths must not share."""

    cash: float
    positions: dict[int, float] = field(default_factory=dict)
    marks: dict[int, float] = field(default_factory=dict)
    orders: list[Order] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)
    fees: float = 0.0
    funding: float = 0.0
    borrow: float = 0.0
    queue_length: int = 0
    liquidated: bool = False
    instant: int = 0
    brackets: int = 0

    @property
    def open_positions(self) -> dict[int, float]:
        return {instrument: quantity for instrument, quantity in self.positions.items() if quantity}

    def next_in_queue(self) -> int:
        self.queue_length += 1
        return self.queue_length


SlippageModel = Callable[[Spec, float, float, float], float]


def no_slippage(spec: Spec, price: float, quantity: float, volume: float) -> float:
    return 0.0


def bps(points: float) -> SlippageModel:
    return lambda spec, price, quantity, volume: price * points / 10_000


def ticks(number: float) -> SlippageModel:
    return lambda spec, price, quantity, volume: number * spec.tick_size


def volume_share(impact: float) -> SlippageModel:
    return lambda spec, price, quantity, volume: price * impact * (quantity / volume) ** 0.5 if volume > 0 else 0.0
