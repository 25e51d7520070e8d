"""Moments that passed before a live run could decide, one after another, for a policy to remember."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tradebot_native import Bar, Quote

    from tradebot.core.interval import Interval
    from tradebot.engine.decider import Decider
    from tradebot.engine.tape import Tape


class PastSnapshot:
    """The bars of all markets as they were at a past moment; it moves with the history.

    Attributes
    ----------
    ts : close time of the moment's bars, int64 ns UTC.
    bars : the latest bar of each market at that moment.
    """

    def __init__(self) -> None:
        self.ts = 0
        self.bars: dict[str, Bar] = {}

    def bar(self, symbol: str, /) -> Bar | None:
        """Latest closed bar of a market; ``None`` before its first."""
        return self.bars.get(symbol)

    def quote(self, symbol: str, /) -> Quote | None:
        """``None``: history has no quotes."""
        return None


def moments(deciders: Mapping[str, Decider], interval: Interval, after: int, before: int) -> Iterator[PastSnapshot]:
    """Every bar close between two times, both excluded, with the bars of all markets as they were then.

    Parameters
    ----------
    deciders : the markets, with the bars they have taken.
    interval : length of the bars.
    after, before : int64 ns UTC.
    """
    snapshot = PastSnapshot()
    passed: dict[int, dict[str, Bar]] = {}
    for symbol, decider in deciders.items():
        known, missed = _split(decider.bars, interval, after)
        if known is not None:
            snapshot.bars[symbol] = known
        for close_ts, bar in missed:
            passed.setdefault(close_ts, {})[symbol] = bar
    for ts in sorted(passed):
        if ts < before:
            snapshot.ts = ts
            snapshot.bars |= passed[ts]
            yield snapshot


def _split(bars: Tape, interval: Interval, after: int) -> tuple[Bar | None, list[tuple[int, Bar]]]:
    """The last bar that had closed by a time, and those that closed later with the times of their closes."""
    later: list[tuple[int, Bar]] = []
    # From the end: once a run is under way there are one or two.
    for bar in reversed(bars):
        close_ts = interval.close_of(bar.ts)
        if close_ts <= after:
            return bar, later
        later.append((close_ts, bar))
    return None, later
