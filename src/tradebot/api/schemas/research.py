"""Backtests and strategies."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from tradebot.api.schemas.values import Instant, IntervalText, SymbolText

BacktestState = Literal["queued", "running", "done", "failed", "canceled"]
StrategyName = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}(\+[A-Za-z][A-Za-z0-9_]{0,63})?$",
        description="a strategy of /strategies, or two mixins: Entry+Exit",
    ),
]
ParamValue = bool | int | Annotated[float, Field(allow_inf_nan=False)] | Annotated[str, Field(max_length=200)]


class BacktestRequest(BaseModel):
    """What to run."""

    model_config = ConfigDict(extra="forbid")

    symbol: SymbolText
    strategy: StrategyName
    start_date: Instant | None = Field(default=None, description="from here; all there is where absent")
    end_date: Instant | None = Field(default=None, description="up to here, exclusive")
    timeframes: list[IntervalText] = Field(
        default_factory=list[str], max_length=8, description="the shortest is traded on, unless a role LTF is given"
    )
    tf_roles: dict[IntervalText, Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,16}$")]] = Field(
        default_factory=dict[str, str], max_length=8, description='role by interval: {"4h": "HTF", "15m": "LTF"}'
    )
    initial_balance: float = Field(default=10_000.0, gt=0, le=1e12, allow_inf_nan=False)
    commission: float | None = Field(
        default=None, ge=0, lt=1, allow_inf_nan=False, description="share of each trade's value; the venue's if absent"
    )
    params: dict[Annotated[str, Field(max_length=64)], ParamValue] = Field(
        default_factory=dict[str, Any], max_length=64, description="parameters of the strategy"
    )


class Backtest(BaseModel):
    """A backtest: what was asked, how far it is, and its figures once it is done (fractions, not percent)."""

    id: str
    symbol: str
    strategy: str
    start_date: str | None
    end_date: str | None
    initial_balance: float
    commission: float | None = Field(
        default=None,
        description="share of each trade's value; null where the venue's fees, or a maker's and a taker's, held",
    )
    final_balance: float | None = None
    total_return: float | None = None
    max_drawdown: float | None = None
    sharpe_ratio: float | None = None
    total_trades: int | None = None
    winning_trades: int | None = None
    losing_trades: int | None = None
    win_rate: float | None = None
    state: BacktestState
    progress: float = Field(ge=0, le=1)
    error: str = Field(default="", description="why it failed")
    created: datetime
    timeframes: list[str] = Field(default_factory=list[str])
    params: dict[str, Any] = Field(default_factory=dict[str, Any])


class BacktestDetail(Backtest):
    """A backtest with all that is known of it."""

    statistics: dict[str, Any] | None = Field(default=None, description="every figure")
    costs: dict[str, Any] | None = None
    assumptions: dict[str, Any] | None = Field(default=None, description="how fills were simulated")


class Table(BaseModel):
    """Rows of a run by column."""

    columns: list[str]
    items: list[dict[str, Any]]
    limit: int
    offset: int
    total: int


class EquityCurve(BaseModel):
    """Equity after bars of a run; thinned to `points`, first and last kept."""

    time: list[datetime]
    equity: list[float]
    drawdown: list[float] = Field(description="below the running peak, as a fraction of it, 0 or negative")


class FigureDefinition(BaseModel):
    """What a figure of a backtest means."""

    name: str
    label: str
    unit: Literal["percent", "ratio", "money", "count", "days", "hours", "bars"] = Field(
        description="`percent` is told as a fraction"
    )
    group: Literal["Result", "Risk", "Exposure", "Trades", "Costs"] = Field(
        description="`Trades` stand below `trades`, `long` and `short` of the statistics"
    )
    definition: str
    source: str = Field(description="where the formula comes from")


class ComparisonRow(BaseModel):
    """One figure or setting of every run, in the order of the runs."""

    label: str
    cells: list[str]
    differs: bool


class Comparison(BaseModel):
    """Runs beside one another."""

    runs: list[str]
    figures: list[ComparisonRow]
    settings: list[ComparisonRow]


class Parameter(BaseModel):
    """A parameter of a strategy."""

    name: str
    type: Literal["int", "float", "bool", "str"]
    default: bool | int | float | str
    ge: float | None
    le: float | None
    step: float | None
    choices: list[bool | int | float | str] | None
    doc: str


class Strategy(BaseModel):
    """A strategy of the registry."""

    name: str
    version: str
    summary: str
    docs: str
    forms: list[str]
    timeframes: list[str]
    roles: dict[str, str]
    origin: str
    params: list[Parameter]
    params_schema: dict[str, Any] = Field(description="JSON Schema of `params`")


class Strategies(BaseModel):
    """Every strategy that loads, and what kept the others from it."""

    strategies: list[Strategy]
    broken: list[str]
