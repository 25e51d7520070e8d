"""An order that executes up to half a minute after its send went unanswered is never doubled, and always booked."""

from __future__ import annotations

import pytest
from tradebot_native import Signal

from live_market import SECOND, Live, of_kind
from tradebot.core.event import Concluded, OrderNotFound, Query
from tradebot.risk import Protection

CASES = 1_000


class Venue:
    """Has the order from a moment on, and does not know it before; its stream brings the trade later, or never."""

    def __init__(self, live: Live, executes: float | None, streams: float | None) -> None:
        self.live = live
        self.executes = None if executes is None else live.now + int(executes * SECOND)
        self.streams = None if executes is None or streams is None else live.now + int((executes + streams) * SECOND)
        self.fill = live.fill("run-0", 1.0)

    def answer(self, query: Query) -> None:
        if self.executes is not None and self.live.now >= self.executes:
            self.live.report("run-0", "filled", fill=self.fill)
        else:
            self.live.give(OrderNotFound(self.live.now, query.order_id))

    def stream(self) -> None:
        if self.streams is not None and self.live.now >= self.streams:
            self.streams = None
            self.live.report("run-0", "filled", fill=self.fill)
        if "run-0-sl" in self.live.submitted() and self.live.order("run-0-sl").state == "submitted":
            self.live.report("run-0-sl", "accepted")


def run(executes: float | None, streams: float | None) -> Live:
    live = Live({0: Signal("long"), 1: Signal("long")}, protection=Protection(stop_loss_pct=0.1))
    live.bar()
    live.report("run-0", "unknown", "timeout")
    venue = Venue(live, executes, streams)
    for _ in range(75):
        for query in of_kind(Query, live.wait(1)):
            venue.answer(query)
        venue.stream()
    return live


@pytest.mark.parametrize("streams", [0.0, 0.7, 40.0, None], ids=["at once", "soon", "late", "never"])
def test_it_is_sent_once_booked_once_and_protected(streams: float | None):
    for case in range(CASES // 4):
        live = run(30.0 * case / (CASES // 4 - 1), streams)
        assert live.submitted().count("run-0") == 1
        assert live.position == 1.0
        assert live.order("run-0").state == "filled"
        assert live.submitted() == ["run-0", "run-0-sl"]


def test_one_that_never_executes_is_given_up_and_its_market_opens_again():
    live = run(None, None)
    assert (live.position, live.order("run-0").state) == (0.0, "rejected")
    assert [each.state for each in of_kind(Concluded, live.outputs)] == ["rejected"]
    live.bar()
    assert live.submitted() == ["run-0", "run-1"]
