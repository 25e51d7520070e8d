"""Where the books take what the broker holds, the broker's own count of the bot's coins follows."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tradebot_native import Signal

from live_market import Live, of_kind
from local_exchange import SPOT
from tradebot.app.coins import Adopting
from tradebot.core.account import OpenPosition
from tradebot.core.event import Adopted
from tradebot.core.fill import Fill
from tradebot.core.holdings import Holdings


class Counted:
    """A run on spot whose broker counts every trade that it tells."""

    def __init__(self) -> None:
        self.live = Live({0: Signal("long")}, instruments=[SPOT])
        self.holdings = Holdings(("run-",))
        self._adopting = Adopting(self.holdings, self.live.trader)
        self.live.bar()

    def told(self, quantity: float, side: str = "buy", order_id: str = "run-0") -> Fill:
        """A trade that the broker has told, and nobody has heard yet."""
        fill = self.live.fill(order_id, quantity, side=side)
        self.holdings.tell(fill)
        return fill

    def heard(self, fill: Fill) -> None:
        self._seen(lambda: self.live.report(fill.order_id, "partially_filled", fill=fill))

    def shown(self, quantity: str) -> None:
        """The account holds so much, twice, long after the last order."""
        for _ in range(2):
            self.live.wait(20.0)
            held = OpenPosition(symbol="BTCUSDT", quantity=Decimal(quantity), entry_price=Decimal(0))
            self._seen(lambda held=held: self.live.snapshot(positions=(held,)))

    def _seen(self, give: object) -> None:
        outputs = give()  # type: ignore[operator]
        self._adopting.seen(None, outputs)  # type: ignore[arg-type]


@pytest.mark.parametrize("left", ["0.3", "0"])
def test_a_position_that_is_smaller_at_the_broker_is_the_brokers_count_too(left: str):
    run = Counted()
    run.heard(run.told(1.0))
    run.shown(left)
    assert of_kind(Adopted, run.live.outputs) != []
    assert run.holdings.of("BTCUSDT") == Decimal(left) == Decimal(str(run.live.position))


def test_what_is_under_way_meanwhile_counts_once():
    run = Counted()
    run.heard(run.told(1.0))
    run.live.wait(20.0)
    sold = run.told(0.1, "sell", "run-1")
    run.shown("0.3")
    run.heard(sold)
    assert run.holdings.of("BTCUSDT") == Decimal(str(run.live.position))
