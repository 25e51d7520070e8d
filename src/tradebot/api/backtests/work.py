"""One backtest, from request to kept run, inside a worker process."""

from __future__ import annotations

import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import msgspec

from tradebot.core.errors import DataError
from tradebot.core.instant import to_ns
from tradebot.core.interval import Interval

if TYPE_CHECKING:
    from tradebot.core.bar import BarArray

MOCK: Final = "mock"
MOCK_START: Final = "2024-01-01"
MOCK_BARS: Final = 50_000
_MOST_MOCK_BARS: Final = 3_000_000
_TELL_EVERY_S: Final = 0.1


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker is given.

    Parameters
    ----------
    id : identity of the run to be.
    slot : place of its flag of cancellation.
    interval : of the bars it trades on.
    source : ``store``, or ``mock`` for the built-in market.
    roles : role by interval.
    home, runs : folders of market data and of kept runs.
    """

    id: UUID
    slot: int
    symbol: str
    strategy: str
    interval: str
    source: str
    start: str | None
    end: str | None
    roles: dict[str, str]
    cash: float
    commission: float | None
    params: dict[str, Any]
    home: Path
    runs: Path

    def asked(self) -> dict[str, Any]:
        """The request as ``tradebot backtest`` has it, so that ``tradebot runs repeat`` can ask again."""
        is_mock = self.source == MOCK
        options: dict[str, Any] = {
            "strategy": self.strategy,
            "params": [f"{name}={value}" for name, value in self.params.items()],
            "tf_roles": [f"{role}={interval}" for interval, role in self.roles.items()],
            "form": "auto",
            "data": [MOCK] if is_mock else [f"store:{self.symbol}"],
            "symbols": [self.symbol] if is_mock else [],
            "interval": self.interval,
            "venue": None,
            "start": self.start,
            "end": self.end,
            "violations": "refuse",
            "adjusted": False,
            "funding": [],
            "seed": None,
            "bars": None,
            "cash": self.cash,
            "sizer": None,
            "limits": [],
            "protections": [],
            "leverage": 1.0,
            "fees": None if self.commission is None else str(Decimal(str(self.commission))),
            "slippage": "none",
            "fill": "next_open",
            "path": "pessimistic",
            "magnify": [],
            "touch": True,
            "participation": None,
        }
        return {"command": "backtest", "options": options}


class CanceledError(BaseException):
    """The run is no longer wanted. No strategy's fault, so nothing that guards against those may take it for one."""


# What the process was given at its start: flags of cancellation, and the way to tell of progress.
_flags: Any = None
_reports: Any = None


def begin(flags: Any, reports: Any) -> None:
    """Take up what a worker process shares with the server."""
    global _flags, _reports
    _flags, _reports = flags, reports


def run(work: Work) -> dict[str, Any]:
    """Run a backtest and keep it.

    Returns
    -------
    The result as plain values.

    Raises
    ------
    TradebotError : strategy, parameters or data are not as they must be.
    CanceledError : it was canceled.
    """
    from tradebot.research.backtest import backtest
    from tradebot.research.result import BacktestResult
    from tradebot.research.runs.inputs import Inputs
    from tradebot.research.runs.store import RunStore
    from tradebot.strategies import registry

    told = 0.0

    def progress(done: int, total: int) -> None:
        nonlocal told
        now = time.monotonic()
        if now - told < _TELL_EVERY_S:
            return
        told = now
        if _flags[work.slot]:
            raise CanceledError
        _reports.put((work.id, done, total))

    if _flags[work.slot]:
        raise CanceledError
    _reports.put((work.id, 0, 1))
    kind = registry.find(work.strategy)
    bars, notes = _bars(work)
    made = backtest(kind(**work.params), bars, cash=work.cash, tf_roles=work.roles, notes=notes, progress=progress)
    result = BacktestResult(replace(made.outcome, id=work.id))
    RunStore(work.runs).keep(result, request=work.asked(), inputs=Inputs(kind))
    return result.to_dict()


def _bars(work: Work) -> tuple[BarArray, tuple[str, ...]]:
    bars, notes = _mock_bars(work) if work.source == MOCK else _stored_bars(work)
    if work.commission is None:
        return bars, notes
    fee = Decimal(str(work.commission))
    costs = {"maker_fee": fee, "taker_fee": fee, "fee_per_share": Decimal(0), "min_fee": Decimal(0)}
    return replace(bars, instrument=msgspec.structs.replace(bars.instrument, **costs)), notes


def _stored_bars(work: Work) -> tuple[BarArray, tuple[str, ...]]:
    from tradebot.store.library import Library
    from tradebot.store.reading import stored_bars

    start, end = (None if moment is None else to_ns(moment) for moment in (work.start, work.end))
    found = stored_bars(Library(work.home), work.symbol, work.interval, start=start, end=end)
    return found.bars, found.notes


def _mock_bars(work: Work) -> tuple[BarArray, tuple[str, ...]]:
    from tradebot.core.instrument import instrument_for
    from tradebot.feeds.mock import mock_bars

    interval = Interval.parse(work.interval)
    start = to_ns(work.start or MOCK_START)
    count = MOCK_BARS if work.end is None else (to_ns(work.end) - start) // interval.ns
    if not 1 <= count <= _MOST_MOCK_BARS:
        fact = f"{count:,} {interval} bars lie between start and end"
        raise DataError(fact, place="end_date", mend=f"Ask for 1 to {_MOST_MOCK_BARS:,}.")
    instrument = instrument_for(work.symbol, MOCK)
    return mock_bars(work.symbol, interval, count, 1, start=start, instrument=instrument), ()
