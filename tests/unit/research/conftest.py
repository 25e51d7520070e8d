"""Runs to take statistics from: made of a price path and a list of positions, without the engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
import tradebot_native as native
from tradebot_native import ORDER_STATES, ORDER_TYPES, TIFS

from tradebot.core.bar import BarArray
from tradebot.core.instrument import Instrument
from tradebot.core.interval import Interval
from tradebot.engine.outcome import Assumptions, Costs, Records, RunOutcome

MINUTE = 60_000_000_000
DAY = 86_400_000_000_000
# 2025-01-01 00:00 UTC.
EPOCH = 1_735_689_600_000_000_000

Hold = tuple[int, int, float]
"""Bar whose open the position is entered at, bar whose open it is left at, signed quantity."""

ASSUMPTIONS = Assumptions(
    fill="next_open",
    path="pessimistic",
    touch=True,
    participation=None,
    slippage="none",
    leverage=1.0,
    fees="taker 0.05 %, maker 0.02 %",
    form="python",
    costless=False,
)


def bars_of(closes: Sequence[float], *, interval: str = "1d", symbol: str = "BTCUSDT", start: int = EPOCH) -> BarArray:
    """Bars that open at the close before them, so a close path says everything."""
    close = np.asarray(closes, dtype=np.float64)
    opened = np.concatenate(([close[0]], close[:-1])) if len(close) else close
    length = Interval.parse(interval).close_of(0)
    return BarArray(
        instrument=Instrument.us_equity(symbol) if symbol == "SPY" else Instrument.binance_perpetual(symbol),
        interval=Interval.parse(interval),
        ts=start + length * np.arange(len(close), dtype=np.int64),
        open=opened,
        high=np.maximum(opened, close),
        low=np.minimum(opened, close),
        close=close,
        volume=np.ones(len(close)),
    )


@dataclass
class Tape:
    """Collects the rows of fills, orders and trades while positions are played through."""

    fee_rate: float
    fills: list[tuple[Any, ...]] = field(default_factory=list)
    orders: list[tuple[Any, ...]] = field(default_factory=list)
    trades: list[tuple[Any, ...]] = field(default_factory=list)

    def order(self, market: int, bars: BarArray, index: int, quantity: float) -> tuple[int, float]:
        number, price, ts = len(self.orders) + 1, float(bars.open[index]), int(bars.ts[index])
        side, size = (1 if quantity > 0 else -1), abs(quantity)
        fee = size * price * self.fee_rate
        kind, gtc, filled = ORDER_TYPES.index("market"), TIFS.index("gtc"), ORDER_STATES.index("filled")
        nan = float("nan")
        self.orders.append((number, market, kind, side, gtc, size, size, nan, nan, filled, ts, ts, -1, 0, 0))
        self.fills.append((number, number, market, ts, index, side, price, size, fee, 0.0, 0))
        return number, fee

    def play(self, market: int, bars: BarArray, hold: Hold) -> None:
        first, last, quantity = hold
        entry, entry_fee = self.order(market, bars, first, quantity)
        leave, exit_fee = self.order(market, bars, last, -quantity)
        opened, closed = float(bars.open[first]), float(bars.open[last])
        fees = entry_fee + exit_fee
        pnl = quantity * (closed - opened) - fees
        side = 1 if quantity > 0 else -1
        times = (int(bars.ts[first]), int(bars.ts[last]), first, last)
        self.trades.append((market, side, abs(quantity), *times, opened, closed, pnl, fees, entry, leave, 0))


FILL_COLUMNS = ["id", "order", "instrument", "ts", "index", "side", "price", "quantity", "fee", "slippage", "liquidity"]
ORDER_COLUMNS = [
    "id",
    "instrument",
    "type",
    "side",
    "tif",
    "quantity",
    "filled",
    "price",
    "trigger",
    "state",
    "created_ts",
    "final_ts",
    "parent",
    "reason",
    "tag",
]
TRADE_COLUMNS = [
    "instrument",
    "side",
    "quantity",
    "entry_ts",
    "exit_ts",
    "entry_index",
    "exit_index",
    "entry_price",
    "exit_price",
    "pnl",
    "fees",
    "entry_order",
    "exit_order",
    "tag",
]
REAL = {"price", "quantity", "fee", "slippage", "filled", "trigger", "entry_price", "exit_price", "pnl", "fees"}


def columns(rows: list[tuple[Any, ...]], names: list[str]) -> dict[str, np.ndarray]:
    table = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    return {n: np.array(c, dtype=np.float64 if n in REAL else np.int64) for n, c in zip(names, table, strict=True)}


def equity_of(bars: tuple[BarArray, ...], ts: np.ndarray, cash: float, fills: dict[str, np.ndarray]) -> np.ndarray:
    """Cash and marked positions after each step, by a loop that shares nothing with the code under test."""
    equity = []
    for now in ts:
        money, held, mark = cash, dict.fromkeys(range(len(bars)), 0.0), dict.fromkeys(range(len(bars)), 0.0)
        for market, one in enumerate(bars):
            closed = np.flatnonzero(one.close_ts <= now)
            mark[market] = float(one.close[closed[-1]]) if len(closed) else 0.0
        for row in range(len(fills["id"])):
            if fills["ts"][row] < now:
                signed = fills["side"][row] * fills["quantity"][row]
                money -= signed * fills["price"][row] + fills["fee"][row]
                held[int(fills["instrument"][row])] += signed
        equity.append(money + sum(held[m] * mark[m] for m in held))
    return np.array(equity, dtype=np.float64)


def with_refusals(orders: dict[str, Any], counts: dict[str, int]) -> dict[str, Any]:
    """The orders, and as many rejected copies of the first as are counted for each reason."""
    for reason, count in counts.items():
        copies = {name: np.repeat(values[:1], count) for name, values in orders.items()}
        copies["state"][:] = native.ORDER_STATES.index("rejected")
        copies["reason"][:] = native.REASONS.index(reason)
        orders = {name: np.concatenate([values, copies[name]]) for name, values in orders.items()}
    return orders


MakeRun = Callable[..., RunOutcome]


@pytest.fixture(name="bars_of")
def bars_of_fixture() -> Callable[..., BarArray]:
    return bars_of


@pytest.fixture
def make_run() -> MakeRun:
    """Make a run: ``make_run(closes, [(entry bar, exit bar, quantity), ...], cash=..., fee_rate=...)``."""

    def make(
        closes: Sequence[float] | Sequence[BarArray],
        holds: Sequence[Hold] | dict[int, Sequence[Hold]] = (),
        *,
        cash: float = 1_000.0,
        fee_rate: float = 0.0,
        interval: str = "1d",
        symbol: str = "BTCUSDT",
        **changes: Any,
    ) -> RunOutcome:
        given = len(closes) > 0 and isinstance(closes[0], BarArray)
        markets = tuple(closes) if given else (bars_of(closes, interval=interval, symbol=symbol),)
        played = holds if isinstance(holds, dict) else {0: holds}
        tape = Tape(fee_rate)
        for market, rows in played.items():
            for hold in rows:
                tape.play(market, markets[market], hold)
        ts = np.unique(np.concatenate([bars.close_ts for bars in markets])).astype(np.int64)
        fills = columns(tape.fills, FILL_COLUMNS)
        orders = with_refusals(columns(tape.orders, ORDER_COLUMNS), changes.pop("rejections", {}))
        equity = equity_of(markets, ts, cash, fills)
        run = RunOutcome(
            strategy="Played",
            version="1.0",
            params={"fast": 10, "slow": 30},
            symbols=tuple(bars.symbol for bars in markets),
            initial_cash=cash,
            final_equity=float(equity[-1]) if len(equity) else cash,
            equity=equity,
            records=Records(
                times=lambda: ts,
                fills=lambda: fills,
                orders=lambda: orders,
                trades=lambda: columns(tape.trades, TRADE_COLUMNS),
                tags=lambda: ("",),
            ),
            costs=Costs(fees=float(np.sum(fills["fee"])), slippage=0.0, funding=0.0, borrow=0.0),
            ambiguous_bars=0,
            end_positions={},
            assumptions=ASSUMPTIONS,
            bars=markets,
        )
        rows = {name: changes.pop(name) for name in ("fills", "orders", "trades", "tags") if name in changes}
        records = replace(run.records, **{name: (lambda value=value: value) for name, value in rows.items()})
        return replace(run, records=records, **changes)

    return make
