"""Trade by trade the same as backtesting.py, on its own data: market, limit, stop and bracket orders.

Where the two differ by definition, and what the tests do about it:

* backtesting.py takes the stop first when stop and target lie in one bar, and so does our pessimistic path.
* A target that the entry's own open has already passed fills there and then; backtesting.py lets the stop go first.
* An entry by limit or stop order carries no exits here: backtesting.py moves such exits to the next bar.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from backtesting import Backtest
from backtesting import Strategy as Theirs
from backtesting.test import EURUSD, GOOG

import tradebot
from tradebot import BarArray, FixedQuantity, Instrument, Strategy, ta
from tradebot.core.asset_class import AssetClass

TICK = 1e-5
MARKETS = {"GOOG": GOOG, "EURUSD": EURUSD}


def instrument(fee: float = 0.0) -> Instrument:
    return Instrument(
        symbol="X",
        venue="test",
        asset_class=AssetClass.PERPETUAL,
        base="X",
        quote="USD",
        tick_size="0.00001",
        lot_size="1",
        maker_fee=str(fee),
        taker_fee=str(fee),
    )


def bars_of(frame: Any, fee: float = 0.0) -> BarArray:
    ts = frame.index.values.astype("datetime64[ns]").astype(np.int64)
    columns = (np.round(frame[name].to_numpy(float), 5) for name in ("Open", "High", "Low", "Close"))
    interval = "1d" if (ts[1] - ts[0]) >= 86_400_000_000_000 else "1h"
    return BarArray(instrument(fee), interval, ts, *columns, frame["Volume"].to_numpy(float))


def tick(price: float) -> float:
    return round(round(price / TICK) * TICK, 5)


def mean(values: Any, period: int) -> np.ndarray:
    out = np.full(len(values), np.nan)
    out[period - 1 :] = np.convolve(values, np.ones(period) / period, "valid")
    return out


class Averages(Strategy):
    """The indicators the strategies share."""

    def setup(self, bars: Any) -> None:
        self.fast, self.slow = ta.sma(bars.close, 10), ta.sma(bars.close, 30)
        self.warm = ta.shift(self.slow, 1)  # backtesting.py asks from the bar after the first complete one on

    def on_bar(self, bar: Any) -> Any:
        raise NotImplementedError


class TheirAverages(Theirs):
    def init(self) -> None:
        self.fast, self.slow = (self.I(mean, self.data.Close, period) for period in (10, 30))

    @property
    def rises(self) -> bool:
        return bool(self.fast[-1] > self.slow[-1] and self.fast[-2] <= self.slow[-2])

    @property
    def falls(self) -> bool:
        return bool(self.fast[-1] < self.slow[-1] and self.fast[-2] >= self.slow[-2])

    def cancel(self) -> None:
        for order in self.orders:
            order.cancel()


class Reversal(Averages):
    def on_bar(self, bar: Any) -> Any:
        if ta.crossed_above(self.fast, self.slow):
            return self.long()
        return self.short() if ta.crossed_below(self.fast, self.slow) else None


class TheirReversal(TheirAverages):
    def next(self) -> None:
        if self.rises and not self.position.is_long:
            self.position.close()
            self.buy(size=1)
        elif self.falls and not self.position.is_short:
            self.position.close()
            self.sell(size=1)


class Dip(Averages):
    """A limit below the close, moved every bar; out when the averages cross down."""

    def on_bar(self, bar: Any) -> Any:
        if self.position:
            return self.exit() if ta.crossed_below(self.fast, self.slow) else None
        return self.long(type="limit", limit=tick(bar.close * 0.995))


class TheirDip(TheirAverages):
    def next(self) -> None:
        if self.position:
            if self.falls:
                self.position.close()
            return
        self.cancel()
        self.buy(size=1, limit=tick(self.data.Close[-1] * 0.995))


class Breakout(Averages):
    """A sell stop below the low, moved every bar; out when the averages cross up."""

    def on_bar(self, bar: Any) -> Any:
        if self.position:
            return self.exit() if ta.crossed_above(self.fast, self.slow) else None
        return self.short(type="stop", stop=tick(bar.low * 0.999))


class TheirBreakout(TheirAverages):
    def next(self) -> None:
        if self.position:
            if self.rises:
                self.position.close()
            return
        self.cancel()
        self.sell(size=1, stop=tick(self.data.Low[-1] * 0.999))


class Bracket(Averages):
    """Exits at fixed prices around the close of the signal, both sides."""

    width = 0.02

    def on_bar(self, bar: Any) -> Any:
        if self.position:
            return None
        below, above = tick(bar.close * (1 - self.width)), tick(bar.close * (1 + 2 * self.width))
        if ta.crossed_above(self.fast, self.slow):
            return self.long(stop_loss=below, take_profit=above)
        below, above = tick(bar.close * (1 - 2 * self.width)), tick(bar.close * (1 + self.width))
        return self.short(stop_loss=above, take_profit=below) if ta.crossed_below(self.fast, self.slow) else None


class TheirBracket(TheirAverages):
    width = 0.02

    def next(self) -> None:
        close = self.data.Close[-1]
        if self.position:
            return
        if self.rises:
            self.buy(size=1, sl=tick(close * (1 - self.width)), tp=tick(close * (1 + 2 * self.width)))
        elif self.falls:
            self.sell(size=1, sl=tick(close * (1 + self.width)), tp=tick(close * (1 - 2 * self.width)))


class NarrowBracket(Bracket):
    width = 0.002


class TheirNarrowBracket(TheirBracket):
    width = 0.002


CASES = [
    ("GOOG", Reversal, TheirReversal),
    ("EURUSD", Reversal, TheirReversal),
    ("GOOG", Dip, TheirDip),
    ("EURUSD", Dip, TheirDip),
    ("GOOG", Breakout, TheirBreakout),
    ("EURUSD", Breakout, TheirBreakout),
    ("GOOG", Bracket, TheirBracket),
    ("EURUSD", NarrowBracket, TheirNarrowBracket),
]


def theirs(frame: Any, strategy: type[Theirs], commission: float = 0.0) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Backtest(frame, strategy, cash=1e7, commission=commission).run()


@pytest.mark.parametrize(("market", "ours", "peer"), CASES)
def test_every_trade_is_the_same(market: str, ours: type[Strategy], peer: type[Theirs]) -> None:
    frame = MARKETS[market]
    expected = theirs(frame, peer)._trades.sort_values(["ExitBar", "EntryBar"])
    run = tradebot.backtest(ours(), bars_of(frame), cash=1e7, sizer=FixedQuantity(1), form="python")
    trades = run.outcome.trades
    assert len(expected) >= 9
    np.testing.assert_array_equal(trades["entry_index"], expected["EntryBar"])
    np.testing.assert_array_equal(trades["exit_index"], expected["ExitBar"])
    np.testing.assert_array_equal(trades["side"] * trades["quantity"], expected["Size"])
    np.testing.assert_allclose(trades["entry_price"], expected["EntryPrice"], rtol=0, atol=TICK / 2)
    np.testing.assert_allclose(trades["exit_price"], expected["ExitPrice"], rtol=0, atol=TICK / 2)
    np.testing.assert_allclose(trades["pnl"], expected["PnL"], rtol=0, atol=2 * TICK)


def test_trades_differ_only_where_the_open_has_passed_the_target() -> None:
    expected = theirs(GOOG, TheirNarrowBracket)._trades.sort_values(["ExitBar", "EntryBar"])
    run = tradebot.backtest(NarrowBracket(), bars_of(GOOG), cash=1e7, sizer=FixedQuantity(1), form="python")
    trades = run.outcome.trades
    np.testing.assert_array_equal(trades["entry_index"], expected["EntryBar"])
    differ = np.abs(trades["exit_price"] - expected["ExitPrice"].to_numpy()) > TICK
    passed = trades["side"] * (trades["entry_price"] - expected["TP"].to_numpy()) >= 0
    assert 0 < differ.sum() < len(differ) / 2
    assert not np.any(differ & ~passed)
    np.testing.assert_array_equal(trades["exit_price"][differ], trades["entry_price"][differ])


@pytest.mark.parametrize("market", MARKETS)
def test_equity_with_fees_is_the_same_after_every_bar(market: str) -> None:
    frame = MARKETS[market]
    expected = theirs(frame, TheirReversal, commission=0.002)._equity_curve["Equity"].to_numpy()
    run = tradebot.backtest(Reversal(), bars_of(frame, 0.002), cash=1e7, sizer=FixedQuantity(1), form="python")
    np.testing.assert_allclose(run.outcome.equity, expected, rtol=0, atol=1e-3)
