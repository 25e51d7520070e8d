"""smartmoneyconcepts: every function once; ``python -m benchmarks.peers.smartmoneyconcepts_peer BARS [CALLS]``."""

from __future__ import annotations

import contextlib
import io
import sys
import warnings
from importlib import metadata

import numpy as np
import pandas as pd

from benchmarks import data
from benchmarks.measure import report

with contextlib.redirect_stdout(io.StringIO()):  # it greets whoever imports it
    from smartmoneyconcepts import smc


def structures(bars: pd.DataFrame) -> dict[str, float]:
    swings = smc.swing_highs_lows(bars, swing_length=data.SWING)
    lines, blocks, gaps = smc.bos_choch(bars, swings), smc.ob(bars, swings), smc.fvg(bars)
    liquidity = smc.liquidity(bars, swings)
    smc.retracements(bars, swings)
    days, session = smc.previous_high_low(bars), smc.sessions(bars, "London")
    marks = (swings["HighLow"], lines["BOS"], lines["CHOCH"], blocks["OB"], gaps["FVG"], liquidity["Liquidity"])
    prices = (
        swings["Level"], lines["Level"], blocks["Top"], gaps["Bottom"], liquidity["Level"], days["PreviousHigh"],
        session["High"],
    )  # fmt: skip
    return {
        "trades": sum(int(mark.notna().sum()) for mark in marks),
        "equity": sum(float(np.nansum(price.to_numpy(dtype=float))) for price in prices),
    }


def main(count: int, calls: int = 1) -> None:
    columns = data.one(count)
    bars = pd.DataFrame({name: columns[name] for name in data.FIELDS[1:]}, index=pd.to_datetime(columns["ts"]))
    warnings.simplefilter("ignore")
    report(lambda: structures(bars), units=count, calls=calls, version=metadata.version("smartmoneyconcepts"))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
