"""Files of what a bot did, for people and their scripts: orders and trades in JSON lines, the equity curve in CSV.

They are copies for convenience, as whole as the disk allowed; what counts is the journal.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Self

import msgspec

from tradebot.core.event import Adopted, Cancel, Concluded, EquityMarked, OrderUpdate, Replace, Submit
from tradebot.core.fill import Fill
from tradebot.core.instant import iso
from tradebot.core.journal import Message
from tradebot.core.redaction import Redactor
from tradebot.telemetry.logs import RotatedFile, beside

_INTENT: Final = (
    "side",
    "quantity",
    "type",
    "price",
    "trigger",
    "tif",
    "reduce_only",
    "stop_loss",
    "take_profit",
    "tag",
)


class RecordFiles:
    """Writes the files beside the main log; use it as a context manager, or close it.

    Parameters
    ----------
    log_file : the main log: beside ``bot.log`` go ``bot.orders.jsonl``, ``bot.trades.jsonl`` and ``bot.equity.csv``.
    redactor : takes secrets out of every line.
    trades, equity : whether those two are written.
    """

    def __init__(self, log_file: Path, *, redactor: Redactor, trades: bool = True, equity: bool = True) -> None:
        self._redactor = redactor
        self._orders = RotatedFile(beside(log_file, "orders.jsonl"))
        self._trades = RotatedFile(beside(log_file, "trades.jsonl")) if trades else None
        self._equity = RotatedFile(beside(log_file, "equity.csv"), "time,cash,equity") if equity else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the files."""
        for file in (self._orders, self._trades, self._equity):
            if file is not None:
                file.close()

    def write(self, messages: Sequence[Message], *, now: int) -> None:
        """Write down what there is to tell of an event and its outputs, once they are in the journal.

        Parameters
        ----------
        messages : as they were appended.
        now : time of the commands, which carry none; int64 ns UTC.
        """
        for message in messages:
            match message:
                case Submit(order_id=order_id, intent=intent):
                    terms = {name: getattr(intent, name) for name in _INTENT if getattr(intent, name) not in (None, "")}
                    self._order(now, "submit", order_id, symbol=intent.instrument, **terms)
                case Cancel(order_id=order_id, reason=reason):
                    self._order(now, "cancel", order_id, reason=reason)
                case Replace():
                    self._order(now, "replace", message.order_id, **_given(message, "quantity", "price", "trigger"))
                case OrderUpdate():
                    terms = _given(message, "venue_id", "reason", "quantity", "price", "trigger")
                    self._order(message.ts, message.state, message.order_id, symbol=message.symbol, **terms)
                    if message.fill is not None:
                        self._trade(message.fill)
                case Concluded():
                    self._order(message.ts, message.state, message.order_id, symbol=message.symbol)
                case Adopted():
                    self._order(
                        message.ts, "adopted", message.order_id, symbol=message.symbol, quantity=message.quantity
                    )
                case EquityMarked():
                    self._point(message)
                case _:
                    pass

    def _order(self, ts: int, event: str, order_id: str, **terms: Any) -> None:
        self._line(self._orders, {"time": iso(ts), "event": event, "order_id": order_id, **terms})

    def _trade(self, fill: Fill) -> None:
        if self._trades is not None:
            values: dict[str, Any] = msgspec.to_builtins(fill)
            del values["ts"]
            self._line(self._trades, {"time": iso(fill.ts), **values})

    def _point(self, point: EquityMarked) -> None:
        if self._equity is not None:
            cash, equity = (Decimal(repr(amount)) for amount in (point.cash, point.equity))
            self._equity.write(f"{iso(point.ts)},{cash},{equity}")

    def _line(self, file: RotatedFile, values: dict[str, Any]) -> None:
        file.write(msgspec.json.encode(self._redactor.value(values)).decode())


def _given(message: msgspec.Struct, *names: str) -> dict[str, Any]:
    return {name: value for name in names if (value := getattr(message, name)) not in (None, "")}
