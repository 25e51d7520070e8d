"""A live run in tests: a trader whose strategy says what it is told, and a broker that answers by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tradebot.core.account import AccountSnapshot, OpenOrder, OpenPosition
from tradebot.core.bar import Bar
from tradebot.core.event import (
    BarClosed,
    Notify,
    OperatorAction,
    OperatorCommand,
    OrderUpdate,
    Output,
    Reviewed,
    Submit,
    Timer,
)
from tradebot.core.fill import Fill, Liquidity
from tradebot.core.instrument import Instrument
from tradebot.core.order import OrderState, OrderType, Side
from tradebot.engine.plan import Plan
from tradebot.engine.trader import Trader
from tradebot.sizing import FixedQuantity
from tradebot.strategies import Strategy

MINUTE = 60_000_000_000
SECOND = 1_000_000_000
BTC = Instrument.binance_perpetual("BTCUSDT")
POSITION = OpenPosition(symbol="BTCUSDT", quantity=Decimal(1), entry_price=Decimal(100))
"""One unit as a broker shows it."""
STOP = OpenOrder(
    order_id="run-0-sl",
    venue_id="7",
    symbol="BTCUSDT",
    side=Side.SELL,
    type=OrderType.STOP,
    state=OrderState.ACCEPTED,
    quantity=Decimal(1),
    filled=Decimal(0),
)
"""The stop of its entry, at rest there."""


class Script(Strategy):
    """Says what it is told, bar by bar."""

    def setup(self, bars: Any) -> None:
        self.row = -1
        self.heard: list[Any] = []

    def on_bar(self, bar: Bar) -> Any:
        self.row += 1
        said = LINES.get(self.row)
        return said(self) if callable(said) else said

    def on_fill(self, fill: Any) -> None:
        self.heard.append((fill.client_id, fill.fill_quantity))


LINES: dict[int, Any] = {}


class Live:
    """A trader with one market, driven by hand."""

    def __init__(self, lines: dict[int, Any], **options: Any) -> None:
        LINES.clear()
        LINES.update(lines)
        settings = {
            "run_id": "run",
            "instruments": [BTC],
            "interval": "1m",
            "strategy": Script(),
            "cash": 100_000.0,
            "sizer": FixedQuantity(1.0),
        }
        self.plan = Plan(**(settings | options))
        self.trader = Trader(self.plan)
        self.now = 0
        self.bars = 0
        self.outputs: list[Output] = []
        self.trades = 0
        self.snapshot()

    def give(self, event: Any) -> list[Output]:
        outputs = self.trader.handle(event)
        self.outputs += outputs
        return outputs

    def bar(self, close: float = 100.0, *, low: float | None = None, high: float | None = None) -> list[Output]:
        ts = self.bars * MINUTE
        self.bars += 1
        self.now = ts + MINUTE
        edges = (high or close, low or close)
        return self.give(BarClosed("BTCUSDT", self.plan.bars, Bar(ts, close, *edges, close, volume=1.0)))

    def report(self, order_id: str, state: str, reason: str = "", **fields: Any) -> list[Output]:
        update = OrderUpdate(
            ts=self.now, order_id=order_id, symbol="BTCUSDT", state=OrderState(state), reason=reason, **fields
        )
        return self.give(update)

    def fill(self, order_id: str, quantity: float, price: float = 100.0, side: str = "buy", **fields: Any) -> Fill:
        """A trade of an order."""
        self.trades += 1
        values = {
            "trade_id": f"t{self.trades}",
            "order_id": order_id,
            "symbol": "BTCUSDT",
            "ts": self.now,
            "side": Side(side),
            "price": Decimal(str(price)),
            "quantity": Decimal(str(quantity)),
            "fee": Decimal(0),
            "fee_currency": "USDT",
            "liquidity": Liquidity.TAKER,
        }
        return Fill(**(values | fields))

    def trade(self, order_id: str, quantity: float, price: float = 100.0, side: str = "buy") -> list[Output]:
        return self.report(order_id, "partially_filled", fill=self.fill(order_id, quantity, price, side))

    def wait(self, seconds: float) -> list[Output]:
        """Let time pass: every timer that comes due is given, in its order."""
        end, given = self.now + int(seconds * SECOND), len(self.outputs)
        while due := min(((ts, name) for name, ts in self.timers.items() if ts <= end), default=None):
            self.now = max(self.now, due[0])
            self.give(Timer(self.now, due[1]))
        self.now = end
        return self.outputs[given:]

    @property
    def timers(self) -> dict[str, int]:
        return self.trader.timers

    def snapshot(self, **fields: Any) -> list[Output]:
        values = {"ts": self.now, "orders": (), "positions": (), "balances": {}, "fills": ()}
        return self.give(AccountSnapshot(**(values | fields)))

    @property
    def position(self) -> float:
        return self.trader.portfolio.quantity("BTCUSDT")

    def order(self, order_id: str) -> Any:
        books = self.trader._books
        number = books.find(order_id)
        assert number is not None
        return books.order(number)

    def submitted(self) -> list[str]:
        return [output.order_id for output in self.outputs if isinstance(output, Submit)]

    def denials(self) -> list[tuple[str, str]]:
        return [(each.order_id, each.rule) for each in self.outputs if isinstance(each, Reviewed) and not each.allowed]

    def notices(self) -> list[str]:
        return [output.text for output in self.outputs if isinstance(output, Notify)]


def command(live: Live, action: str) -> list[Output]:
    """Give an operator's command."""
    return live.give(OperatorCommand(live.now, OperatorAction(action), "ann", "a drill"))


def held(live: Live) -> Live:
    """Give its first entry its fill of one unit, and have its stop accepted."""
    live.bar()
    live.trade("run-0", 1.0)
    live.report("run-0-sl", "accepted")
    return live


def of_kind(kind: type, outputs: list[Output]) -> list[Any]:
    return [output for output in outputs if isinstance(output, kind)]
