"""Orders that wait for another's fill, and partners that cancel one another, do on paper what they do in a backtest."""

from __future__ import annotations

import random

import numpy as np
import pytest

from paper_run import PaperRun, assert_same, plan_of
from tradebot.brokers.paper import broker as paper
from tradebot.core.bar import BarArray
from tradebot.core.interval import MINUTE
from tradebot.core.order import OrderIntent
from tradebot.core.portfolio import Portfolio
from tradebot.core.protocols import DecisionContext, Snapshot
from tradebot.engine import trader
from tradebot.engine.backtest import Backtest
from tradebot.engine.outcome import RunOutcome
from tradebot.feeds.mock import mock_bars

BARS = mock_bars("BTCUSDT", "5m", 3_000, seed=29)
# Of a limit or stop from the last price, as a share of it: a bar of this market spans about three of them.
STEP = 0.0005


class Linker:
    """Gives entries of every type, each with children of its own, and pairs of entries of which one cancels the other.

    The number of an order is that of the orders given before it.
    """

    def __init__(self, seed: int, *, reduce_only: bool) -> None:
        self.seed = seed
        self.reduce_only = reduce_only
        self.given = 0
        self.groups = 0

    def decide(self, portfolio: Portfolio, snapshot: Snapshot, context: DecisionContext) -> list[OrderIntent]:
        orders = self._wanted(portfolio, snapshot)
        self.given += len(orders)
        return orders

    def _wanted(self, portfolio: Portfolio, snapshot: Snapshot) -> list[OrderIntent]:
        if portfolio.open_orders():
            return []
        if held := portfolio.quantity("BTCUSDT"):
            return [OrderIntent("BTCUSDT", "sell" if held > 0 else "buy", abs(held), reduce_only=True)]
        bar = snapshot.bar("BTCUSDT")
        assert bar is not None
        chance = random.Random(f"{self.seed} {bar.ts}")
        until = snapshot.ts + chance.randint(1, 6) * 5 * MINUTE
        if chance.random() < 0.5:
            return self._entry(chance, bar.close, chance.choice(["buy", "sell"]), until, self.given)
        return self._straddle(chance, bar.close, until)

    def _entry(self, chance: random.Random, price: float, side: str, until: int, number: int) -> list[OrderIntent]:
        """An entry, its target and stop, and an entry that follows the target the other way."""
        sign = 1 if side == "buy" else -1
        away = price * STEP * chance.uniform(0.2, 3)
        kind = chance.choice(["market", "limit", "stop"])
        terms = {"market": {}, "limit": {"price": price - sign * away}, "stop": {"trigger": price + sign * away}}[kind]
        if kind != "market":
            terms |= {"tif": "gtd", "expire_ts": until}
        entry = OrderIntent("BTCUSDT", side, 3.0, type=kind, **terms)
        other = "sell" if side == "buy" else "buy"
        self.groups += 1
        # A child may ask for less than its parent, as much, or more, which it never gets.
        exits = {"parent": number, "oco": self.groups, "reduce_only": self.reduce_only}
        size = chance.choice([2.0, 3.0, 4.0]) if self.reduce_only else 3.0
        target = OrderIntent("BTCUSDT", other, size, type="limit", price=price + sign * 2 * away, **exits)
        stop = OrderIntent("BTCUSDT", other, 3.0, type="stop", trigger=price - sign * 3 * away, **exits)
        after = OrderIntent(
            "BTCUSDT", other, 1.0, type="limit", price=price + sign * 3 * away, parent=number + 1, tif="gtd",
            expire_ts=until + 30 * MINUTE,
        )  # fmt: skip
        return [entry, target, stop, after]

    def _straddle(self, chance: random.Random, price: float, until: int) -> list[OrderIntent]:
        """A breakout either way: the first to fill takes the other back, and each brings its own stop."""
        self.groups += 1
        pair: list[OrderIntent] = []
        for sign, side, other in ((1, "buy", "sell"), (-1, "sell", "buy")):
            away = price * STEP * chance.uniform(0.5, 3)
            number = self.given + len(pair)
            pair.append(
                OrderIntent(
                    "BTCUSDT",
                    side,
                    2.0,
                    type="stop",
                    trigger=price + sign * away,
                    oco=self.groups,
                    tif="gtd",
                    expire_ts=until,
                )
            )
            pair.append(
                OrderIntent(
                    "BTCUSDT", other, 2.0, type="trailing_stop", trail=away, parent=number, reduce_only=self.reduce_only
                )
            )
        return pair


def both(seed: int, bars: BarArray, *, reduce_only: bool, participation: float | None) -> tuple[RunOutcome, PaperRun]:
    policy = [Linker(seed, reduce_only=reduce_only) for _ in range(2)]
    past = Backtest(policy[0], bars, cash=1_000_000, participation=participation).run()
    return past, PaperRun(plan_of(policy[1], bars, cash=1_000_000), bars, participation=participation)


@pytest.mark.parametrize("participation", [None, 0.01], ids=["whole fills", "partial fills"])
@pytest.mark.parametrize("reduce_only", [True, False], ids=["exits", "orders"])
@pytest.mark.parametrize("seed", [1, 2])
def test_children_and_partners_trade_on_paper_as_in_the_backtest(
    seed: int, reduce_only: bool, participation: float | None
):
    past, run = both(seed, BARS, reduce_only=reduce_only, participation=participation)
    filled = past.orders["filled"] > 0
    is_child = past.orders["parent"] >= 0
    entered = dict(zip(past.fills["order"], past.fills["ts"], strict=True))
    same_bar = sum(entered[n] == entered.get(int(past.orders["parent"][n])) for n in (filled & is_child).nonzero()[0])
    # Without children that meet the rest of the bar their parent filled in, the test would prove nothing.
    assert same_bar > 20
    assert_same(past, run)


def test_they_do_so_too_where_what_has_ended_is_forgotten(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(trader, "KEPT", 50)
    monkeypatch.setattr(paper, "KEPT", 50)
    past, run = both(3, BARS, reduce_only=False, participation=0.01)
    assert len(run.trader._books.orders()["id"]) < len(past.orders["state"]) / 2
    np.testing.assert_array_equal(run.equity, past.equity)
