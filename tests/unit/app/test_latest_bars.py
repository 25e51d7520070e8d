"""The latest bars of a market, as they are read beside the bot that adds to them."""

import numpy as np

from tradebot.app.latest_bars import LatestBars
from tradebot.feeds.mock import mock_bars

BARS = mock_bars("BTCUSDT", "1m", 1_000, seed=3)


def latest(most: int) -> LatestBars:
    return LatestBars(BARS.instrument, BARS.interval, most)


def test_the_newest_bars_are_kept_however_many_there_were():
    kept = latest(70)
    for count, bar in enumerate(BARS, 1):
        kept.add([bar])
        seen = kept.bars()
        expected = BARS[max(count - 70, 0) : count]
        for name, column in expected.columns().items():
            if name in seen.columns():
                np.testing.assert_array_equal(getattr(seen, name), column)
        assert len(seen) == len(expected)


def test_what_was_read_stays_as_it_was():
    kept = latest(50)
    kept.add(BARS[:50])
    read = kept.bars()
    kept.add(BARS[50:])
    np.testing.assert_array_equal(read.close, BARS.close[:50])
    assert not read.close.flags.writeable


def test_before_the_first_there_are_none():
    assert len(latest(5).bars()) == 0
