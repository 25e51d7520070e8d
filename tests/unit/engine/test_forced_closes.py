"""A position that the simulated venue closes by force: booked under its name, its exits gone, its market closed."""

from __future__ import annotations

from typing import Any

import numpy as np

from paper_run import PaperRun, plan_of
from tradebot.core.bar import BarArray
from tradebot.core.event import Notify, OrderUpdate, Submit
from tradebot.core.instrument import Instrument
from tradebot.core.interval import MINUTE
from tradebot.sizing import FractionOfEquity
from tradebot.strategies import Strategy


class Held(Strategy):
    """Holds, with a stop that no liquidation waits for."""

    def on_bar(self, bar: Any) -> Any:
        return None if self.position else self.long(stop_loss_pct=0.5)


def test_a_liquidation_on_paper_is_booked_and_closes_its_market():
    closes = np.array([100.0, 100.0, 100.0, 90.0, 90.0, 90.0, 90.0])
    opens = np.append(closes[0], closes[:-1])
    bars = BarArray(
        Instrument.binance_perpetual("BTCUSDT"),
        "1m",
        np.arange(len(closes), dtype=np.int64) * MINUTE,
        opens,
        np.maximum(opens, closes),
        np.minimum(opens, closes),
        closes,
        np.ones(len(closes)),
    )
    run = PaperRun(plan_of(Held(), bars, leverage=20.0, sizer=FractionOfEquity(15.0)), bars)
    assert run.trader.portfolio.quantity("BTCUSDT") == 0.0
    assert run.broker.account().positions == run.broker.account().orders == ()
    assert run.trader.portfolio.equity == run.broker._exchange.portfolio.equity
    (forced,) = [
        each.order_id
        for each in run.journal.messages
        if isinstance(each, OrderUpdate) and "liquidation" in each.order_id
    ]
    assert run.trader._books.order(run.trader._books.find(forced)).tag == "liquidation"
    stop = run.trader._books.order(run.trader._books.find("run-0-sl"))
    assert (stop.state, stop.reason) == ("canceled", "liquidation")
    (told,) = [each.text for each in run.journal.messages if isinstance(each, Notify) and each.severity == "critical"]
    assert told.startswith("BTCUSDT was liquidated: sell ")
    assert told.endswith("The market takes no entries until the bot is released.")
    assert sum(isinstance(each, Submit) for each in run.journal.messages) == 1
