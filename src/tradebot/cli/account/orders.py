"""``tradebot orders``: what was sent to the broker, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from tradebot.cli.account.reading import (
    account_option,
    amount,
    ask,
    json_option,
    limit_option,
    run_option,
    show_json,
    show_table,
    symbol_option,
)

if TYPE_CHECKING:
    from tradebot.store.ledger.rows import OrderRow

_EPILOG: Final = """\b
Examples:
  tradebot orders
  tradebot orders --open --symbol BTCUSDT
  tradebot orders --limit 500 --json
"""
_COLUMNS: Final = {
    "Order": "left", "Sent (UTC)": "left", "Market": "left", "Side": "left", "Type": "left", "Quantity": "right",
    "Filled": "right", "At": "right", "Limit": "right", "Trigger": "right", "State": "left", "Reason": "left",
}  # fmt: skip


@click.command(epilog=_EPILOG)
@account_option
@run_option
@symbol_option
@click.option("--open", "is_open", is_flag=True, help="Only orders that may still fill, unknown ones among them.")
@limit_option
@json_option
def orders(account: str | None, run: str | None, symbol: str | None, is_open: bool, limit: int, as_json: bool) -> None:
    """List the orders of an account, newest first."""
    name, rows = ask(account, lambda ledger: ledger.orders(run_id=run, symbol=symbol, is_open=is_open, limit=limit))
    if as_json:
        show_json(name, "orders", rows)
    else:
        show_table(name, "orders", _COLUMNS, [_cells(row) for row in rows])


def _cells(row: OrderRow) -> list[str]:
    from tradebot.cli.data.output import NOTHING, moment

    return [
        row.order_id,
        moment(row.created),
        row.symbol,
        row.side or NOTHING,
        (row.type or NOTHING).replace("_", " "),
        amount(row.quantity),
        amount(row.filled),
        amount(None if row.average_price is None else round(row.average_price, 10)),
        amount(row.price),
        amount(row.trigger),
        row.state.replace("_", " "),
        row.reason,
    ]
