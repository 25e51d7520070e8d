"""Smart money structures; ``python -m benchmarks.ours.structures facts|columns BARS [CALLS]``."""

from __future__ import annotations

import sys

import numpy as np

import tradebot
from benchmarks import data
from benchmarks.measure import Answer, report
from tradebot.indicators import Columns, Frame, smc

CHOSEN = smc.Settings(swing_length=data.SWING)


def facts(bars: Columns) -> Answer:
    """Every fact with its moments, as tables."""
    tables = smc.structures(bars, CHOSEN)
    return {"trades": sum(map(len, tables)), "equity": float(tables.swings["level"].sum())}


def columns(bars: Columns) -> Answer:
    """What the package gives, its session and previous day included."""
    tables = smc.package_columns(bars, CHOSEN)
    frame = Frame.batch(bars)
    days, session = smc.previous_high_low(frame), smc.session(frame, "London")
    marks = (
        tables.swing_highs_lows["HighLow"], tables.bos_choch["BOS"], tables.bos_choch["CHOCH"], tables.ob["OB"],
        tables.fvg["FVG"], tables.liquidity["Liquidity"],
    )  # fmt: skip
    levels = (
        tables.swing_highs_lows["Level"], tables.bos_choch["Level"], tables.ob["Top"], tables.fvg["Bottom"],
        tables.liquidity["Level"],
    )  # fmt: skip
    prices = (*(level.to_numpy() for level in levels), days.high.batch(), session.high.batch())
    return {
        "trades": sum(int(np.count_nonzero(~np.isnan(mark.to_numpy()))) for mark in marks),
        "equity": sum(float(np.nansum(price)) for price in prices),
    }


def main(what: str, count: int, calls: int = 5) -> None:
    rows = data.one(count)
    bars = Columns.from_arrays("1m", *(rows[name] for name in data.FIELDS))
    call = {"facts": facts, "columns": columns}[what]
    report(lambda: call(bars), units=count, calls=calls, version=tradebot.__version__)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
