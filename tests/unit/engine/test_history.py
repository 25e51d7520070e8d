"""A policy hears of the moments at which it could not decide: each once, in order, as the markets were then."""

from __future__ import annotations

from tradebot_native import Bar

from live_market import MINUTE
from tradebot.core.account import AccountSnapshot
from tradebot.core.bar import BarArray
from tradebot.core.event import BarClosed, History
from tradebot.core.instrument import Instrument
from tradebot.core.interval import Interval
from tradebot.engine.plan import Plan
from tradebot.engine.trader import Trader
from tradebot.strategies import PortfolioPolicy

MINUTES = Interval.parse("1m")
MARKETS = [Instrument.binance_perpetual(symbol) for symbol in ("AUSDT", "BUSDT")]


class Diary(PortfolioPolicy):
    """Writes down every moment with the closes it saw, history in small and decisions in capital letters."""

    def setup(self, markets):
        self.pages: list[list] = []

    def on_history(self, snapshot):
        self.write("h", snapshot)

    def decide(self, portfolio, snapshot, context):
        self.write("D", snapshot)
        return []

    def write(self, kind, snapshot):
        bars = [snapshot.bar(market.symbol) for market in MARKETS]
        self.pages.append([kind, snapshot.ts // MINUTE, *(None if bar is None else bar.close for bar in bars)])


def bars(market: Instrument, first: int, closes: list[float]) -> BarArray:
    rows = [Bar((first + row) * MINUTE, close, close, close, close, volume=1.0) for row, close in enumerate(closes)]
    columns = {name: [getattr(row, name) for row in rows] for name in ("ts", "open", "high", "low", "close", "volume")}
    return BarArray(market, MINUTES, *columns.values())


def trader() -> Trader:
    made = Trader(Plan(run_id="run", instruments=MARKETS, interval="1m", strategy=Diary(), cash=1_000.0))
    made.handle(AccountSnapshot(ts=0, orders=(), positions=(), balances={}, fills=()))
    return made


def close(run: Trader, minute: int, *prices: float) -> None:
    for market, price in zip(MARKETS, prices, strict=True):
        bar = Bar(minute * MINUTE, price, price, price, price, volume=1.0)
        run.handle(BarClosed(market.symbol, MINUTES, bar))


def pages(run: Trader) -> list[list]:
    policy = run._desk._policy
    assert isinstance(policy, Diary)
    return policy.pages


def past(run: Trader, market: int, first: int, closes: list[float]) -> None:
    run.handle(History(MARKETS[market].symbol, MINUTES, bars(MARKETS[market], first, closes)))


def test_the_history_of_all_markets_is_heard_in_the_order_of_time():
    run = trader()
    past(run, 0, 0, [10.0, 11.0, 12.0])
    past(run, 1, 1, [21.0, 22.0])
    assert pages(run) == []
    close(run, 3, 13.0, 23.0)
    close(run, 4, 14.0, 24.0)
    assert pages(run) == [
        ["h", 1, 10.0, None],
        ["h", 2, 11.0, 21.0],
        ["h", 3, 12.0, 22.0],
        ["D", 4, 13.0, 23.0],
        ["D", 5, 14.0, 24.0],
    ]


def test_bars_that_the_stream_had_lost_are_heard_before_the_next_decision():
    run = trader()
    close(run, 0, 10.0, 20.0)
    past(run, 0, 1, [11.0, 12.0])
    past(run, 1, 2, [22.0])
    close(run, 3, 13.0, 23.0)
    assert pages(run)[1:] == [["h", 2, 11.0, 20.0], ["h", 3, 12.0, 22.0], ["D", 4, 13.0, 23.0]]


def test_a_run_that_is_saved_between_hears_of_nothing_twice():
    run = trader()
    past(run, 0, 0, [10.0])
    close(run, 1, 11.0, 21.0)
    past(run, 0, 2, [12.0])
    again = trader()
    again.restore(run.state())
    close(again, 3, 13.0, 23.0)
    assert pages(again) == [["h", 1, 10.0, None], ["D", 2, 11.0, 21.0], ["h", 3, 12.0, 21.0], ["D", 4, 13.0, 23.0]]
