"""From a request to work: everything that can be wrong is found before it is queued."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from tradebot.api.backtests.studies import GridWork, VerificationWork
from tradebot.api.backtests.work import MOCK, Work
from tradebot.api.problems import RequestError
from tradebot.core.errors import DataError, TradebotError, did_you_mean
from tradebot.core.instant import to_ns
from tradebot.core.interval import Interval
from tradebot.store.library import AbsentError, find_series
from tradebot.strategies import registry

if TYPE_CHECKING:
    from tradebot.api.schemas.research import BacktestRequest
    from tradebot.api.schemas.studies import GridAxis, GridRequest
    from tradebot.api.services import Services
    from tradebot.strategies.registry import Kind

_BASE = "LTF"
_DEFAULT_INTERVAL = "1h"
_MOST_CELLS: Final = 2_500


def work_of(request: BacktestRequest, services: Services) -> Work:
    """What a worker needs for a backtest.

    Raises
    ------
    TradebotError : strategy, parameters, timeframes, span or market do not fit; the place names the field.
    """
    return Work(**_shared(request, services))


def verification_of(request: BacktestRequest, services: Services) -> VerificationWork:
    """What a worker needs for a verification; refuses as :func:`work_of`."""
    return VerificationWork(**_shared(request, services))


def grid_of(request: GridRequest, services: Services) -> GridWork:
    """What a worker needs for a grid.

    Raises
    ------
    TradebotError : as :func:`work_of`, or an axis is no parameter of the strategy or holds a value it cannot take.
    """
    if request.x.name == request.y.name:
        raise RequestError(422, "both axes are the same parameter", place="y.name", mend="Choose another.")
    cells = len(request.x.values) * len(request.y.values)
    if cells > _MOST_CELLS:
        mend = f"Give values for {_MOST_CELLS:,} at most."
        raise RequestError(422, f"the grid has {cells:,} cells", place="y.values", mend=mend)
    kind = kind_of(request.strategy)
    for axis in ("x", "y"):
        wanted: GridAxis = getattr(request, axis)
        _check_name(kind, wanted.name, f"{axis}.name")
        if wanted.name in request.params:
            mend = "Leave it out there."
            raise RequestError(422, f"{wanted.name} is an axis", place=f"params.{wanted.name}", mend=mend)
        for number, value in enumerate(wanted.values):
            _check_value(kind, wanted.name, value, f"{axis}.values.{number}")
    # A pair that the strategy does not take is told in its cell.
    axes = {axis: (wanted.name, tuple(wanted.values)) for axis, wanted in (("x", request.x), ("y", request.y))}
    return GridWork(**_shared(request, services, pairs=True), **axes)  # type: ignore[arg-type]


def _shared(request: BacktestRequest, services: Services, *, pairs: bool = False) -> dict[str, Any]:
    kind = kind_of(request.strategy)
    _check_params(kind, request.params, whole=not pairs)
    interval = _interval(request)
    if request.start_date and request.end_date and to_ns(request.start_date) >= to_ns(request.end_date):
        raise DataError("it is not after start_date", place="end_date", mend="Give a later one.")
    return {
        "id": uuid4(),
        "symbol": request.symbol,
        "strategy": kind.name,
        "interval": interval,
        "source": _source(request, services),
        "start": request.start_date,
        "end": request.end_date,
        "roles": {each: role for each, role in request.tf_roles.items() if role != _BASE},
        "cash": request.initial_balance,
        "commission": request.commission,
        "params": dict(request.params),
        "home": services.library.root,
        "runs": services.runs.root,
    }


def kind_of(strategy: str, *, status: int = 422, place: str = "strategy") -> Kind:
    """The strategy of a name, or of two mixins written as ``Entry+Exit``.

    Raises
    ------
    RequestError : there is none, with this status at this place.
    """
    try:
        return registry.find(strategy)
    except TradebotError as error:
        # A command is no help to whoever asks from a program.
        mend = "GET /api/v1/strategies lists them." if "`tradebot" in error.mend else error.mend
        raise RequestError(status, error.fact, place=place, mend=mend) from None


def _check_params(kind: Kind, params: Mapping[str, Any], *, whole: bool) -> None:
    for name, value in params.items():
        _check_name(kind, name, f"params.{name}")
        _check_value(kind, name, value, f"params.{name}")
    if not whole:
        return
    try:
        kind(**params)
    except TradebotError as error:
        raise RequestError(422, str(error), place="params") from None


def _check_name(kind: Kind, name: str, place: str) -> None:
    if name not in kind.parameters:
        mend = did_you_mean(name, kind.parameters) or f"There are {', '.join(kind.parameters) or 'none'}."
        raise RequestError(422, f"{kind.name} has no such parameter", place=place, mend=mend)


def _check_value(kind: Kind, name: str, value: Any, place: str) -> None:
    try:
        kind.parameters[name].check(value)
    except TradebotError as error:
        raise RequestError(422, error.fact, place=place, mend=error.mend) from None


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
