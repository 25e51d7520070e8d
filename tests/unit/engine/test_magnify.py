"""Finer bars inside the bars of a backtest."""

from __future__ import annotations

import numpy as np
import pytest

import tradebot
from tradebot import Strategy
from tradebot.core.bar import BarArray
from tradebot.core.errors import DataError
from tradebot.core.instrument import instrument_for
from tradebot.engine.magnify import magnify

MINUTE = 60_000_000_000


def minutes(rows: list[tuple[float, float, float, float]], symbol: str = "BTCUSDT") -> BarArray:
    prices = np.array(rows, float).T
    ts = np.arange(len(rows), dtype=np.int64) * MINUTE
    return BarArray(instrument_for(symbol, "binance_usdm"), "1m", ts, *prices, np.full(len(rows), 100.0))


class BuyOnceWithStopAndTarget(Strategy):
    """Buys on the first bar; stop and target both lie in the third."""

    def on_bar(self, bar: tradebot.Bar) -> tradebot.Signal | None:
        return self.long(stop_loss=95.0, take_profit=105.0) if bar.ts == 0 else None


FLAT = (100.0, 100.0, 100.0, 100.0)
# The third bar of two minutes holds 94 and 106: first up, then down.
RISES_FIRST = minutes([FLAT, FLAT, FLAT, FLAT, (100.0, 106.0, 100.0, 104.0), (104.0, 104.0, 94.0, 94.0)])
FALLS_FIRST = minutes([FLAT, FLAT, FLAT, FLAT, (100.0, 100.0, 94.0, 96.0), (96.0, 106.0, 96.0, 106.0)])


def exit_price(finer: BarArray, *, magnified: bool) -> tuple[float, int]:
    bars = finer.resample("2m")
    result = tradebot.backtest(BuyOnceWithStopAndTarget(), bars, magnify=finer if magnified else None)
    return float(result.outcome.trades["exit_price"][0]), result.outcome.ambiguous_bars


def test_without_finer_bars_the_stop_fills_before_the_target() -> None:
    assert exit_price(RISES_FIRST, magnified=False) == (95.0, 1)


def test_finer_bars_tell_which_of_stop_and_target_came_first() -> None:
    assert exit_price(RISES_FIRST, magnified=True) == (105.0, 0)
    assert exit_price(FALLS_FIRST, magnified=True) == (95.0, 0)


def test_a_finer_bar_that_holds_both_is_ambiguous_once() -> None:
    both = minutes([FLAT, FLAT, FLAT, FLAT, (100.0, 106.0, 94.0, 100.0), (100.0, 106.0, 94.0, 100.0)])
    assert exit_price(both, magnified=True) == (95.0, 1)


def test_the_report_names_the_finer_bars() -> None:
    result = tradebot.backtest(BuyOnceWithStopAndTarget(), RISES_FIRST.resample("2m"), magnify=RISES_FIRST)
    assert result.outcome.assumptions.magnified == "BTCUSDT magnified by 1m bars: every bar"


def test_bars_that_the_finer_ones_do_not_make_up_keep_their_own_path() -> None:
    bars = RISES_FIRST.resample("2m")
    holes = RISES_FIRST[:5]
    found = magnify(bars, holes)
    assert (found.ends > found.starts).tolist() == [True, True, False]
    assert found.note == (
        "BTCUSDT magnified by 1m bars: 2 of 3 bars; of the others the finer bars are missing or disagree"
    )
    result = tradebot.backtest(BuyOnceWithStopAndTarget(), bars, magnify=holes)
    assert result.outcome.trades["exit_price"][0] == 95.0


@pytest.mark.parametrize(
    ("finer", "fact"),
    [
        (RISES_FIRST.resample("2m"), "2m bars do not magnify 2m bars"),
        (minutes([(200.0, 200.0, 200.0, 200.0)] * 6), "its 1m bars make up none of the 2m bars"),
        (minutes([FLAT] * 6, "ETHUSDT"), "ETHUSDT is not traded"),
        ([RISES_FIRST, RISES_FIRST], "BTCUSDT comes twice"),
    ],
)
def test_finer_bars_that_do_not_fit_are_refused(finer: BarArray, fact: str) -> None:
    with pytest.raises(DataError, match=fact):
        tradebot.backtest(BuyOnceWithStopAndTarget(), RISES_FIRST.resample("2m"), magnify=finer)


def test_a_magnified_run_that_is_saved_and_resumed_ends_the_same() -> None:
    from tradebot.engine.backtest import Backtest

    bars = RISES_FIRST.resample("2m")
    whole = Backtest(BuyOnceWithStopAndTarget(), bars, magnify=RISES_FIRST)
    whole.advance()
    for stop in range(len(bars) + 1):
        first = Backtest(BuyOnceWithStopAndTarget(), bars, magnify=RISES_FIRST)
        first.advance(stop)
        second = Backtest(BuyOnceWithStopAndTarget(), bars, magnify=RISES_FIRST)
        second.restore(first.save())
        second.advance()
        assert second.outcome().equity.tolist() == whole.outcome().equity.tolist()
