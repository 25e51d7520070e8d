"""Trade by trade the same as Backtrader on SPY daily bars: market, limit, stop and bracket orders.

Backtrader wakes a bracket's exits on the bar after the entry, ours live from the entry's fill on; the brackets here are
too wide for an entry bar to reach, so that both mean the same.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import backtrader as bt
import numpy as np
import pandas as pd
import pytest

import tradebot
from tradebot import BarArray, FixedQuantity, Instrument, Strategy, ta
from tradebot.core.asset_class import AssetClass
from tradebot.store.files import read_bars

FILE = Path(__file__).resolve().parents[3] / "shared" / "data" / "us_equity" / "SPY-1d-raw.csv"
pytestmark = pytest.mark.skipif(not FILE.exists(), reason="the recorded SPY bars lie beside the checkout, not in it")


@pytest.fixture(scope="module")
def bars() -> BarArray:
    raw = read_bars(FILE)
    instrument = Instrument(
        symbol="SPY",
        venue="test",
        asset_class=AssetClass.PERPETUAL,
        base="SPY",
        quote="USD",
        tick_size="0.0001",
        lot_size="1",
    )
    return BarArray(instrument, "1d", raw.ts, raw.open, raw.high, raw.low, raw.close, raw.volume)


def tick(price: float) -> float:
    return round(price, 4)


class Averages(Strategy):
    def setup(self, bars: Any) -> None:
        self.fast, self.slow = ta.sma(bars.close, 10), ta.sma(bars.close, 30)

    def on_bar(self, bar: Any) -> Any:
        raise NotImplementedError


class TheirAverages(bt.Strategy):
    """Keeps entry and exit of every closed trade."""

    def __init__(self) -> None:
        self.fast, self.slow = (bt.indicators.SimpleMovingAverage(self.data, period=period) for period in (10, 30))
        self.cross = bt.indicators.CrossOver(self.fast, self.slow)
        self.fills: list[tuple[int, float, float]] = []
        self.pending: Any = None

    def notify_order(self, order: Any) -> None:
        if order.status == order.Completed:
            self.fills.append((len(self) - 1, order.executed.size, order.executed.price))


class Reversal(Averages):
    def on_bar(self, bar: Any) -> Any:
        if ta.crossed_above(self.fast, self.slow):
            return self.long()
        return self.short() if ta.crossed_below(self.fast, self.slow) else None


class TheirReversal(TheirAverages):
    def next(self) -> None:
        if self.cross[0] > 0 and self.position.size <= 0:
            self.close()
            self.buy(size=1)
        elif self.cross[0] < 0 and self.position.size >= 0:
            self.close()
            self.sell(size=1)


class Dip(Averages):
    """A limit below the close, moved every bar; out when the averages cross down."""

    def on_bar(self, bar: Any) -> Any:
        if self.position:
            return self.exit() if ta.crossed_below(self.fast, self.slow) else None
        return self.long(type="limit", limit=tick(bar.close * 0.99))


class TheirDip(TheirAverages):
    def next(self) -> None:
        if self.position:
            if self.cross[0] < 0:
                self.close()
            return
        if self.pending:
            self.cancel(self.pending)
        self.pending = self.buy(size=1, exectype=bt.Order.Limit, price=tick(self.data.close[0] * 0.99))


class Breakout(Averages):
    """A buy stop above the high, moved every bar; out when the averages cross down."""

    def on_bar(self, bar: Any) -> Any:
        if self.position:
            return self.exit() if ta.crossed_below(self.fast, self.slow) else None
        return self.long(type="stop", stop=tick(bar.high * 1.005))


class TheirBreakout(TheirAverages):
    def next(self) -> None:
        if self.position:
            if self.cross[0] < 0:
                self.close()
            return
        if self.pending:
            self.cancel(self.pending)
        self.pending = self.buy(size=1, exectype=bt.Order.Stop, price=tick(self.data.high[0] * 1.005))


class Bracket(Averages):
    def on_bar(self, bar: Any) -> Any:
        if self.position or not ta.crossed_above(self.fast, self.slow):
            return None
        return self.long(stop_loss=tick(bar.close * 0.9), take_profit=tick(bar.close * 1.1))


class TheirBracket(TheirAverages):
    def next(self) -> None:
        if not self.position and self.cross[0] > 0:
            close = self.data.close[0]
            self.buy_bracket(
                size=1,
                exectype=bt.Order.Market,
                stopprice=tick(close * 0.9),
                limitprice=tick(close * 1.1),
            )


def theirs(bars: BarArray, strategy: type[bt.Strategy]) -> tuple[list[tuple[int, float, float]], float]:
    frame = pd.DataFrame(
        {"open": bars.open, "high": bars.high, "low": bars.low, "close": bars.close, "volume": bars.volume},
        index=pd.to_datetime(bars.ts),
    )
    cerebro = bt.Cerebro(stdstats=False)
    cerebro.broker.setcash(1e6)
    cerebro.adddata(bt.feeds.PandasData(dataname=frame))
    cerebro.addstrategy(strategy)
    ran = cerebro.run()[0]
    return ran.fills, cerebro.broker.getvalue()


@pytest.mark.parametrize(
    ("ours", "peer"),
    [(Reversal, TheirReversal), (Dip, TheirDip), (Breakout, TheirBreakout), (Bracket, TheirBracket)],
)
def test_every_fill_is_the_same(bars: BarArray, ours: type[Strategy], peer: type[bt.Strategy]) -> None:
    expected, value = theirs(bars, peer)
    run = tradebot.backtest(ours(), bars, cash=1e6, sizer=FixedQuantity(1), form="python")
    fills = run.outcome.fills
    assert len(expected) > 20
    np.testing.assert_array_equal(fills["index"], [row[0] for row in expected])
    np.testing.assert_array_equal(fills["side"] * fills["quantity"], [row[1] for row in expected])
    np.testing.assert_allclose(fills["price"], [row[2] for row in expected], rtol=0, atol=1e-4)
    assert run.outcome.final_equity == pytest.approx(value, abs=1e-2)
