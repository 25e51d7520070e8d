"""Directional movement where the quotients have nothing to divide."""

from __future__ import annotations

import numpy as np

from tradebot import indicators as ta

MINUTE = 60_000_000_000


def market(close: np.ndarray, spread: float) -> ta.Frame:
    ts = np.arange(len(close), dtype=np.int64) * MINUTE
    return ta.Frame.batch(ta.Columns.from_arrays("1m", ts, close, close + spread, close - spread, close, close))


def test_a_market_at_rest_has_no_direction_and_no_strength() -> None:
    frame = market(np.full(60, 100.0), 0.0)
    for line in (ta.plus_di(frame, 14), ta.minus_di(frame, 14), ta.dx(frame, 14), ta.adx(frame, 14)):
        np.testing.assert_array_equal(line.batch()[line.warmup :], 0.0)


def test_a_market_that_only_rises_has_all_the_strength_there_is() -> None:
    frame = market(np.arange(100.0, 160.0), 0.5)
    assert ta.minus_di(frame, 14).batch()[-1] == 0.0
    np.testing.assert_allclose(ta.adx(frame, 14).batch()[27:], 100.0)


def test_each_line_is_known_from_the_bar_wilder_gives() -> None:
    frame = market(np.arange(100.0, 160.0), 0.5)
    first = {line: getattr(ta, line)(frame, 14).warmup for line in ("plus_di", "dx", "adx", "adxr")}
    assert first == {"plus_di": 14, "dx": 14, "adx": 27, "adxr": 41}
