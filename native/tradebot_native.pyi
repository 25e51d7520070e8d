"""Native core of tradebot: simulated exchange, order book, run loops and indicators."""

from collections.abc import Callable, Sequence
from typing import Any, Final, Literal, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

_Levels: TypeAlias = NDArray[np.float64] | Sequence[tuple[float, float]]
_Columns: TypeAlias = dict[str, NDArray[Any]]
_Progress: TypeAlias = Callable[[int, int], object] | None

ORDER_TRANSITIONS: Final[dict[str, tuple[str, ...]]]
"""States each order state may go to: the one table of the state machine."""
ORDER_REPORTS: Final[dict[str, tuple[str, ...]]]
"""States that a broker's word may bring an order of each state to, steps it did not tell of included."""
ORDER_STATES: Final[tuple[str, ...]]
"""Words of the codes in an orders table's ``state`` column."""
ORDER_TYPES: Final[tuple[str, ...]]
"""Words of the codes in its ``type`` column."""
TIFS: Final[tuple[str, ...]]
"""Words of the codes in its ``tif`` column."""
REASONS: Final[tuple[str, ...]]
"""Words of the codes in its ``reason`` column."""

class Bar:
    """A closed bar; ``ts`` is its open time, int64 ns UTC. A bar that a strategy keeps never changes."""

    def __init__(
        self,
        ts: int,
        open: float,
        high: float,
        low: float,
        close: float,
        volume: float = 0.0,
        trades: int = 0,
        vwap: float = ...,
    ) -> None: ...
    @property
    def ts(self) -> int: ...
    @property
    def open(self) -> float: ...
    @property
    def high(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def close(self) -> float: ...
    @property
    def volume(self) -> float: ...
    @property
    def trades(self) -> int: ...
    @property
    def vwap(self) -> float: ...

class Tick:
    """One trade print; ``side`` is +1 when the buyer was the aggressor, -1 the seller, 0 unknown."""

    def __init__(self, ts: int, price: float, size: float, side: int = 0) -> None: ...
    @property
    def ts(self) -> int: ...
    @property
    def price(self) -> float: ...
    @property
    def size(self) -> float: ...
    @property
    def side(self) -> int: ...

class Quote:
    """Best bid and ask at a time."""

    def __init__(self, ts: int, bid: float, ask: float, bid_size: float, ask_size: float) -> None: ...
    @property
    def ts(self) -> int: ...
    @property
    def bid(self) -> float: ...
    @property
    def ask(self) -> float: ...
    @property
    def bid_size(self) -> float: ...
    @property
    def ask_size(self) -> float: ...

class Signal:
    """A wish to hold a side, with its contract checked when it is made.

    Prices are absolute; ``*_pct`` are fractions (0.01 is one percent) of the entry's fill price; ``trailing_stop`` is a
    distance in price. A long needs stop_loss < entry < take_profit, a short the reverse.

    Raises
    ------
    ValueError : the contract is broken; the text names the field.
    """

    def __init__(
        self,
        side: str,
        *,
        entry: float | None = None,
        stop_loss: float | None = None,
        take_profit: float | None = None,
        stop_loss_pct: float | None = None,
        take_profit_pct: float | None = None,
        trailing_stop: float | None = None,
        trailing_stop_pct: float | None = None,
        trailing_activation_pct: float | None = None,
        confidence: float = 1.0,
        quantity: float | None = None,
        type: str = "market",
        limit: float | None = None,
        stop: float | None = None,
        add: bool = False,
        tag: str = "",
        metadata: dict[str, Any] | None = None,
    ) -> None: ...
    @property
    def side(self) -> str: ...
    @property
    def entry(self) -> float | None: ...
    @property
    def stop_loss(self) -> float | None: ...
    @property
    def take_profit(self) -> float | None: ...
    @property
    def stop_loss_pct(self) -> float | None: ...
    @property
    def take_profit_pct(self) -> float | None: ...
    @property
    def trailing_stop(self) -> float | None: ...
    @property
    def trailing_stop_pct(self) -> float | None: ...
    @property
    def trailing_activation_pct(self) -> float | None: ...
    @property
    def confidence(self) -> float: ...
    @property
    def quantity(self) -> float | None: ...
    @property
    def type(self) -> str: ...
    @property
    def limit(self) -> float | None: ...
    @property
    def stop(self) -> float | None: ...
    @property
    def add(self) -> bool: ...
    @property
    def tag(self) -> str: ...
    @property
    def metadata(self) -> dict[str, Any] | None: ...

class Exit:
    """A wish to leave the position, or a fraction of it in (0, 1]."""

    def __init__(self, fraction: float = 1.0, tag: str = "") -> None: ...
    @property
    def fraction(self) -> float: ...
    @property
    def tag(self) -> str: ...

class OrderIntent:
    """A request for an order; the instrument is named by its index in the run or its symbol.

    ``parent`` makes it wait for that order's fill (one triggers other); orders of one ``oco`` number cancel each other.
    The ``stop_loss`` ... ``trailing_stop_pct`` exits go live with its fill, sized to what was filled. The ``price`` of a
    trailing stop is where it begins to follow.

    Raises
    ------
    ValueError : a field is missing or impossible whatever the instrument; the text names it.
    """

    def __init__(
        self,
        instrument: int | str,
        side: str,
        quantity: float,
        *,
        type: str = "market",
        price: float | None = None,
        trigger: float | None = None,
        trail: float | None = None,
        trail_pct: float | None = None,
        tif: str = "gtc",
        expire_ts: int | None = None,
        reduce_only: bool = False,
        post_only: bool = False,
        stop_loss: float | None = None,
        take_profit: float | None = None,
        stop_loss_pct: float | None = None,
        take_profit_pct: float | None = None,
        trailing_stop: float | None = None,
        trailing_stop_pct: float | None = None,
        trailing_activation_pct: float | None = None,
        parent: int | None = None,
        oco: int | None = None,
        tag: str = "",
    ) -> None: ...
    @property
    def instrument(self) -> int | str: ...
    @property
    def side(self) -> str: ...
    @property
    def quantity(self) -> float: ...
    @property
    def type(self) -> str: ...
    @property
    def price(self) -> float | None: ...
    @property
    def trigger(self) -> float | None: ...
    @property
    def trail(self) -> float | None: ...
    @property
    def trail_pct(self) -> float | None: ...
    @property
    def tif(self) -> str: ...
    @property
    def expire_ts(self) -> int | None: ...
    @property
    def reduce_only(self) -> bool: ...
    @property
    def post_only(self) -> bool: ...
    @property
    def stop_loss(self) -> float | None: ...
    @property
    def take_profit(self) -> float | None: ...
    @property
    def stop_loss_pct(self) -> float | None: ...
    @property
    def take_profit_pct(self) -> float | None: ...
    @property
    def trailing_stop(self) -> float | None: ...
    @property
    def trailing_stop_pct(self) -> float | None: ...
    @property
    def trailing_activation_pct(self) -> float | None: ...
    @property
    def parent(self) -> int | None: ...
    @property
    def oco(self) -> int | None: ...
    @property
    def tag(self) -> str: ...
    def with_parent(self, parent: int) -> OrderIntent:
        """The same request under another parent."""

class InstrumentSpec:
    """An instrument as the simulated exchange sees it, in doubles; ``sessions`` are [open, close) ns UTC, shape (n, 2)."""

    def __init__(
        self,
        symbol: str,
        *,
        kind: str = "perpetual",
        tick_size: float = 0.01,
        lot_size: float = 1e-8,
        min_quantity: float = 0.0,
        max_quantity: float = ...,
        min_notional: float = 0.0,
        multiplier: float = 1.0,
        maker_fee: float = 0.0,
        taker_fee: float = 0.0,
        fee_per_share: float = 0.0,
        min_fee: float = 0.0,
        margin_tiers: Sequence[tuple[float, float, float, float]] = ...,
        liquidation_fee: float = 0.0,
        borrow_rate: float = 0.0,
        shortable: bool = True,
        sessions: NDArray[np.int64] | None = None,
        extended_hours: bool = False,
    ) -> None: ...
    @property
    def symbol(self) -> str: ...
    def snap_price(self, price: float) -> float: ...
    def snap_quantity(self, quantity: float) -> float: ...

class Slippage:
    """What an order that takes liquidity pays beyond the market price."""

    @staticmethod
    def none() -> Slippage: ...
    @staticmethod
    def bps(bps: float) -> Slippage: ...
    @staticmethod
    def ticks(ticks: float) -> Slippage: ...
    @staticmethod
    def half_spread(bps: float) -> Slippage: ...
    @staticmethod
    def volume_share(impact: float) -> Slippage:
        """Square-root impact: price * impact * sqrt(quantity / bar volume)."""
    @property
    def is_free(self) -> bool:
        """Whether it charges nothing."""

class Order:
    """An order at a moment."""

    @property
    def id(self) -> int: ...
    @property
    def client_id(self) -> str: ...
    @property
    def symbol(self) -> str: ...
    @property
    def side(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def tif(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def quantity(self) -> float: ...
    @property
    def filled(self) -> float: ...
    @property
    def average_price(self) -> float | None: ...
    @property
    def price(self) -> float | None: ...
    @property
    def trigger(self) -> float | None: ...
    @property
    def reduce_only(self) -> bool: ...
    @property
    def post_only(self) -> bool: ...
    @property
    def parent(self) -> int | None: ...
    @property
    def created_ts(self) -> int: ...
    @property
    def final_ts(self) -> int: ...
    @property
    def tag(self) -> str: ...

class ExecutionEvent:
    """Something that happened to an order; the fill's fields are set when it is an execution."""

    @property
    def ts(self) -> int: ...
    @property
    def order(self) -> int: ...
    @property
    def client_id(self) -> str: ...
    @property
    def symbol(self) -> str: ...
    @property
    def side(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def fill_id(self) -> int | None: ...
    @property
    def fill_price(self) -> float | None: ...
    @property
    def fill_quantity(self) -> float | None: ...
    @property
    def fee(self) -> float | None: ...
    @property
    def maker(self) -> bool | None: ...
    @property
    def parent(self) -> int | None: ...
    @property
    def tag(self) -> str: ...

class Position:
    """A net position at a moment; ``quantity`` and ``notional`` are signed."""

    @property
    def symbol(self) -> str: ...
    @property
    def quantity(self) -> float: ...
    @property
    def entry_price(self) -> float: ...
    @property
    def mark_price(self) -> float: ...
    @property
    def unrealized_pnl(self) -> float: ...
    @property
    def notional(self) -> float: ...
    @property
    def is_dust(self) -> bool: ...

class Portfolio:
    """The account of a simulated exchange, always up to date."""

    @property
    def cash(self) -> float: ...
    @property
    def equity(self) -> float: ...
    @property
    def fees(self) -> float: ...
    @property
    def slippage(self) -> float: ...
    @property
    def funding(self) -> float: ...
    @property
    def borrow(self) -> float: ...
    @property
    def realized_pnl(self) -> float: ...
    @property
    def gross_notional(self) -> float: ...
    @property
    def margin_used(self) -> float: ...
    @property
    def maintenance_margin(self) -> float: ...
    @property
    def free_margin(self) -> float: ...
    def position(self, instrument: int | str) -> Position: ...
    def quantity(self, instrument: int | str) -> float: ...
    def open_quantity(self, instrument: int | str) -> float: ...
    def open_orders(self, instrument: int | str | None = None) -> list[Order]: ...
    def positions(self) -> list[Position]: ...

class SimExchange:
    """The simulated exchange: one account, many instruments. Its semantics: docs/architecture.md.

    Raises
    ------
    ValueError : a setting is impossible; the text names it.
    KeyError : an instrument or order does not exist.
    """

    def __init__(
        self,
        instruments: Sequence[InstrumentSpec],
        *,
        cash: float,
        fill: str = "next_open",
        path: str = "pessimistic",
        touch: bool = True,
        participation: float | None = None,
        slippage: Slippage | None = None,
        leverage: float = 1.0,
        run_id: str = "run",
    ) -> None: ...
    record_events: bool
    """Whether events are kept for `take_events`; set it, it cannot be read."""
    @property
    def fill_count(self) -> int:
        """Fills booked; the next one gets this number."""
    @property
    def closed_trades(self) -> tuple[int, int]:
        """Trades closed so far, and those of them that made money."""
    def forget(self, keep: int, *, ended_before: int, told: int) -> bool:
        """Forget orders that ended before a time, with their fills and trades; False where it is too early.

        The newest ``keep`` stay, and nothing is done before there are twice as many. So does what is still needed: orders
        that work or on which a position rests, their exits, and fills from number ``told`` on. All keep their numbers.
        """
    def keeps(self, order: int) -> bool:
        """Whether an order was not forgotten."""
    @property
    def portfolio(self) -> Portfolio: ...
    @property
    def ambiguous_bars(self) -> int:
        """Bars whose result depended on the unknown path inside them."""
    def submit(self, intent: OrderIntent) -> int:
        """Take an order; its id. A refused order is on record as rejected."""
    def cancel(self, order: int) -> bool:
        """Cancel a live order; False when there is nothing to cancel."""
    def replace(
        self,
        order: int,
        *,
        quantity: float | None = None,
        price: float | None = None,
        trigger: float | None = None,
    ) -> None:
        """Change a live order; ValueError carries the venue's reason."""
    def on_bar(
        self, instrument: int | str, bar: Bar, close_ts: int | None = None, *, finer: Sequence[Bar] | None = None
    ) -> None:
        """Let a closed bar pass; ``finer`` bars, each of which lasts until the next, tell its path."""
    def open_bar(self, instrument: int | str, bar: Bar, close_ts: int) -> None:
        """Let the first price of a closed bar pass. With ``close_bar`` after it this is ``on_bar``.

        Orders given between the two meet the rest of the bar; market orders among them wait for the next one.
        """
    def close_bar(self, instrument: int | str, bar: Bar, close_ts: int) -> None:
        """Let the rest of a bar pass that ``open_bar`` began."""
    def set_leverage(self, instrument: int | str, leverage: int) -> None:
        """Leverage of one instrument from here on, in place of the exchange's."""
    def on_quote(self, instrument: int | str, quote: Quote) -> None: ...
    def on_tick(self, instrument: int | str, tick: Tick) -> None: ...
    def on_book(self, instrument: int | str, ts: int, book: OrderBook) -> None:
        """Takers walk the book level by level; resting orders fill when the far side reaches their price."""
    def set_funding(
        self,
        instrument: int | str,
        ts: NDArray[np.int64],
        rate: NDArray[np.float64],
        mark: NDArray[np.float64] | None = None,
    ) -> None:
        """Funding payments to come: times (ns UTC), rates, and mark prices where known (else NaN)."""
    def skip_funding_before(self, instrument: int | str, ts: int) -> None: ...
    def take_events(self) -> list[ExecutionEvent]: ...
    def order(self, order: int) -> Order: ...
    def liquidation_price(self, instrument: int | str) -> float | None:
        """Price at which an open position is closed by force while all else stands still; None where nothing forces it."""
    def open_orders(self, instrument: int | str | None = None) -> list[Order]: ...
    def fills(self) -> _Columns: ...
    def trades(self) -> _Columns: ...
    def orders(self) -> _Columns: ...
    def brackets(self) -> _Columns: ...
    def tags(self) -> list[str]: ...
    def save(self) -> bytes: ...
    @staticmethod
    def restore(state: bytes) -> SimExchange: ...

class Books(SimExchange):
    """The account of a live run as its broker reports it: what `SimExchange` books, without matching anything.

    What is submitted or cancelled waits in an outbox; `on_report` and `on_fill` book what the broker says. Orders keep the
    numbers of `SimExchange`; ``client_id`` is ``RUN-NUMBER``, that of an exit its entry's with ``-sl``, ``-tp`` or ``-ts``.
    An order that this account would have refused is ``denied`` and never goes out.

    Raises
    ------
    ValueError : a setting or a word is impossible; the text names it.
    KeyError : an instrument or order does not exist.
    """

    def __init__(
        self,
        instruments: Sequence[InstrumentSpec],
        *,
        cash: float,
        leverage: float = 1.0,
        run_id: str = "run",
        attaches_exits: bool = False,
        links_orders: bool = False,
    ) -> None: ...
    def on_bar(self, instrument: int | str, bar: Bar, close_ts: int) -> None:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        """A closed bar moves the mark."""
    def on_mark(self, instrument: int | str, price: float, ts: int) -> None:
        """A price known otherwise moves the mark."""
    def on_time(self, ts: int) -> None: ...
    def find(self, order_id: str) -> int | None:
        """Number of the order with this client id."""
    @property
    def order_count(self) -> int:
        """Orders on record; the next one gets this number."""
    def take_outbox(self) -> list[tuple[Literal["submit", "cancel", "resize"], int]]:
        """What to tell the broker, in order; it is forgotten here."""
    def intent(self, order: int) -> OrderIntent:
        """An order as the broker shall get it; exits are named only to a broker that attaches them."""
    def on_report(self, order: int, ts: int, state: str, reason: str = "") -> bool:
        """Take a broker's word on an order's state; False where it says nothing new. Fills come by `on_fill` alone."""
    def on_fill(
        self, order: int, trade_id: str, ts: int, price: float, quantity: float, fee: float, maker: bool
    ) -> bool:
        """Book a trade, once by its id, whatever state its order is in; False for one booked before."""
    def fill_events(self, since: int) -> list[ExecutionEvent]:
        """Fills from number `since` on, as strategies hear of them."""
    def knows_trade(self, instrument: int | str, trade_id: str) -> bool: ...
    def skip_trade(self, instrument: int | str, trade_id: str) -> None:
        """Note a trade from before these books were opened; it is never booked."""
    def adopt(self, order_id: str, instrument: int | str, side: str, quantity: float, tag: str) -> int:
        """Number of an order never sent from here, made where it is new and large enough for one more fill."""
    def on_terms(
        self,
        order: int,
        *,
        quantity: float | None = None,
        price: float | None = None,
        trigger: float | None = None,
    ) -> None:
        """The terms the broker says an order has."""
    def replacing(self, order: int) -> bool:
        """Mark that a change of an order was asked for; False where its state allows none."""
    def withdraw(self, order: int, reason: str = "requested") -> bool:
        """Ask for an order to be taken back; False where nothing works."""
    def send(self, intent: OrderIntent) -> int:
        """Take an order of our own past every limit: an exit, or protection put back."""
    def on_cash_flow(self, flow_id: str, kind: str, amount: float) -> bool:
        """Book money that moved without a trade, once by its id."""
    def is_live(self, order: int) -> bool:
        """Whether an order works, or may."""
    def keep_here(self, order: int) -> None:
        """Keep an order that the broker cannot hold; it goes out as a market order once `touched` finds its price."""
    def touched(self, instrument: int | str, high: float, low: float) -> list[int]:
        """Send the orders kept here whose price lies in a range the market has passed; trailing ones follow it."""
    def missing_stop(self, instrument: int | str) -> tuple[float, float] | None:
        """Trigger (nan where it trails) and quantity of the stop an open position should have at the broker and has not."""
    def bare_dust(self, instrument: int | str) -> float:
        """Units of a position that lack their stop and are below the least order, so that none of their own can rest."""
    def put_back_stop(self, instrument: int | str) -> int | None:
        """Put a missing stop back among the exits of its entry; its number."""
    def put_back_target(self, order: int) -> int | None:
        """Put back a target that has ended unfilled, for what of the position no other exit will close; its number."""
    def renew(self, order: int) -> int:
        """Put an exit of its present quantity in the place of one the broker cannot change; the new one's number."""
    def load(self, state: bytes) -> None:
        """Take up what `save` gave, in the place of the present state."""

class Sizing:
    """A sizer that runs without Python."""

    @staticmethod
    def fixed(quantity: float) -> Sizing: ...
    @staticmethod
    def fraction(fraction: float) -> Sizing: ...
    @staticmethod
    def risk(fraction: float) -> Sizing: ...
    def quantity(
        self,
        equity: float,
        price: float,
        *,
        stop_distance: float = ...,
        multiplier: float = 1.0,
        fee_rate: float = 0.0,
    ) -> float:
        """Units for an entry at `price`, before they are cut to lots.

        Raises
        ------
        ValueError : sizing by risk without a stop.
        """

class RiskLimits:
    """Limits on orders and on the account; None: no limit."""

    def __init__(
        self,
        *,
        max_order_quantity: float | None = None,
        max_order_notional: float | None = None,
        max_exposure: float | None = None,
        max_positions: int | None = None,
        max_daily_loss: float | None = None,
        max_daily_loss_amount: float | None = None,
        max_daily_trades: int | None = None,
        max_drawdown: float | None = None,
    ) -> None: ...

class Protection:
    """Exits that every entry without its own gets, as fractions of its fill price."""

    def __init__(
        self,
        *,
        stop_loss_pct: float | None = None,
        take_profit_pct: float | None = None,
        trailing_stop_pct: float | None = None,
        trailing_activation_pct: float | None = None,
    ) -> None: ...

class Trader:
    """Signals to orders, sized and reviewed: the native half of the decision path."""

    def __init__(
        self,
        instruments: int,
        sizing: Sizing,
        limits: RiskLimits | None = None,
        protection: Protection | None = None,
    ) -> None: ...
    def act(
        self,
        exchange: SimExchange,
        instrument: int,
        said: Signal | Exit,
        quantity: float | None = None,
    ) -> None:
        """Act on a signal or exit; `quantity` is the sizer's answer where Python sizes."""
    def order(self, exchange: SimExchange, intent: OrderIntent) -> int:
        """Review and submit an order, cut to the instrument's steps."""
    def follow(
        self,
        exchange: SimExchange,
        instrument: int,
        conditions: tuple[bool, bool, bool, bool],
        *,
        stop_loss: float | None = None,
        take_profit: float | None = None,
        stop_loss_pct: float | None = None,
        take_profit_pct: float | None = None,
        trailing_stop: float | None = None,
        trailing_stop_pct: float | None = None,
        trailing_activation_pct: float | None = None,
    ) -> None:
        """Act on the conditions of rules: enter_long, exit_long, enter_short, exit_short. An exit that is nan denies the entry."""
    def refuse(self, exchange: SimExchange, order: int, reason: str) -> None:
        """Deny an order that was not sent yet; an entry then counts in no limit."""
    def release(self) -> None:
        """A person lets entries go on after a limit has ended them: losses count from here."""
    def opens(self, exchange: SimExchange, order: int) -> bool:
        """Whether an order opens a position, or more of one."""
    def on_equity(self, now: int, equity: float) -> None: ...
    def on_transfer(self, amount: float) -> None:
        """Money came in or left: neither profit nor loss."""
    def save(self) -> bytes: ...
    def restore(self, state: bytes) -> None: ...
    @property
    def halted(self) -> str:
        """Limit that has ended entries for good; empty when none has."""

class MarketData:
    """Bars of one instrument for the run loops; the arrays are borrowed, not copied.

    ``closes`` is the length of every bar in ns, or the close time of each; ``finer`` the bars that magnify these, with
    the first of them that belongs to each bar and the one after its last.
    """

    def __init__(
        self,
        ts: NDArray[np.int64],
        closes: int | NDArray[np.int64],
        open: NDArray[np.float64],
        high: NDArray[np.float64],
        low: NDArray[np.float64],
        close: NDArray[np.float64],
        volume: NDArray[np.float64],
        trades: NDArray[np.int64] | None = None,
        vwap: NDArray[np.float64] | None = None,
        finer: tuple[MarketData, NDArray[np.int64], NDArray[np.int64]] | None = None,
    ) -> None: ...
    def __len__(self) -> int: ...

class Snapshot:
    """The markets at the moment of a decision; it moves with the run."""

    @property
    def ts(self) -> int: ...
    @property
    def symbols(self) -> list[str]: ...
    def bar(self, symbol: str, /) -> Bar | None: ...
    def quote(self, symbol: str, /) -> Quote | None: ...

class RuleSet:
    """Conditions of one instrument, a byte a bar, and the exits of an entry (a number, or one a bar)."""

    def __init__(
        self,
        length: int,
        *,
        warmup: int = 0,
        enter_long: NDArray[np.uint8] | None = None,
        exit_long: NDArray[np.uint8] | None = None,
        enter_short: NDArray[np.uint8] | None = None,
        exit_short: NDArray[np.uint8] | None = None,
        stop_loss: float | NDArray[np.float64] | None = None,
        take_profit: float | NDArray[np.float64] | None = None,
        stop_loss_pct: float | NDArray[np.float64] | None = None,
        take_profit_pct: float | NDArray[np.float64] | None = None,
        trailing_stop: float | NDArray[np.float64] | None = None,
        trailing_stop_pct: float | NDArray[np.float64] | None = None,
        trailing_activation_pct: float | NDArray[np.float64] | None = None,
    ) -> None: ...
    @property
    def warmup(self) -> int: ...

class Seat:
    """One instrument's strategy in a run: what to call, from which bar on, and the timelines it reads."""

    def __init__(
        self,
        on_bar: Callable[[Bar], Signal | Exit | None] | None = None,
        *,
        on_fill: Callable[[ExecutionEvent], object] | None = None,
        size: Callable[[Signal, float], float] | None = None,
        warmup: int = 0,
        timelines: Sequence[Timeline] = ...,
    ) -> None: ...

class Runner:
    """A run over bars: the merged timeline of all markets, and how far it has come."""

    def __init__(self, exchange: SimExchange, trader: Trader, markets: Sequence[MarketData]) -> None: ...
    @property
    def total(self) -> int: ...
    @property
    def step(self) -> int: ...
    @property
    def failure(self) -> tuple[int, int] | None:
        """Instrument whose code raised, and the close time of its bar."""
    @property
    def snapshot(self) -> Snapshot: ...
    def times(self) -> NDArray[np.int64]: ...
    def equity(self) -> NDArray[np.float64]: ...
    def run_rules(
        self,
        rules: Sequence[RuleSet],
        until: int | None = None,
        progress: _Progress = None,
    ) -> None: ...
    def run_python(
        self,
        seats: Sequence[Seat],
        decide: Callable[[], Sequence[OrderIntent]] | None = None,
        until: int | None = None,
        progress: _Progress = None,
    ) -> None: ...
    def save(self) -> bytes: ...
    def restore(self, state: bytes) -> None: ...

def give_back_freed_memory() -> None:
    """Tell the C library to give large blocks back to the system as soon as they are freed, as a process wants that runs on."""

class TickRunner:
    """A run of one instrument over trade ticks or quotes.

    Give ``price`` and ``size`` (and ``side``) for ticks, or ``bid`` and ``ask`` (and their sizes) for quotes.
    """

    @staticmethod
    def ticks(
        exchange: SimExchange,
        trader: Trader,
        ts: NDArray[np.int64],
        price: NDArray[np.float64],
        size: NDArray[np.float64],
        side: NDArray[np.int8] | None = None,
    ) -> TickRunner: ...
    @staticmethod
    def quotes(
        exchange: SimExchange,
        trader: Trader,
        ts: NDArray[np.int64],
        bid: NDArray[np.float64],
        ask: NDArray[np.float64],
        bid_size: NDArray[np.float64],
        ask_size: NDArray[np.float64],
    ) -> TickRunner: ...
    @property
    def total(self) -> int: ...
    @property
    def step(self) -> int: ...
    @property
    def failure(self) -> tuple[int, int] | None:
        """Instrument and time at which the strategy raised."""
    def times(self) -> NDArray[np.int64]: ...
    def equity(self) -> NDArray[np.float64]: ...
    def run(
        self,
        handler: Callable[[Any], Signal | Exit | None],
        until: int | None = None,
        progress: _Progress = None,
        *,
        on_fill: Callable[[ExecutionEvent], object] | None = None,
        size: Callable[[Signal, float], float] | None = None,
    ) -> None: ...

class SequenceGap(ValueError):
    """A diff message does not follow the one before: updates were lost. Take a new snapshot."""

class OrderBook:
    """Price-time priority order book, from level updates (L2) or from single orders (L3).

    Prices are whole ticks and sizes whole lots inside, so sums are exact and values come back as the doubles that went in.
    Level updates and single orders do not mix in one book; a snapshot starts over. Sides are ``"buy"`` (bid) and ``"sell"`` (ask).
    Values off the grid, negative sizes, unknown orders and sides raise ``ValueError``.

    Parameters
    ----------
    tick_size : price step, positive.
    lot_size : size step, positive.
    """

    def __init__(self, tick_size: float, lot_size: float) -> None: ...
    @property
    def tick_size(self) -> float: ...
    @property
    def lot_size(self) -> float: ...
    @property
    def sequence(self) -> int | None:
        """Last update id in the book, None before a snapshot."""
    @property
    def best_bid(self) -> tuple[float, float] | None:
        """Price and size of the best bid."""
    @property
    def best_ask(self) -> tuple[float, float] | None:
        """Price and size of the best ask."""
    @property
    def mid(self) -> float | None:
        """Halfway between best bid and best ask."""
    @property
    def spread(self) -> float | None:
        """Best ask less best bid; negative in a crossed book."""
    @property
    def microprice(self) -> float | None:
        """Mid weighted by the opposite sides' sizes. Gatheral and Oomen (2010), Zero-intelligence realized variance estimation."""
    @property
    def level_count(self) -> tuple[int, int]:
        """Number of bid and of ask levels."""
    @property
    def order_count(self) -> int:
        """Number of resting orders (L3)."""
    def apply_snapshot(self, bids: _Levels, asks: _Levels, seq: int) -> None:
        """Replace the whole book by a snapshot as of update id `seq`."""
    def apply(self, side: str, price: float, size: float) -> None:
        """Set the size of one level; 0 removes it."""
    def apply_diff(
        self,
        bids: _Levels,
        asks: _Levels,
        first: int,
        last: int,
        previous: int | None = None,
    ) -> bool:
        """Apply one diff message; False when the book already held it.

        Parameters
        ----------
        bids, asks : levels that changed, with their new sizes.
        first, last : first and last update id of the message (Binance ``U``, ``u``).
        previous : last update id of the message before (``pu``, futures); without it a message follows when
            ``first`` is one past the last applied (spot).

        Raises
        ------
        SequenceGap : a message between was lost, or no snapshot was applied; the book stays as it was.
        """
    def apply_deltas(
        self,
        side: NDArray[np.int8],
        price: NDArray[np.float64],
        size: NDArray[np.float64],
        *,
        bounds: NDArray[np.int64] | None = None,
        first: NDArray[np.int64] | None = None,
        last: NDArray[np.int64] | None = None,
        previous: NDArray[np.int64] | None = None,
    ) -> int:
        """Apply many level updates without holding the GIL; returns the number applied.

        Parameters
        ----------
        side : +1 for a bid, -1 for an ask.
        price, size : new size at each price; 0 removes the level.
        bounds : offsets of diff messages in the rows, one more than there are messages; None for plain rows.
        first, last, previous : update ids of each message, as in `apply_diff`.

        Raises
        ------
        ValueError : a row is off the grid (the text names it); the rows before it hold.
        SequenceGap : a message does not follow; the messages before it hold.
        """
    def depth(self, n: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Best `n` levels of bids and asks, each rows of (price, size), best first."""
    def size_at(self, side: str, price: float) -> float:
        """Size at a price of a side; 0 where there is no level."""
    def walk(self, side: str, quantity: float, limit: float | None = None) -> tuple[float, float, int]:
        """What a taker would get, no worse than `limit`: filled, average price (nan for nothing), levels. Changes nothing."""
    def add(self, order_id: int, side: str, price: float, size: float) -> None:
        """Rest an order behind the others at its price; one that would trade is refused."""
    def modify(self, order_id: int, size: float, price: float | None = None) -> None:
        """Change an order; a smaller size at the same price keeps its place, any other change puts it last."""
    def cancel(self, order_id: int) -> float:
        """Remove an order; returns the size it still had."""
    def execute(self, order_id: int, size: float) -> float:
        """Take a traded size off an order; returns what is left of it."""
    def match_limit(
        self,
        order_id: int,
        side: str,
        price: float,
        size: float,
        *,
        tif: Literal["gtc", "ioc", "fok"] = "gtc",
    ) -> list[tuple[int, float, float]]:
        """Match an incoming limit order by price, then time; what is left rests when `tif` is "gtc".

        Returns
        -------
        Rows of resting order id, price, size.
        """
    def match_market(self, side: str, size: float) -> list[tuple[int, float, float]]:
        """Match an incoming market order as far as the book goes; rows as of `match_limit`."""
    def order(self, order_id: int) -> tuple[str, float, float] | None:
        """Side, price and size of a resting order."""
    def queue_position(self, order_id: int) -> tuple[int, float] | None:
        """Orders and size ahead of an order at its price."""
    def save(self) -> bytes:
        """The book as bytes (also how it pickles)."""
    @staticmethod
    def restore(data: bytes) -> OrderBook:
        """The book of bytes that `save` gave."""

class Timeline:
    """Cursor into a sequence of bars, shared by every series of that timeframe."""

    def __init__(self, visible: NDArray[np.int64] | None = None) -> None:
        """``visible``: for a higher timeframe, its last closed bar at each base bar, -1 for none."""
    @property
    def cursor(self) -> int:
        """Index of the last visible bar, -1 before the first."""
    @property
    def base_previous(self) -> int:
        """Index of the bar that was visible one base bar ago."""
    def set(self, cursor: int, base_previous: int) -> None:
        """Move to a bar of this timeline."""
    def seek(self, base_index: int) -> None:
        """Move to what is visible at a base bar."""

class Series:
    """Numbers on a timeline, of which only the past is visible."""

    def __new__(cls, timeline: Timeline) -> Self: ...
    @property
    def timeline(self) -> Timeline:
        """The timeline whose cursor says which bar is now."""
    def bind(self, values: NDArray[np.float64]) -> None:
        """Attach the whole series, one value a bar; the array is kept, not copied, and must not change."""
    def push(self, value: float) -> None:
        """Add the value of a bar that has just closed (live trading)."""
    @property
    def size(self) -> int:
        """How many bars have a value, forgotten ones included."""
    @property
    def now(self) -> float:
        """Value at the cursor; nan before the first bar and while the indicator warms up."""
    @property
    def prev(self) -> float:
        """Value of the bar before the cursor."""
    def __float__(self) -> float: ...
    def __getitem__(self, index: int) -> float:
        """[-1] is the value at the cursor, [-2] the one before; a non-negative index raises StrategyError."""
    def window(self, count: int) -> NDArray[np.float64]:
        """The last ``count`` visible values, oldest first; shorter near the beginning."""

def crossed_above(a: Series, b: Series | float) -> bool:
    """Whether ``a`` has just risen above ``b``: at or below it one bar ago, strictly above now; False while either is nan."""

def crossed_below(a: Series, b: Series | float) -> bool:
    """Whether ``a`` has just fallen below ``b``: at or above it one bar ago, strictly below now; False while either is nan."""

class Kernel:
    """An indicator of our own with its memory: one step a bar, or whole arrays at once."""

    def __init__(self, name: str, params: Sequence[float]) -> None: ...
    @property
    def lookback(self) -> int:
        """Inputs that must have had a value before the first value comes out."""
    def step(self, *values: float) -> tuple[float, ...]:
        """One bar: a value of each input in, a value of each output back."""
    def batch(self, inputs: Sequence[NDArray[np.float64]]) -> tuple[NDArray[np.float64], ...]:
        """Every bar at once, from a fresh start."""

class SmartMoney:
    """Every smart money structure bar by bar; ``tradebot.indicators.smc`` is the face of it.

    With ``reach_bars`` 0, ``reach`` is a distance in price, else a share of the range of so many bars.
    """

    def __init__(
        self,
        swing_length: int,
        close_break: bool,
        close_mitigation: bool,
        join_consecutive: bool,
        reach: float,
        reach_bars: int,
    ) -> None: ...
    def update(
        self, open: float, high: float, low: float, close: float, volume: float
    ) -> list[tuple[Any, tuple[Any, ...]]]:
        """Take a bar; what became known with it: the event, and the fact in the order of the columns of ``facts``."""
    def extend(
        self,
        open: NDArray[np.float64],
        high: NDArray[np.float64],
        low: NDArray[np.float64],
        close: NDArray[np.float64],
        volume: NDArray[np.float64],
    ) -> None:
        """Take many bars at once."""
    def close(self) -> None:
        """Take the last bar for a swing, as the package does."""
    def facts(self) -> dict[str, NDArray[Any]]:
        """Every fact so far as columns by name; bars by number, -1 for what has not happened."""

def retracement_columns(
    high: NDArray[np.float64], low: NDArray[np.float64], swings: Sequence[tuple[int, int, float]]
) -> list[NDArray[np.float64]]:
    """The package's retracement columns on swings given by bar, side (1 or -1) and level."""

def apply(name: str, a: float, b: float = 0.0) -> float:
    """One operator at one bar."""

def elementwise(
    name: str,
    a: NDArray[np.float64] | float,
    b: NDArray[np.float64] | float | None = None,
) -> NDArray[np.float64]:
    """One operator at every bar."""

def elementwise_mask(name: str, a: NDArray[np.float64] | float, b: NDArray[np.float64] | float) -> NDArray[np.uint8]:
    """Where a comparison or logical operator holds, as 0 and 1; nan counts as 0."""

def cross_masks(
    a: NDArray[np.float64] | float, b: NDArray[np.float64] | float
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Where `a` crosses above, and where below, `b`: 1 a bar, 0 elsewhere and where a value is nan."""

def take_visible(values: NDArray[np.float64], visible: NDArray[np.int64]) -> NDArray[np.float64]:
    """Values of a higher timeframe as each base bar sees them."""

def segment_sums(values: NDArray[np.float64], starts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Sum of each segment, added in order; segment k runs from ``starts[k]`` to ``starts[k + 1]`` or the end."""

def finite_runs(series: Sequence[NDArray[np.float64]]) -> list[tuple[int, int]]:
    """The stretches in which every series is a finite number, as (first bar, bar after the last)."""
