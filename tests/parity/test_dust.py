"""What a market's least order leaves unsold is the same in a backtest, on paper and live."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from local_exchange import SPOT
from lockstep import CASH, MINUTELY, Walked, live, of, to_spot
from paper_run import PaperRun, assert_same, plan_of
from tradebot.core.bar import Bar, BarArray
from tradebot.core.event import Notify
from tradebot.core.interval import MINUTE
from tradebot.engine.backtest import Backtest
from tradebot.feeds.mock import mock_bars
from tradebot.sizing import FixedQuantity
from tradebot.strategies import Strategy


class Crumbs(Strategy):
    """Buys whenever it has nothing, and sells now this part of it and now that."""

    def setup(self, bars: Any) -> None:
        self.parts = (0.3, 1.0, 0.7, 0.05, 0.5, 1.0)
        self.row = -1

    def on_bar(self, bar: Bar) -> Any:
        self.row += 1
        if self.position == 0:
            return self.long(stop_loss=bar.close * 0.99) if self.row % 3 else self.long()
        return self.exit(self.parts[self.row // 4 % len(self.parts)]) if self.row % 4 == 0 else None


@pytest.mark.parametrize("seed", [0, 1, 3])
def test_a_paper_run_with_positions_about_as_small_as_the_least_order_is_its_backtest(seed: int):
    found = mock_bars(instrument=SPOT, interval="1m", count=600, seed=seed)
    size = 0.01
    least = Decimal(str(round(float(found.close[300]) * size, 2)))
    bars = of(msgspec.structs.replace(SPOT, min_notional=least), found)
    past = Backtest(Crumbs(), [bars], cash=CASH, sizer=FixedQuantity(size)).run()
    paper = PaperRun(plan_of(Crumbs(), bars, sizer=FixedQuantity(size)), bars)
    assert_same(past, paper)
    notices = [message.text for message in paper.journal.messages if isinstance(message, Notify)]
    assert any("stays: below the least order" in text for text in notices)


CLOSES = (100, 100, 100, 100, 100, 80, 80, 80, 80, 80, 80, 80)


class Script(Strategy):
    """Says bar by bar what it is told, each time in the sight of what it holds."""

    def setup(self, bars: Any) -> None:
        self.row = -1

    def on_bar(self, bar: Bar) -> Any:
        self.row += 1
        match self.row:
            case 0 | 3:
                return self.long(quantity=0.06)
            case 1:
                # Three USDT would be left, which nothing can sell.
                return self.exit(0.5)
            case 5 | 6:
                # All is worth 4.80 USDT now.
                return self.exit()
            case 7:
                return self.long(quantity=0.1) if self.position == 0 else None
            case 9:
                return self.exit(0.2)
            case 10:
                return self.exit()
            case _:
                return None


class Nearer(Strategy):
    """Buys 5.50 USDT worth with a stop at which the least order is worth more, and then with a nearer one."""

    def setup(self, bars: Any) -> None:
        self.row = -1

    def on_bar(self, bar: Bar) -> Any:
        self.row += 1
        return self.long(quantity=0.055, stop_loss={0: 90.0, 2: 95.0}[self.row]) if self.row in (0, 2) else None


async def in_three_ways(strategy: type[Strategy], closes: Sequence[float], folder: Path) -> tuple[Walked, Any]:
    """A strategy live on the local exchange and in a backtest, of which the paper run is the same."""
    ts = time.time_ns() // MINUTE * MINUTE + np.arange(len(closes), dtype=np.int64) * MINUTE
    prices = np.array(closes, dtype=np.float64)
    bars = BarArray(SPOT, MINUTELY, ts, prices, prices, prices, prices, np.full(len(closes), 1e4))
    settings = {"connect": to_spot, "commission": "bnb", "balances": {"BNB": Decimal(1_000)}}
    walked = await live(strategy(), "python", bars, folder, **settings)
    known = of(walked.instrument, bars)
    past = Backtest(strategy(), [known], cash=CASH).run()
    paper = await asyncio.to_thread(PaperRun, plan_of(strategy(), known, cash=CASH), known)
    assert_same(past, paper)
    return walked, past


async def test_a_live_run_leaves_and_takes_along_what_its_backtest_does(tmp_path: Path):
    walked, past = await in_three_ways(Script, CLOSES, tmp_path)
    fills = walked.trader._books.fills()
    assert (fills["side"] * fills["quantity"]).tolist() == [0.06, -0.06, 0.06, 0.1, -0.16]
    for column in ("side", "price", "quantity"):
        np.testing.assert_array_equal(fills[column], past.fills[column], err_msg=column)
    np.testing.assert_allclose(walked.equity, past.equity, atol=0.005)


async def test_an_entry_whose_stop_could_not_rest_is_refused_in_a_live_run_as_in_its_backtest(tmp_path: Path):
    walked, past = await in_three_ways(Nearer, (100, 100, 100, 100, 95, 95), tmp_path)
    fills = walked.trader._books.fills()
    assert (fills["side"] * fills["quantity"]).tolist() == [0.055, -0.055]
    assert fills["price"].tolist() == past.fills["price"].tolist() == [100.0, 95.0]
    assert past.rejections == {"stop_too_small": 1}
    assert walked.trader._books.order(0).reason == "stop_too_small"
