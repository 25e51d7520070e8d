"""A live bot that trades through ccxt on the local exchange does what the backtest does, to the cent."""

from __future__ import annotations

import asyncio
import os
import time
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from local_exchange import INSTRUMENT, SPOT
from lockstep import CASH, MINUTELY, Walked, live, of, to_spot
from paper_run import PaperRun, plan_of
from tradebot.core.bar import BarArray
from tradebot.core.instrument import Instrument
from tradebot.core.interval import MINUTE
from tradebot.core.order import OrderIntent
from tradebot.core.portfolio import Portfolio
from tradebot.core.protocols import DecisionContext, Snapshot
from tradebot.engine.backtest import Backtest
from tradebot.engine.outcome import RunOutcome
from tradebot.feeds.mock import mock_bars
from tradebot.risk import Protection
from tradebot.store.files import read_bars
from tradebot.strategies import registry

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
BITCOIN = DATA / "binance_usdm" / "BTCUSDT-1m.parquet"
# A step costs two requests and more; `make soak` walks further, with every strategy of the library.
SOAKS = "TRADEBOT_SOAK" in os.environ
SIZE = 1_500 if SOAKS else 400


def market(instrument: Instrument = INSTRUMENT, *, soaks: bool = SOAKS) -> BarArray:
    """Minutes of the mock market, of Bitcoin for a soak, moved to now, where an exchange lives."""
    found = read_bars(BITCOIN)[:SIZE] if soaks else mock_bars(instrument=instrument, interval="1m", count=SIZE, seed=5)
    now = time.time_ns() // MINUTE * MINUTE
    ts = now + np.arange(len(found), dtype=np.int64) * MINUTE
    return BarArray(instrument, MINUTELY, ts, found.open, found.high, found.low, found.close, found.volume)


FEW = {
    "market orders": ("sma_cross", "rules", None),
    "brackets": ("sma_cross", "python", Protection(stop_loss_pct=0.004, take_profit_pct=0.008)),
    "trailing stops": ("sma_cross", "rules", Protection(trailing_stop_pct=0.003)),
    "reversion": ("rsi_reversion", "rules", None),
    "units": ("turtle", "python", None),
    "stops": ("supertrend", "rules", Protection(stop_loss_pct=0.003)),
}


def of_the_library() -> dict[str, tuple[str, str, Protection | None]]:
    """Every strategy that trades one market, in every form."""
    kinds = [registry.find(listing.name) for listing in registry.catalog().strategies if listing.origin == "library"]
    return {
        f"{kind.name} {form}": (kind.name, form, None) for kind in kinds for form in kind.forms() if form != "policy"
    }


CASES = of_the_library() if SOAKS else FEW


@pytest.mark.parametrize(("name", "form", "protection"), CASES.values(), ids=CASES)
async def test_orders_fills_and_equity_are_those_of_the_backtest(
    name: str, form: str, protection: Protection | None, tmp_path: Path
):
    bars = market()
    walked = await live(registry.find(name)(), form, bars, tmp_path, protection)
    known = of(walked.instrument, bars)
    past = Backtest(registry.find(name)(), [known], cash=CASH, form=form, protection=protection).run()
    assert SOAKS or len(past.fills["ts"]) >= 3
    assert_same(past, walked)


def assert_same(past: RunOutcome, walked: Walked) -> None:
    fills = walked.trader._books.fills()
    for column in ("side", "price", "quantity"):
        np.testing.assert_array_equal(fills[column], past.fills[column], err_msg=column)
    np.testing.assert_allclose(fills["fee"], past.fills["fee"], atol=0.005)
    np.testing.assert_allclose(walked.equity, past.equity, atol=0.005)


class Parent:
    """Enters at the market, with a target and a stop that wait for its fill and of which one takes the other back."""

    def __init__(self) -> None:
        self.given = self.steps = 0

    def decide(self, portfolio: Portfolio, snapshot: Snapshot, context: DecisionContext) -> list[OrderIntent]:
        self.steps += 1
        # Not in every bar: a venue takes so many orders in a while.
        if self.steps % 6 or portfolio.open_orders():
            return []
        bar, sign = snapshot.bar("BTCUSDT"), 1 if self.given % 2 else -1
        side, other = ("buy", "sell") if sign > 0 else ("sell", "buy")
        exits = {"parent": self.given, "oco": self.given, "reduce_only": True}
        target = {"type": "limit", "price": bar.close * (1 + 0.001 * sign)}
        stop = {"type": "stop", "trigger": bar.close * (1 - 0.001 * sign)}
        self.given += 3
        return [
            OrderIntent("BTCUSDT", side, 1.0),
            OrderIntent("BTCUSDT", other, 1.0, **target, **exits),
            OrderIntent("BTCUSDT", other, 1.0, **stop, **exits),
        ]


async def test_children_of_a_fill_at_the_open_meet_the_rest_of_its_bar(tmp_path: Path):
    # Few enough that the mark of the first is near: an exchange takes no limit that is far from its mark.
    bars = market(soaks=False)[:240]
    walked = await live(Parent(), "auto", bars, tmp_path)
    past = Backtest(Parent(), [of(walked.instrument, bars)], cash=CASH).run()
    entered, left = past.trades["entry_ts"], past.trades["exit_ts"]
    assert (entered == left).sum() >= 5
    assert len(left) >= 20
    assert_same(past, walked)


# Trailing stops do not rest at Binance spot: the bot watches them bar by bar, where a backtest looks into the bar.
ON_SPOT = {case: told for case, told in CASES.items() if case != "trailing stops"}


@pytest.mark.parametrize(("name", "form", "protection"), ON_SPOT.values(), ids=ON_SPOT)
async def test_on_spot_fills_and_equity_are_those_of_the_backtest_and_of_paper(
    name: str, form: str, protection: Protection | None, tmp_path: Path
):
    bars, strategy = market(SPOT), registry.find(name)
    settings = {"connect": to_spot, "commission": "bnb", "balances": {"BNB": Decimal(1_000)}}
    walked = await live(strategy(), form, bars, tmp_path, protection, **settings)
    known = of(walked.instrument, bars)
    past = Backtest(strategy(), [known], cash=CASH, form=form, protection=protection).run()
    assert SOAKS or len(past.fills["ts"]) >= 3
    assert_same(past, walked)
    plan = plan_of(strategy(), known, form=form, protection=protection, cash=CASH)
    paper = await asyncio.to_thread(PaperRun, plan, known)
    np.testing.assert_allclose(walked.equity, paper.equity, atol=0.005)
    for column in ("side", "price", "quantity"):
        there, here = (each.trader._books.fills()[column] for each in (walked, paper))
        np.testing.assert_array_equal(there, here, err_msg=column)


async def test_the_places_that_a_fee_in_bnb_is_cut_to_move_neither_equity_nor_a_lot(tmp_path: Path):
    # At such a price the last place of a BNB is worth six cents, and fees are cut by as much.
    paid = {"commission": "bnb", "bnb_price": Decimal(6_000_000), "balances": {"BNB": Decimal(1_000)}}
    bars = market(SPOT, soaks=False)
    walked = await live(registry.find("simple_test")(), "python", bars[:120], tmp_path, connect=to_spot, **paid)
    past = Backtest(registry.find("simple_test")(), [of(walked.instrument, bars[:120])], cash=CASH).run()
    assert len(past.fills["ts"]) >= 20
    assert_same(past, walked)


@pytest.mark.parametrize("case", ["market orders", "brackets"])
async def test_where_fees_take_coins_the_trades_are_those_of_the_backtest_and_the_books_end_with_the_account(
    case: str, tmp_path: Path
):
    name, form, protection = FEW[case]
    bars, strategy = market(SPOT), registry.find(name)
    walked = await live(strategy(), form, bars, tmp_path, protection, connect=to_spot, balances={"BTC": Decimal(3)})
    past = Backtest(strategy(), [of(walked.instrument, bars)], cash=CASH, form=form, protection=protection).run()
    books, portfolio = walked.trader._books, walked.trader.portfolio
    fills = books.fills()
    traded = [books.order(int(number)).tag != "commission" for number in fills["order"]]
    for column in ("side", "price"):
        np.testing.assert_array_equal(fills[column][traded], past.fills[column], err_msg=column)
    # Less than a lot of every buy stays as dust; its worth is a fee to the books, whose money is the account's.
    dust = float(walked.true["positions"]["BTCUSDT"]) - portfolio.quantity("BTCUSDT")
    assert 0 <= dust < float(walked.instrument.lot_size) * (past.fills["side"] > 0).sum()
    assert portfolio.cash == pytest.approx(float(walked.true["wallet"]), abs=1e-6)
