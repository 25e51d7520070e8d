"""Backtests as answers, whether they wait, run, or were kept by anybody."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tradebot.api.backtests.desk import Job
from tradebot.api.problems import RequestError
from tradebot.api.schemas.research import Backtest, BacktestDetail
from tradebot.api.services import Services
from tradebot.core.errors import DataError
from tradebot.core.instant import to_datetime, to_ns
from tradebot.research.runs.record import RunRecord

_FIGURES: Final = (
    "symbol", "strategy", "start_date", "end_date", "initial_balance", "final_balance", "total_return", "max_drawdown",
    "sharpe_ratio", "total_trades", "winning_trades", "losing_trades", "win_rate", "params",
)  # fmt: skip
_DETAILS: Final = ("statistics", "costs", "assumptions")


def all_backtests(services: Services, limit: int, before: datetime | None) -> list[Backtest]:
    """The newest ones, of those that were asked for or kept before a time where it is given."""
    pending = [of_job(job) for job in services.backtests.jobs() if job.state != "done"]
    earlier = [each for each in pending if before is None or each.created < before]
    kept = [_of_record(record) for record in services.runs.shelf(limit, before=before).records]
    return sorted([*earlier, *kept], key=lambda each: each.created, reverse=True)[:limit]


def one_backtest(services: Services, wanted: UUID) -> BacktestDetail:
    """One of them.

    Raises
    ------
    RequestError : there is none.
    """
    job = services.backtests.job(wanted)
    if job is not None and job.state != "done":
        return BacktestDetail(**of_job(job).model_dump())
    record = kept_run(services, wanted)
    details: dict[str, Any] = {name: record.result[name] for name in _DETAILS}
    return BacktestDetail(**_of_record(record).model_dump(), **details)


def kept_run(services: Services, wanted: UUID) -> RunRecord:
    """Record of a backtest that is done.

    Raises
    ------
    RequestError : there is none, or it is not done.
    """
    job = services.backtests.job(wanted)
    if job is not None and job.state != "done":
        raise RequestError(409, f"the backtest is {job.state}", place="id", mend="Wait until it is done.")
    if wanted.hex not in services.runs.names():
        raise RequestError(404, f"there is no backtest {wanted}", place="id", mend="GET /api/v1/backtests lists them.")
    try:
        return services.runs.record(wanted.hex)
    except DataError as error:
        raise RequestError(410, error.fact, place=error.place, mend=error.mend) from None


def of_job(job: Job) -> Backtest:
    """A backtest that is not kept yet."""
    work = job.work
    return Backtest(
        id=str(work.id),
        symbol=work.symbol,
        strategy=work.strategy,
        start_date=_moment(work.start),
        end_date=_moment(work.end),
        initial_balance=work.cash,
        commission=work.commission,
        state=job.state,  # type: ignore[arg-type]
        progress=job.progress,
        error=job.error,
        created=to_datetime(job.created),
        timeframes=[work.interval, *work.roles],
        params=work.params,
    )


def _of_record(record: RunRecord) -> Backtest:
    figures = {name: record.result[name] for name in _FIGURES}
    created: datetime = record.kept_at
    intervals = list(dict.fromkeys(market.interval for market in record.data))
    return Backtest(
        id=str(record.id),
        commission=_commission(record),
        state="done",
        progress=1.0,
        created=created,
        timeframes=intervals,
        **figures,
    )


def _commission(record: RunRecord) -> float | None:
    """The share that was asked for in place of the venue's fees, where maker and taker pay the same."""
    if record.request.get("options", {}).get("fees") is None:
        return None
    shares = {float(market.instrument[fee]) for market in record.data for fee in ("maker_fee", "taker_fee")}
    return shares.pop() if len(shares) == 1 else None


def _moment(text: str | None) -> str | None:
    """A moment as a result spells it, however it was asked for."""
    return None if text is None else to_datetime(to_ns(text)).isoformat()
