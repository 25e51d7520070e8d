"""Tables of a kept run as answers."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

import numpy as np

from tradebot.api.schemas.research import EquityCurve, Table
from tradebot.core.instant import to_datetime
from tradebot.research.runs.record import RunRecord
from tradebot.research.runs.store import RunStore


def rows_of(store: RunStore, record: RunRecord, name: str, limit: int, offset: int) -> Table:
    """Some rows of a table: ``fills``, ``orders`` or ``trades``."""
    frame = store.table(record, name)
    items = [
        {column: _plain(value) for column, value in row.items()}
        for row in frame[offset : offset + limit].iter_rows(named=True)
    ]
    return Table(columns=frame.columns, items=items, limit=limit, offset=offset, total=len(frame))


def equity_of(store: RunStore, record: RunRecord, points: int) -> EquityCurve:
    """Equity and drawdown after bars of the run, thinned to ``points``."""
    frame = store.table(record, "equity")
    values = frame["equity"].to_numpy()
    peaks = np.maximum.accumulate(values)
    drawdown = np.divide(values, peaks, out=np.ones_like(values), where=peaks > 0) - 1.0
    rows = np.unique(np.linspace(0, len(values) - 1, min(points, len(values))).astype(np.int64))
    ts = frame["time"].cast(int).to_numpy()[rows].tolist()
    return EquityCurve(
        time=[to_datetime(each) for each in ts], equity=values[rows].tolist(), drawdown=drawdown[rows].tolist()
    )


def _plain(value: Any) -> Any:
    """The value as JSON can have it: no span, no nan."""
    if isinstance(value, timedelta):
        return value.total_seconds()
    return None if isinstance(value, float) and not math.isfinite(value) else value
