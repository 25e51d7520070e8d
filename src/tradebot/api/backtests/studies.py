"""Heat maps and verifications inside a worker process, beside plain backtests."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, ClassVar

from tradebot.api.backtests.work import Progress, Work, bars_of, run


class GridWork(Work, frozen=True, kw_only=True):
    """Backtests over a grid of two parameters; each is a name and its values."""

    kind: ClassVar[str] = "grid"

    x: tuple[str, tuple[Any, ...]]
    y: tuple[str, tuple[Any, ...]]


class VerificationWork(Work, frozen=True, kw_only=True):
    """A strategy held against everything that makes a backtest lie."""

    kind: ClassVar[str] = "verification"


def perform(work: Work) -> dict[str, Any]:
    """Do a piece of work.

    Returns
    -------
    The result as plain values.

    Raises
    ------
    TradebotError : strategy, parameters or data are not as they must be.
    CanceledError : it was canceled.
    """
    match work:
        case GridWork():
            return _grid(work)
        case VerificationWork():
            return _verification(work)
        case _:
            return run(work)


def _grid(work: GridWork) -> dict[str, Any]:
    from tradebot.research.grid import Axis, grid
    from tradebot.strategies import registry

    progress = Progress(work)
    bars, _ = bars_of(work)
    made = grid(
        registry.find(work.strategy),
        bars,
        Axis(*work.x),
        Axis(*work.y),
        params=work.params,
        cash=work.cash,
        tf_roles=work.roles,
        progress=progress,
    )
    return {"figures": made.figures, "refused": [asdict(each) for each in made.refused]}


def _verification(work: VerificationWork) -> dict[str, Any]:
    from tradebot.engine.context import with_roles
    from tradebot.research.verify import verify
    from tradebot.strategies import registry

    progress = Progress(work)
    decider = with_roles(registry.find(work.strategy)(**work.params), work.roles)
    bars, _ = bars_of(work)
    return verify(decider, bars, progress=progress, cash=work.cash).as_dict()
