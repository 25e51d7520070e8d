"""Fingerprints of market data: the same bars have the same one on every machine, a changed bit has another."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from tradebot.research.runs.inputs import Inputs
from tradebot.research.runs.record import MarketPrint

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tradebot.core.bar import BarArray
    from tradebot.engine.market import FundingRates

NO_INPUTS: Final = Inputs()


def market_prints(markets: Sequence[BarArray], inputs: Inputs = NO_INPUTS) -> tuple[MarketPrint, ...]:
    """Fingerprint of each market of a run.

    Parameters
    ----------
    markets : bars in instrument order; none may be empty.
    inputs : funding and finer bars; what of them lies outside the bars is passed over.
    """
    finer = {bars.symbol: bars for bars in inputs.finer or ()}
    paid = inputs.funding or {}
    return tuple(_print_of(bars, paid.get(bars.symbol), finer.get(bars.symbol)) for bars in markets)


def columns_digest(columns: Mapping[str, NDArray[Any]]) -> str:
    """SHA-256 over the names, lengths and little-endian bytes of columns, in order of name."""
    digest = hashlib.sha256()
    for name in sorted(columns):
        column = np.ascontiguousarray(columns[name])
        digest.update(f"{name}:{len(column)}:".encode())
        digest.update(column.astype(column.dtype.newbyteorder("<"), copy=False).data.cast("B"))
    return digest.hexdigest()


def _print_of(bars: BarArray, payments: FundingRates | None, finer: BarArray | None) -> MarketPrint:
    start, end = int(bars.ts[0]), int(bars.close_ts[-1])
    paid = {} if payments is None else _paid(payments, start, end)
    inside = None if finer is None else finer.between(start, end)
    return MarketPrint(
        symbol=bars.symbol,
        venue=bars.instrument.venue,
        interval=str(bars.interval),
        first=start,
        last=int(bars.ts[-1]),
        rows=len(bars),
        digest=columns_digest(bars.columns()),
        instrument=msgspec.to_builtins(bars.instrument),
        funding=len(paid["ts"]) if paid else 0,
        funding_digest=columns_digest(paid) if paid else "",
        finer="" if inside is None else f"{len(inside):,} of {inside.interval}",
        finer_digest="" if inside is None else columns_digest(inside.columns()),
    )


def _paid(payments: FundingRates, start: int, end: int) -> dict[str, NDArray[Any]]:
    """Payments that fall into the run; those before and after do not touch it."""
    first, last = np.searchsorted(payments.ts, start), np.searchsorted(payments.ts, end, side="right")
    return {"ts": payments.ts[first:last], "rate": payments.rate[first:last], "mark": payments.mark[first:last]}
