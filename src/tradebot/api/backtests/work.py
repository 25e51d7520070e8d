"""One backtest, from request to kept run, inside a worker process."""

from __future__ import annotations

import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final
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
    """What a worker is given: a backtest, or what else is made of the same market and strategy.

    Parameters
    ----------
    id : identity of the run to be.
    slot : place of its flag of cancellation, which the desk gives it.
    interval : of the bars it trades on.
    source : ``store``, or ``mock`` for the built-in market.
    roles : role by interval.
    home, runs : folders of market data and of kept runs.
    """

    kind: ClassVar[str] = "backtest"

    id: UUID
    slot: int = 0
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


class Progress:
    """Tells the server how far a piece of work is, now and then, and ends it where it is no longer wanted."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._told = 0.0
        self._check()
        _reports.put((work.id, 0, 1))

    def __call__(self, done: int, total: int) -> None:
        """So many of so many steps are done."""
        now = time.monotonic()
        if now - self._told < _TELL_EVERY_S:
            return
        self._told = now
        self._check()
        _reports.put((self._work.id, done, total))

    def _check(self) -> None:
        if _flags[self._work.slot]:
            raise CanceledError


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

    progress = Progress(work)
    kind = registry.find(work.strategy)
    bars, notes = bars_of(work)
    made = backtest(kind(**work.params), bars, cash=work.cash, tf_roles=work.roles, notes=notes, progress=progress)
    result = BacktestResult(replace(made.outcome, id=work.id))
    RunStore(work.runs).keep(result, request=work.asked(), inputs=Inputs(kind))
    return result.to_dict()


def bars_of(work: Work) -> tuple[BarArray, tuple[str, ...]]:
    """The market of a piece of work, and what a report says of its data.

    Raises
    ------
    DataError : there is none of it, or too much.
    """
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
