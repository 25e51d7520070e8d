"""What a bot saw and did, as messages for people: topic, kind, and plain data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from tradebot.core import event as events
from tradebot.core.event import Event, Output
from tradebot.core.fill import Fill
from tradebot.core.instant import iso
from tradebot.core.order import OrderState

TOPICS: Final = (
    "ticks", "bars", "signals", "orders", "fills", "positions", "equity", "health", "log", "backtests",
)  # fmt: skip


class News(NamedTuple):
    """One message, before it has a number.

    Attributes
    ----------
    topic : one of :data:`TOPICS`.
    kind : what it is, as ``order_update``.
    ts : time of it, int64 ns UTC; 0 for now.
    data : plain values.
    """

    topic: str
    kind: str
    ts: int
    data: dict[str, Any]


def news_of(event: Event, outputs: Sequence[Output]) -> Iterator[News]:
    """What there is to tell of an event and of what came out of it, in order."""
    yield from _of_event(event)
    now = getattr(event, "ts", 0)
    for output in outputs:
        if (told := _of_output(output, now)) is not None:
            yield told


def _of_event(event: Event) -> Iterator[News]:
    match event:
        case events.BarClosed(symbol, interval, bar):
            prices = {name: getattr(bar, name) for name in ("open", "high", "low", "close", "volume")}
            data = {"symbol": symbol, "interval": str(interval), "time": iso(bar.ts), **prices}
            yield News("bars", "bar", interval.close_of(bar.ts), data)
        case events.TickSeen(symbol, tick):
            yield News("ticks", "tick", tick.ts, {"symbol": symbol, "price": tick.price, "size": tick.size})
        case events.QuoteSeen(symbol, quote):
            yield News("ticks", "quote", quote.ts, {"symbol": symbol, "bid": quote.bid, "ask": quote.ask})
        case events.FeedHealth(ts, symbol, is_fresh):
            yield News("health", "feed", ts, {"symbol": symbol, "is_fresh": is_fresh})
        case events.OrderUpdate():
            yield News("orders", "order", event.ts, _update(event))
            if event.fill is not None:
                yield News("fills", "fill", event.fill.ts, _fill(event.fill))
        case events.OperatorCommand(ts, action, operator):
            yield News("log", "command", ts, {"action": action.value, "operator": operator, "text": str(event)})
        case _:
            return


def _of_output(output: Output, now: int) -> News | None:
    match output:
        case events.Submit(order_id, intent):
            terms = {name: getattr(intent, name) for name in ("side", "type", "quantity", "price", "trigger", "tag")}
            data = {
                "order_id": order_id,
                "symbol": str(intent.instrument),
                "state": OrderState.SUBMITTED.value,
                **terms,
            }
            return News("orders", "order", now, data)
        case events.Cancel(order_id, reason):
            return News("orders", "cancel", now, {"order_id": order_id, "reason": reason})
        case events.Signaled():
            levels = {
                name: getattr(output, name) for name in ("entry", "stop_loss", "take_profit", "confidence", "tag")
            }
            data = {"symbol": output.symbol, "action": output.action, "order_id": output.order_id, **levels}
            return News("signals", "signal", output.ts, data)
        case events.Reviewed() if not output.allowed:
            names = ("order_id", "symbol", "allowed", "rule", "reason")
            return News("signals", "verdict", output.ts, {name: getattr(output, name) for name in names})
        case events.Answered():
            names = ("symbol", "order_id", "allowed", "rule", "reason")
            data = {"action": output.action.value, **{name: getattr(output, name) for name in names}}
            return News("orders", "answer", now, data)
        case events.Concluded(ts=ts, order_id=order_id, symbol=symbol, state=state):
            return News("orders", "order", ts, {"order_id": order_id, "symbol": symbol, "state": state.value})
        case events.Adopted(ts=ts, symbol=symbol, quantity=quantity, price=price):
            held = {"symbol": symbol, "quantity": str(quantity), "price": str(price)}
            return News("fills", "adopted", ts, held | {"order_id": output.order_id})
        case events.EquityMarked(ts=ts, cash=cash, equity=equity):
            return News("equity", "equity", ts, {"cash": cash, "equity": equity})
        case events.Notify(severity, text):
            return News("log", "notice", now, {"severity": severity.value, "text": text})
        case events.Halt(reason, flatten):
            return News("health", "halt", now, {"reason": reason, "flatten": flatten})
        case _:
            return None


def _update(event: events.OrderUpdate) -> dict[str, Any]:
    told: dict[str, Any] = {"order_id": event.order_id, "symbol": event.symbol, "state": event.state.value}
    for name in ("venue_id", "reason", "quantity", "price", "trigger"):
        if (value := getattr(event, name)) not in (None, ""):
            told[name] = str(value)
    return told


def _fill(fill: Fill) -> dict[str, Any]:
    names = ("symbol", "trade_id", "order_id", "side", "price", "quantity", "fee", "fee_currency")
    return {name: str(getattr(fill, name)) for name in names}
