"""Sections that say where and what is traded: broker, trading, data, symbols, backfill."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from tradebot.config.values import (
    INTERVAL,
    NUMBER,
    Count,
    IntervalList,
    IntervalText,
    Number,
    Positive,
    Role,
    Section,
    Symbol,
    SymbolList,
    TimeText,
    Whole,
)

BrokerType = Literal["mock", "binance_paper", "binance", "alpaca_paper", "alpaca", "ibkr_paper", "ibkr"]
DataSource = Literal["mock", "store", "binance", "yahoo", "alpaca", "polygon", "ibkr"]


class Broker(Section):
    """Where orders go, and the account they trade on."""

    type: BrokerType = Field(description='the broker, such as "binance_paper"')
    market: Literal["spot", "usdm"] = Field(
        default="spot", description='market of Binance: "spot", or "usdm" for USDT-margined futures'
    )
    host: Literal["live", "demo", "local"] | None = Field(
        default=None, description="where Binance is reached; TRADEBOT_BINANCE_URL is the local one's address"
    )
    initial_balance: Number = Field(default=Decimal(10_000), gt=0, description="cash at the start, in quote currency")
    commission: Annotated[Decimal, Field(ge=0, lt=1), NUMBER] | None = Field(
        default=None,
        description="fee of a fill as a fraction: 0.001 is 0.1 %; the venue's own where absent",
    )
    leverage: Number = Field(default=Decimal(1), ge=1, description="notional a unit of margin carries")
    margin_type: Literal["cross", "isolated"] | None = Field(
        default=None, description="margin that Binance's futures are set to; as it is there where absent"
    )
    dead_man_seconds: Annotated[Decimal, Field(ge=30, le=3_600), NUMBER] | None = Field(
        default=None,
        description="silence after which Binance takes back the orders of flat markets; never where absent",
    )
    retry_interval: Number = Field(
        default=Decimal(30), gt=0, le=86_400, description="most seconds until a lost broker is asked again"
    )
    lost_after: Positive = Field(
        default=Decimal(120), description="seconds without an answer after which the broker counts as lost"
    )
    when_lost: Literal["wait", "halt", "paper"] = Field(
        default="wait",
        description="then: wait for it, halt until a person releases, or halt and go on on paper in its place",
    )
    slippage_bps: Number = Field(
        default=Decimal(0), ge=0, lt=10_000, description="price given up by market and stop orders, in basis points"
    )

    @property
    def is_simulated(self) -> bool:
        """Whether it never trades for real, whatever the mode."""
        return self.type == "mock" or self.type.endswith("_paper")


class Trading(Section):
    """What is traded, how much of it, and how far the account may go."""

    symbol: Symbol | None = Field(default=None, description='the market, such as "BTCUSDT"')
    symbols: SymbolList | None = Field(default=None, description="several markets on one account")
    position_size: Positive | None = Field(default=None, description="share of equity an entry takes: 0.1 is a tenth")
    max_positions: Count | None = Field(default=None, description="most markets held at once")
    max_drawdown_pct: Annotated[Decimal, Field(gt=0, lt=100), NUMBER] | None = Field(
        default=None, description="fall from the highest equity, in percent, that ends all entries"
    )
    max_exposure: Positive | None = Field(default=None, description="gross notional over equity: 1.0 is all of it")


class Data(Section):
    """Where bars come from."""

    data_source: DataSource = Field(description='the source, such as "binance"')
    symbol: Symbol | None = Field(default=None, description="the market; that of trading where absent")
    symbols: SymbolList | None = Field(default=None, description="several markets")
    interval: IntervalText = Field(description='length of a bar, such as "1h"')
    bars_from: Literal["stream", "trades"] = Field(
        default="stream", description="whether a bot takes the stream's closed bars or builds bars from its trades"
    )
    lookback_bars: Whole = Field(default=1_000, ge=1, le=10_000_000, description="bars read before the first decision")
    retry_interval: Number = Field(
        default=Decimal(60), gt=0, le=86_400, description="seconds until a lost feed is asked"
    )
    start: TimeText | None = Field(default=None, description="first bar of a backtest")
    end: TimeText | None = Field(default=None, description="bars of a backtest end before this time")
    timeframes: IntervalList | None = Field(default=None, description="intervals the strategy reads")
    tf_roles: dict[IntervalText, Role] | None = Field(
        default=None,
        description='role by interval: {"4h": "HTF", "15m": "LTF"}',
        json_schema_extra={"propertyNames": {"pattern": INTERVAL}},
    )


class Symbols(Section):
    """Which markets of a provider are looked at."""

    mode: Literal["popular", "all", "large", "mid", "small", "custom"] = Field(
        default="popular", description="universe"
    )
    symbols: SymbolList | None = Field(default=None, description="markets of the custom universe")
    max_symbols: Whole = Field(default=100, ge=1, le=100_000, description="most markets taken")
    max_websocket_symbols: Whole = Field(default=30, ge=1, le=10_000, description="most markets streamed at once")


class Backfill(Section):
    """How history is downloaded."""

    days: Whole = Field(default=90, ge=1, le=36_500, description="days back from now")
    batch_size: Whole = Field(default=200, ge=1, le=10_000, description="markets of a batch")
    concurrent_requests: Whole = Field(default=5, ge=1, le=100, description="requests under way at once")
    rate_limit_delay: Number = Field(default=Decimal(0), ge=0, le=3_600, description="seconds between two requests")
