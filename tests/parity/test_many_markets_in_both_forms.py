"""Rules over many markets of one account trade as the Python form does, stopped and resumed anywhere."""

from __future__ import annotations

import numpy as np
import pytest

from tradebot import FixedQuantity, Strategy, ta
from tradebot.engine.backtest import Backtest
from tradebot.feeds.mock import mock_bars
from tradebot.strategies import Rules
from tradebot.strategies.library.sma_cross import SmaCross

MARKETS = [mock_bars(f"M{n}", "1h", 1_500, seed=n) for n in range(6)]
SHIFTED = [market[n * 7 :] for n, market in enumerate(MARKETS)]


class WithExits(Strategy):
    """Crosses that come with a stop and a target, so that flat markets wake up and fall asleep at any time."""

    def setup(self, bars):
        self.fast, self.slow = ta.sma(bars.close, 5), ta.sma(bars.close, 20)

    def on_bar(self, bar):
        if ta.crossed_above(self.fast, self.slow):
            return self.long(stop_loss_pct=0.01, take_profit_pct=0.02)
        if ta.crossed_below(self.fast, self.slow):
            return self.short(stop_loss_pct=0.01, take_profit_pct=0.02)
        return None

    def rules(self, bars):
        return Rules(
            enter_long=ta.cross_above(self.fast, self.slow),
            enter_short=ta.cross_below(self.fast, self.slow),
            stop_loss_pct=0.01,
            take_profit_pct=0.02,
        )


def started(kind: type[Strategy], markets: list, form: str) -> Backtest:
    return Backtest(kind(), markets, form=form, sizer=FixedQuantity(0.5), cash=1e6)


@pytest.mark.parametrize("markets", [MARKETS, SHIFTED], ids=["one timeline", "timelines of their own"])
@pytest.mark.parametrize("kind", [SmaCross, WithExits])
def test_both_forms_give_the_same(kind: type[Strategy], markets: list) -> None:
    rules, python = (started(kind, markets, form).run() for form in ("rules", "python"))
    np.testing.assert_array_equal(rules.equity, python.equity)
    for name in ("fills", "trades"):
        ours, theirs = getattr(rules, name), getattr(python, name)
        assert len(ours["pnl" if name == "trades" else "price"]) > 50
        for column, values in ours.items():
            np.testing.assert_array_equal(values, theirs[column], err_msg=column)


@pytest.mark.parametrize("kind", [SmaCross, WithExits])
def test_a_run_stopped_anywhere_goes_on_to_the_same(kind: type[Strategy]) -> None:
    whole = started(kind, MARKETS, "rules").run()
    for stop in range(1, 1_500, 149):
        first = started(kind, MARKETS, "rules")
        first.advance(stop)
        second = started(kind, MARKETS, "rules")
        second.restore(first.save())
        resumed = second.run()
        np.testing.assert_array_equal(resumed.equity, whole.equity)
        np.testing.assert_array_equal(resumed.trades["pnl"], whole.trades["pnl"])
