"""Exits that entries get which bring none, and limits that count days."""

from __future__ import annotations

import pytest

import tradebot
from tradebot import FixedQuantity, Protection, RiskLimits, Strategy
from tradebot.core.bar import BarArray
from tradebot.core.errors import RiskError
from tradebot.core.instrument import instrument_for

MINUTE = 60_000_000_000
DAY = 1440 * MINUTE


def bars_of(rows: list[tuple[float, float, float, float]], step: int = MINUTE) -> BarArray:
    import numpy as np

    prices = np.array(rows, float).T
    ts = np.arange(len(rows), dtype=np.int64) * step
    interval = "1m" if step == MINUTE else "6h"
    return BarArray(instrument_for("BTCUSDT", "binance_usdm"), interval, ts, *prices, np.full(len(rows), 100.0))


class BuyFirst(Strategy):
    """Buys once, on the first bar; with a stop of its own if asked."""

    stop: float = tradebot.param(0.0, ge=0.0)

    def on_bar(self, bar: tradebot.Bar) -> tradebot.Signal | None:
        if bar.ts:
            return None
        return self.long(stop_loss_pct=self.stop) if self.stop else self.long()


FLAT = (100.0, 100.0, 100.0, 100.0)


def exits(rows: list[tuple[float, float, float, float]], protection: Protection, **params: float) -> list[float]:
    result = tradebot.backtest(
        BuyFirst(**params), bars_of([FLAT, FLAT, *rows]), sizer=FixedQuantity(1.0), protection=protection
    )
    return result.outcome.trades["exit_price"].tolist()


def test_a_stop_and_a_target_rest_from_the_fill_on() -> None:
    both = Protection(stop_loss_pct=0.05, take_profit_pct=0.1)
    assert exits([(100, 100, 94, 96)], both) == [95.0]
    assert exits([(100, 111, 100, 110)], both) == [110.0]


def test_an_entry_keeps_the_exit_it_brings_and_gets_the_ones_it_lacks() -> None:
    both = Protection(stop_loss_pct=0.05, take_profit_pct=0.1)
    assert exits([(100, 100, 97, 98)], both, stop=0.02) == [98.0]
    assert exits([(100, 112, 99, 110)], both, stop=0.02) == [110.0]


def test_a_trailing_stop_follows_from_its_gain_on() -> None:
    trailing = Protection(trailing_stop_pct=0.02, trailing_activation_pct=0.03)
    assert exits([(100, 102.9, 100, 100), (100, 100, 95, 95)], trailing) == []
    assert exits([(101, 103, 101, 103), (103, 110, 103, 110), (110, 110, 100, 100)], trailing) == [107.8]


def test_the_exits_of_a_policys_orders_are_added_too() -> None:
    class BuyOnce:
        def decide(self, portfolio, snapshot, context):
            first = snapshot.bar("BTCUSDT").ts == 0
            return [tradebot.core.order.OrderIntent("BTCUSDT", "buy", 1.0)] if first else []

    result = tradebot.backtest(
        BuyOnce(), bars_of([FLAT, FLAT, (100, 100, 90, 95)]), protection=Protection(stop_loss_pct=0.05)
    )
    assert result.outcome.trades["exit_price"].tolist() == [95.0]


class Churn(Strategy):
    """Enters whenever it is flat, leaves whenever it is not."""

    def on_bar(self, bar: tradebot.Bar) -> tradebot.Signal | tradebot.Exit:
        return self.exit() if self.position else self.long()


def test_entries_of_a_day_are_counted() -> None:
    rows = [FLAT] * (2 * 1440)
    outcome = tradebot.backtest(
        Churn(), bars_of(rows), sizer=FixedQuantity(1.0), risk=RiskLimits(max_daily_trades=3)
    ).outcome
    days = (outcome.trades["entry_ts"] // DAY).tolist()
    assert days == [0, 0, 0, 1, 1, 1]
    assert outcome.rejections["max_daily_trades"] > 1000


def test_a_loss_in_money_ends_the_day() -> None:
    rows = [(100 - n, 100 - n, 99 - n, 99 - n) for n in range(8)]
    outcome = tradebot.backtest(
        Churn(),
        bars_of(rows, 6 * 60 * MINUTE),
        sizer=FixedQuantity(10.0),
        risk=RiskLimits(max_daily_loss_amount=5.0),
    ).outcome
    assert set(outcome.rejections) == {"max_daily_loss"}


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"stop_loss_pct": 5.0}, "protection.stop_loss_pct: 5 is 100 % or more. 0.05 means five percent."),
        ({"take_profit_pct": 0.0}, "protection.take_profit_pct: 0 is not above 0. Leave it out for none."),
        (
            {"trailing_activation_pct": 0.1},
            "protection.trailing_activation_pct: there is no trailing stop to activate. Give trailing_stop_pct.",
        ),
        ({"trailing_stop_pct": "2"}, "protection.trailing_stop_pct: '2' is not a number"),
    ],
)
def test_an_impossible_protection_is_named(wish: dict, sentence: str) -> None:
    with pytest.raises(RiskError) as caught:
        Protection(**wish)
    assert str(caught.value) == sentence
