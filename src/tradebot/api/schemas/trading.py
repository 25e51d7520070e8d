"""A bot at work: its state, orders, fills, positions, equity, signals, risk."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from tradebot.api.schemas.values import Number


def _plain(amount: Decimal) -> str:
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


Amount = Annotated[Decimal, PlainSerializer(_plain, return_type=str)]
"""A decimal, exact, as text."""


class Markets(BaseModel):
    """The data of a market, and what keeps it from trading."""

    symbol: str
    bars: int
    last_bar: datetime | None
    is_warm: bool
    is_fresh: bool
    unresolved: int = Field(description="orders of unknown fate")
    quarantined: bool
    failures: int


class BotStatus(BaseModel):
    """The bot at a glance."""

    phase: Literal["absent", "stopped", "starting", "running", "stopping", "failed"]
    state: str = Field(description="`trading`, `paused`, `halted`, `starting`; empty where it does not run")
    mode: Literal["paper", "live", ""]
    account: str
    run_id: str
    symbols: list[str]
    strategy: str
    interval: str
    time: datetime | None = Field(description="the bot's time: that of its data")
    taken: datetime | None = Field(description="when this was seen")
    started: datetime | None
    halted: str = Field(description="why it is halted")
    stand_in: str = Field(default="", description="account on paper that trades in its place, its broker being lost")
    error: str = Field(description="why it failed")
    equity: Number | None = None
    cash: Number | None = None
    realized_pnl: Number | None = None
    fees: Number | None = None
    gross_notional: Number | None = None
    margin_used: Number | None = None
    free_margin: Number | None = None
    day_pnl: Number | None = Field(default=None, description="change of equity since the day began, UTC")
    day_loss_limit: Number | None = Field(default=None, description="loss of a day after which entries end")
    day_loss_used: Number | None = Field(default=None, description="share of that limit which today's loss is")
    data_age_s: Number | None = Field(default=None, description="since it heard of its markets")
    broker_age_s: Number | None = Field(default=None, description="since it heard of its broker")
    journal_age_s: Number | None = Field(default=None, description="since its record was brought to the disk")
    clock_skew_ms: Number | None = Field(default=None, description="the venue's clock less the machine's")
    clock_is_off: bool = Field(default=False, description="whether a person should mend the machine's clock")
    is_simulated: bool = Field(default=False, description="whether the broker is inside this process")
    feed_fault: str = Field(default="", description="why the data is stale")
    broker_fault: str = Field(default="", description="why the broker could not be asked or heard")
    differences: int | None = Field(default=None, description="between books and broker, see /reconcile")
    performance: dict[str, Number | int | None] = Field(default_factory=dict[str, Any])
    markets: list[Markets] = Field(default_factory=list[Markets])
    positions: int = 0
    open_orders: int = 0


class Told(BaseModel):
    """What an operator wants done."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(default="", max_length=200, description="one sentence, for the audit")


class Confirmed(Told):
    """What an operator wants done and cannot take back."""

    confirm: str = Field(max_length=64, description="name of the account, as /bot tells it")


class Start(Told):
    """How to start."""

    confirm: str = Field(default="", max_length=64, description="name of the account; needed where it trades live")


class Accepted(BaseModel):
    """It was passed on; the stream and /audit tell what came of it."""

    action: str
    account: str


class Order(BaseModel):
    """An order from its sending to its end."""

    order_id: str
    run_id: str
    created: datetime | None
    updated: datetime | None
    symbol: str
    side: Literal["buy", "sell"] | None
    type: str | None
    quantity: Amount | None
    price: Amount | None
    trigger: Amount | None
    reduce_only: bool
    tag: str
    state: str
    venue_id: str
    reason: str
    filled: Amount
    average_price: Amount | None


class OrderStep(BaseModel):
    """Something that happened to an order, at the time of the machine the bot runs on."""

    time: datetime
    step: Literal["signal", "review", "intent", "cancel", "replace", "answer", "fill"]
    state: str = Field(default="", description="of the order from here on, where the venue said it")
    text: str = ""
    price: Amount | None = None
    quantity: Amount | None = None
    fee: Amount | None = None


class Fill(BaseModel):
    """A trade."""

    symbol: str
    trade_id: str
    run_id: str
    time: datetime | None
    order_id: str
    side: Literal["buy", "sell"]
    price: Amount
    quantity: Amount
    fee: Amount
    fee_currency: str
    liquidity: str
    realized: Amount = Field(description="profit of what it closed, before fees")
    note: str = Field(default="", description="what an operator wrote about it")


class NoteText(BaseModel):
    """What an operator writes about a trade."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(max_length=2_000, description="in place of an earlier one; an empty one takes it away")


class Note(BaseModel):
    """The note of a trade."""

    symbol: str
    trade_id: str
    time: datetime | None = Field(description="when it was written")
    operator: str
    text: str


class Position(BaseModel):
    """What is held of a market, and the exits that rest for it."""

    symbol: str
    quantity: Number = Field(description="negative for short")
    entry_price: Number
    mark_price: Number | None = None
    unrealized_pnl: Number | None = None
    notional: Number | None = None
    stop_price: Number | None = Field(default=None, description="trigger of the stop that rests")
    is_stop_confirmed: bool = Field(default=False, description="whether the venue has accepted that stop")
    target_price: Number | None = None
    liquidation_price: Number | None = Field(default=None, description="absent where nothing forces a close")
    liquidation_distance: Number | None = Field(default=None, description="from the mark, as a fraction of it")


class Positions(BaseModel):
    """All that is held."""

    source: Literal["bot", "ledger"]
    positions: list[Position]


class EquityPoint(BaseModel):
    """What the account was worth."""

    run_id: str
    time: datetime | None
    cash: Amount
    equity: Amount


class Signal(BaseModel):
    """What a strategy said, and the verdict on the order it became."""

    run_id: str
    time: datetime | None
    symbol: str
    action: str
    order_id: str = Field(description="empty where no order came of it")
    entry: Amount | None
    stop_loss: Amount | None
    take_profit: Amount | None
    confidence: Amount
    tag: str


class PlaceInRecord(BaseModel):
    """Where a page begins."""

    cursor: str | None = Field(description="of that page; null where it is the newest")


class Verdict(BaseModel):
    """What the risk review said of an order."""

    run_id: str
    time: datetime | None
    order_id: str
    symbol: str
    allowed: bool
    rule: str
    reason: str


class RiskLimit(BaseModel):
    """A limit, and how much of it is used."""

    name: str
    used: Number | None
    limit: Number
    unit: Literal["count", "fraction", "money"]
    is_breached: bool


class Risk(BaseModel):
    """Limits of the account."""

    limits: list[RiskLimit]


class Simulation(BaseModel):
    """The paper account."""

    account: str
    is_running: bool = False
    initial_balance: Number
    equity: Number | None = Field(default=None, description="at the last step on record")
    total_return: Number | None = None
    realized: Number = Field(default=0.0, description="profit of what was closed, before fees")
    runs: int = 0
    positions: int = 0
    open_orders: int = 0
