"""The bars a strategy builds on: nodes of one instrument, the higher ones seen only once they have closed."""

import numpy as np
import pytest

from tradebot.core.errors import IndicatorError
from tradebot.feeds.mock import mock_bars
from tradebot.indicators import Frame
from tradebot.strategies import Bars, Strategy

MARKET = mock_bars("MOCKUSDT", "1m", 200, seed=2)


class Watcher(Strategy):
    """Declares one node on its own bars and one on higher ones."""

    def setup(self, bars: Bars) -> None:
        self.near = bars.typical
        self.far = self.bars("15m").close

    def on_bar(self, bar):
        return None


def bound() -> tuple[Watcher, Frame]:
    frame = Frame.batch(MARKET)
    return Watcher().bind(0, MARKET.instrument, None, frame), frame  # type: ignore[arg-type]


def test_every_column_is_the_frames_node():
    frame = Frame.batch(MARKET)
    bars = Bars(MARKET.instrument, frame)
    for name in ("open", "high", "low", "close", "volume", "trades", "vwap"):
        np.testing.assert_array_equal(getattr(bars, name).batch(), getattr(MARKET, name))
    np.testing.assert_array_equal(bars.median.batch(), (MARKET.high + MARKET.low) / 2)
    assert repr(bars) == "Bars(MOCKUSDT, 1m)"


def test_a_higher_bar_is_seen_only_once_it_has_closed():
    watcher, frame = bound()
    frame.seek(13)
    assert np.isnan(watcher.far[-1])
    frame.seek(14)
    assert watcher.far[-1] == MARKET.close[14]
    frame.seek(28)
    assert watcher.far[-1] == MARKET.close[14]
    frame.seek(29)
    assert (watcher.far[-1], watcher.far[-2]) == (MARKET.close[29], MARKET.close[14])


def test_a_shorter_interval_than_the_runs_is_refused():
    watcher, _ = bound()
    with pytest.raises(IndicatorError, match="1m bars do not fill 30s bars"):
        watcher.bars("30s")


def test_nodes_are_not_part_of_the_memory():
    watcher, _ = bound()
    assert watcher.state() == {}
