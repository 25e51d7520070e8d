"""A kept run brought back as the result it was, for every view that a fresh result has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from tradebot.core.errors import DataError
from tradebot.core.instrument import Instrument
from tradebot.engine.outcome import Assumptions, Costs, Records, RunOutcome
from tradebot.research.result import BacktestResult, Rerun
from tradebot.research.runs.fingerprint import market_prints

if TYPE_CHECKING:
    from tradebot.core.bar import BarArray
    from tradebot.research.runs.record import MarketPrint, RunRecord
    from tradebot.research.runs.store import RunStore


def revive(
    store: RunStore, record: RunRecord, markets: Sequence[BarArray], *, rerun: Rerun | None = None
) -> BacktestResult:
    """The result of a kept run, over the bars it was made of.

    Parameters
    ----------
    markets : the bars, loaded anew; held against their fingerprints.
    rerun : as for :class:`BacktestResult`.

    Raises
    ------
    DataError : the bars are not those of the run, or a table of it is gone or damaged.
    """
    bars = tuple(_as_recorded(each, market) for each, market in zip(record.data, markets, strict=True))
    result = record.result
    equity = store.table(record, "equity")
    ts, values = equity["time"].cast(int).to_numpy(), equity["equity"].to_numpy()
    outcome = RunOutcome(
        strategy=result["strategy"],
        version=result["version"],
        params=result["params"],
        symbols=tuple(result["symbols"]),
        initial_cash=result["initial_balance"],
        final_equity=result["final_balance"],
        equity=values,
        records=Records(
            times=lambda: ts.astype(np.int64),
            fills=lambda: store.columns(record, "fills"),
            orders=lambda: store.columns(record, "orders"),
            trades=lambda: store.columns(record, "trades"),
            tags=lambda: record.tags,
        ),
        costs=msgspec.convert(result["costs"], Costs),
        ambiguous_bars=result["ambiguous_bars"],
        end_positions=result["end_positions"],
        assumptions=msgspec.convert(result["assumptions"], Assumptions),
        bars=bars,
        halted=result["halted"],
        id=record.id,
    )
    return BacktestResult(outcome, rerun=rerun)


def _as_recorded(known: MarketPrint, bars: BarArray) -> BarArray:
    """The bars under the steps and fees of the run, once they are found to be the run's."""
    found = market_prints([bars])[0] if len(bars) else None
    if found is None or found.digest != known.digest or found.symbol != known.symbol:
        raise DataError(
            "the bars have changed since the run was kept",
            place=f"bars of {known.symbol}",
            mend="Bring the old ones back, or make a new run: `tradebot runs repeat` tells what is different.",
        )
    return replace(bars, instrument=msgspec.convert(known.instrument, Instrument))
