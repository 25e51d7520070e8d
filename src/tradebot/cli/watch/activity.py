"""What an account did last, newest first: signals, orders and trades in one list."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import msgspec

from tradebot.cli.account.reading import amount
from tradebot.store.accounts import account_folder
from tradebot.store.ledger.queries import Ledger
from tradebot.store.ledger.rows import FillRow, OrderRow, SignalRow

_GOOD, _BAD, _PLAIN = "green", "red", ""
_ENDS_BADLY: Final = frozenset({"rejected", "expired", "denied", "unknown"})


class Activity(msgspec.Struct, frozen=True, kw_only=True):
    """One line of what happened.

    Parameters
    ----------
    ts : when, int64 ns UTC.
    kind : ``signal``, ``order`` or ``fill``.
    symbol : the market.
    text : what happened, in a few words.
    colour : how it is shown; empty for plain.
    """

    ts: int
    kind: str
    symbol: str
    text: str
    colour: str = _PLAIN


def recent(account: str, count: int) -> list[Activity]:
    """The last ``count`` things of an account.

    Raises
    ------
    JournalError : its ledger cannot be read.
    """
    with Ledger(account_folder(account)) as ledger:
        found = [_signal(row) for row in ledger.signals(limit=count)]
        found += [_order(row) for row in ledger.orders(limit=count)]
        found += [_fill(row) for row in ledger.fills(limit=count)]
    # Of one moment, what followed comes above: a signal leads to an order, an order to a fill.
    return sorted(found, key=lambda each: (each.ts, ("signal", "order", "fill").index(each.kind)), reverse=True)[:count]


def _signal(row: SignalRow) -> Activity:
    exits = [
        f"{word} {value:.8g}"
        for word, value in (("stop", row.stop_loss), ("target", row.take_profit))
        if value is not None
    ]
    text = " ".join([row.action, *exits, *(() if row.order_id else ("(no order)",))])
    return Activity(ts=row.ts, kind="signal", symbol=row.symbol, text=text)


def _order(row: OrderRow) -> Activity:
    at = row.trigger if row.price is None else row.price
    # Of an exit that the broker made itself, or an order that was not ours, it has told the name alone.
    what = [
        row.order_id if row.side is None else str(row.side),
        "" if row.quantity is None else _rounded(row.quantity),
        str(row.type or "").replace("_", " "),
        "" if at is None else f"at {_rounded(at)}",
        row.state.replace("_", " "),
        f"({row.reason})" if row.reason else "",
    ]
    colour = _BAD if row.state in _ENDS_BADLY else _PLAIN
    # Signals and trades go by the market's time.
    ts = row.told or row.updated
    return Activity(ts=ts, kind="order", symbol=row.symbol, text=" ".join(filter(None, what)), colour=colour)


def _fill(row: FillRow) -> Activity:
    text = f"{row.side} {_rounded(row.quantity)} at {_rounded(row.price)}"
    if not row.realized:
        return Activity(ts=row.ts, kind="fill", symbol=row.symbol, text=text)
    colour = _GOOD if row.realized > 0 else _BAD
    return Activity(
        ts=row.ts, kind="fill", symbol=row.symbol, text=f"{text}, realized {row.realized:+,.2f}", colour=colour
    )


def _rounded(number: Decimal) -> str:
    return amount(round(number, 8))
