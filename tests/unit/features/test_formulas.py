"""Every formula against its definition, written down anew bar by bar."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from datetime import UTC, datetime
from math import cos, log, nan, pi, sin, sqrt
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from tradebot import BarArray, Strategy, backtest, features
from tradebot.features import Feature, Vpin, vpin
from tradebot.feeds.mock import mock_bars
from tradebot.feeds.mock_ticks import mock_ticks

BARS = mock_bars("AUSDT", "1h", 400, seed=5)
WINDOW = 12

OPEN, H, L, C, V = (getattr(BARS, name).tolist() for name in ("open", "high", "low", "close", "volume"))
Definition = Callable[[int], float]


def mean(of: Definition, at: int) -> float:
    return statistics.fmean(of(bar) for bar in range(at - WINDOW + 1, at + 1))


def simple(at: int) -> float:
    return (C[at] - C[at - 1]) / C[at - 1]


def rogers_satchell(at: int) -> float:
    def one(bar: int) -> float:
        up, down, body = log(H[bar] / OPEN[bar]), log(L[bar] / OPEN[bar]), log(C[bar] / OPEN[bar])
        return up * (up - body) + down * (down - body)

    return mean(one, at)


def garman_klass(at: int) -> float:
    return mean(lambda bar: 0.5 * log(H[bar] / L[bar]) ** 2 - (2 * log(2) - 1) * log(C[bar] / OPEN[bar]) ** 2, at)


def yang_zhang(at: int) -> float:
    rows = range(at - WINDOW + 1, at + 1)
    gaps = statistics.variance(log(OPEN[bar]) - log(C[bar - 1]) for bar in rows)
    bodies = statistics.variance(log(C[bar]) - log(OPEN[bar]) for bar in rows)
    k = 0.34 / (1.34 + (WINDOW + 1) / (WINDOW - 1))
    return sqrt(gaps + k * bodies + (1 - k) * rogers_satchell(at))


def roll(at: int) -> float:
    rows = range(at - WINDOW + 1, at + 1)
    covariance = statistics.covariance([simple(bar) for bar in rows], [simple(bar - 1) for bar in rows])
    return 2 * sqrt(max(0.0, -covariance))


def score(values: list[float]) -> Definition:
    def of(at: int) -> float:
        window = values[at - WINDOW + 1 : at + 1]
        return (values[at] - statistics.fmean(window)) / statistics.stdev(window)

    return of


def opened(at: int) -> datetime:
    return datetime.fromtimestamp(int(BARS.ts[at]) / 1e9, UTC)


def in_new_york(at: int) -> float:
    local = opened(at).astimezone(ZoneInfo("America/New_York"))
    place = (local.hour * 60 + local.minute - 570) / 390
    return place if 0 <= place < 1 else nan


DEFINITIONS: dict[str, Definition] = {
    "simple_return:3": lambda at: C[at] / C[at - 3] - 1,
    "log_return:3": lambda at: log(C[at]) - log(C[at - 3]),
    "realized_volatility:12": lambda at: sqrt(mean(lambda bar: log(C[bar] / C[bar - 1]) ** 2, at) * WINDOW),
    "parkinson:12": lambda at: sqrt(mean(lambda bar: log(H[bar] / L[bar]) ** 2, at) / log(16)),
    "garman_klass:12": lambda at: sqrt(garman_klass(at)),
    "rogers_satchell:12": lambda at: sqrt(rogers_satchell(at)),
    "yang_zhang:12": yang_zhang,
    "amihud:12": lambda at: mean(lambda bar: abs(simple(bar)) / (C[bar] * V[bar]) * 1e6, at),
    "roll_spread:12": roll,
    "zscore:12:close": score(C),
    "zscore:12:volume": score(V),
    "rank:12:high": lambda at: (
        (sum((H[bar] < H[at]) + 0.5 * (H[bar] == H[at]) for bar in range(at - WINDOW + 1, at + 1)) + 0.5) / WINDOW
    ),
    "relative_volume:12": lambda at: V[at] / statistics.fmean(V[at - WINDOW : at]),
    "hour_sin": lambda at: sin(2 * pi * opened(at).hour / 24),
    "hour_cos": lambda at: cos(2 * pi * opened(at).hour / 24),
    "weekday_sin": lambda at: sin(2 * pi * opened(at).weekday() / 7),
    "weekday_cos": lambda at: cos(2 * pi * opened(at).weekday() / 7),
    "month_sin": lambda at: sin(2 * pi * (opened(at).month - 1) / 12),
    "month_cos": lambda at: cos(2 * pi * (opened(at).month - 1) / 12),
    "session_sin:0930:1600:America/New_York": lambda at: sin(2 * pi * in_new_york(at)),
    "session_cos:0930:1600:America/New_York": lambda at: cos(2 * pi * in_new_york(at)),
}


def test_every_formula_has_a_definition_here():
    assert {name.partition(":")[0] for name in DEFINITIONS} == set(features.formulas())


@pytest.mark.parametrize("name", DEFINITIONS)
def test_the_expression_is_what_the_definition_says(name: str):
    feature = features.parse(name)
    given = column(BARS, feature)
    wanted = [DEFINITIONS[name](at) for at in range(30, len(BARS))]
    np.testing.assert_allclose(given[30:], wanted, rtol=1e-9, atol=1e-12)


def test_the_session_follows_summer_time():
    before, after = (
        mock_bars("A", "30m", 48, seed=1, start=int(datetime(2024, 3, day, tzinfo=UTC).timestamp()) * 10**9)
        for day in (8, 11)
    )
    shown = [column(bars, features.session_cos()) for bars in (before, after)]
    opens = [int(np.flatnonzero(~np.isnan(each))[0]) for each in shown]
    assert opens == [29, 27]  # half past two, and half past one, in UTC


def test_times_of_any_unit_are_read():
    import polars as pl

    frame = pl.DataFrame(BARS.columns())
    feature = features.hour_sin()
    wanted = frame.select(feature.expr).to_series()
    for unit in ("ms", "us", "ns"):
        times = pl.from_epoch("ts", "ns").dt.cast_time_unit(unit).dt.replace_time_zone("UTC")
        assert frame.with_columns(times).select(feature.expr).to_series().equals(wanted)


def test_vpin_is_the_imbalance_of_equal_buckets():
    ticks = mock_ticks(BARS[:20], seed=2)
    bucket = float(ticks.size.sum()) / 119.5
    given = vpin(ticks, bucket, 10)
    # Within a trade, volume and bought volume grow together: what a bucket holds lies on the line between trades.
    volume = np.concatenate([[0.0], np.cumsum(ticks.size)])
    bought = np.concatenate([[0.0], np.cumsum(ticks.size * (ticks.side > 0))])
    bounds = np.arange(0, int(volume[-1] / bucket) + 1) * bucket
    imbalance = np.abs(2 * np.diff(np.interp(bounds, volume, bought)) - bucket)
    full = np.floor(volume[1:] / bucket * (1 + 1e-12)).astype(int)
    wanted = [imbalance[each - 10 : each].mean() / bucket if each >= 10 else nan for each in full]
    np.testing.assert_allclose(given, wanted, rtol=1e-8)


def test_a_strategy_on_trades_sees_what_the_series_has():
    ticks = mock_ticks(BARS[:3], seed=2)
    bucket = float(ticks.size.sum()) / 60
    seen: list[float] = []

    class Toxic(Strategy):
        """Watches VPIN."""

        def setup(self, bars):
            self.vpin = Vpin(bucket, 10)

        def on_tick(self, tick):
            seen.append(self.vpin.update(tick.size, tick.side))

    backtest(Toxic(), ticks)
    np.testing.assert_array_equal(seen, vpin(ticks, bucket, 10))


def test_vpin_of_one_sided_trading_is_one_and_of_balanced_trading_zero():
    for sides, wanted in (((1, 1), 1.0), ((1, -1), 0.0)):
        measure = Vpin(2.0, 3)
        for _ in range(6):
            for side in sides:
                value = measure.update(1.0, side)
        assert value == wanted


def column(bars: BarArray, feature: Feature) -> np.ndarray:
    return features.table(bars, [feature])[feature.name].cast(float).to_numpy()
