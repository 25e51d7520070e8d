"""From a request to work: everything that can be wrong is found before it is queued."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from tradebot.api.backtests.work import MOCK, Work
from tradebot.api.problems import RequestError
from tradebot.core.errors import DataError, TradebotError, did_you_mean
from tradebot.core.instant import to_ns
from tradebot.core.interval import Interval
from tradebot.store.library import AbsentError, find_series
from tradebot.strategies import registry

if TYPE_CHECKING:
    from tradebot.api.schemas.research import BacktestRequest
    from tradebot.api.services import Services
    from tradebot.strategies.registry import Kind

_BASE = "LTF"
_DEFAULT_INTERVAL = "1h"


def work_of(request: BacktestRequest, services: Services) -> Work:
    """What a worker needs for a request.

    Raises
    ------
    TradebotError : strategy, parameters, timeframes, span or market do not fit; the place names the field.
    """
    kind = _strategy(request)
    interval = _interval(request)
    if request.start_date and request.end_date and to_ns(request.start_date) >= to_ns(request.end_date):
        raise DataError("it is not after start_date", place="end_date", mend="Give a later one.")
    return Work(
        id=uuid4(),
        slot=services.backtests.free_slot(),
        symbol=request.symbol,
        strategy=kind.name,
        interval=interval,
        source=_source(request, services),
        start=request.start_date,
        end=request.end_date,
        roles={each: role for each, role in request.tf_roles.items() if role != _BASE},
        cash=request.initial_balance,
        commission=request.commission,
        params=dict(request.params),
        home=services.library.root,
        runs=services.runs.root,
    )


def _strategy(request: BacktestRequest) -> Kind:
    try:
        kind = registry.find(request.strategy)
    except TradebotError as error:
        raise RequestError(422, error.fact, place="strategy", mend=error.mend) from None
    for name, value in request.params.items():
        if name not in kind.parameters:
            mend = did_you_mean(name, kind.parameters) or f"There are {', '.join(kind.parameters) or 'none'}."
            raise RequestError(422, f"{kind.name} has no such parameter", place=f"params.{name}", mend=mend)
        try:
            kind.parameters[name].check(value)
        except TradebotError as error:
            raise RequestError(422, error.fact, place=f"params.{name}", mend=error.mend) from None
    try:
        kind(**request.params)
    except TradebotError as error:
        raise RequestError(422, str(error), place="params") from None
    return kind


def _interval(request: BacktestRequest) -> str:
    for interval, role in request.tf_roles.items():
        if role == _BASE:
            return interval
    return min(request.timeframes, key=lambda text: Interval.parse(text).ns, default=_DEFAULT_INTERVAL)


def _source(request: BacktestRequest, services: Services) -> str:
    """``store`` where the market is kept; the built-in market goes by names that begin with MOCK."""
    try:
        find_series(services.library.bars.archive, request.symbol)
    except AbsentError:
        if request.symbol.upper().startswith("MOCK"):
            return MOCK
        mend = "GET /api/v1/symbols lists the markets; `tradebot backfill` or POST /api/v1/data/import brings others."
        raise RequestError(422, f"no bars of {request.symbol} are kept", place="symbol", mend=mend) from None
    return "store"
