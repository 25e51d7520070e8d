"""Heat maps of two parameters, and verifications of strategies."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from tradebot.api.schemas.research import BacktestRequest, BacktestState, ParamValue


class GridAxis(BaseModel):
    """A parameter, and the values it takes in the order of the map."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(max_length=64)]
    values: list[ParamValue] = Field(min_length=1, max_length=200)


class GridRequest(BacktestRequest):
    """A backtest for every pair of values of two parameters, 2,500 at most."""

    x: GridAxis
    y: GridAxis


class Study(BaseModel):
    """What was asked, and how far it is. It is remembered until the server ends."""

    id: str
    symbol: str
    strategy: str
    start_date: str | None
    end_date: str | None
    initial_balance: float
    timeframes: list[str]
    params: dict[str, Any]
    state: BacktestState
    progress: float = Field(ge=0, le=1)
    error: str = Field(description="why it failed")
    created: datetime


class Grid(Study):
    """A grid of backtests."""

    x: GridAxis
    y: GridAxis


class RefusedCell(BaseModel):
    """A pair of values that gave no result, and why."""

    x: ParamValue
    y: ParamValue
    fact: str


class GridDetail(Grid):
    """A grid with its matrices, once it is done."""

    figures: dict[str, list[list[float | None]]] = Field(
        description="`total_return`, `sharpe_ratio`, `max_drawdown`, `win_rate`, `total_trades`, `final_balance`: "
        "a row for each value of y, in it a number for each of x"
    )
    refused: list[RefusedCell]


class Verification(Study):
    """A strategy held against everything that makes a backtest lie."""

    passed: bool | None = Field(description="whether no check failed; absent until it is done")


class Check(BaseModel):
    """One check, and what it found."""

    name: str = Field(description="`look-ahead`, `start`, `forms`, `streaming`, `costs` or `delay`")
    passed: bool | None = Field(description="absent where it only informs, or does not apply")
    fact: str
    rows: list[dict[str, Any]] = Field(description="figures behind it, for a table")


class VerificationDetail(Verification):
    """A verification with its table, once it is done."""

    bars: int
    checks: list[Check]
