"""``tradebot fills``: what was really traded."""

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
    from tradebot.store.ledger.rows import FillRow

_EPILOG: Final = """\b
Examples:
  tradebot fills
  tradebot fills --symbol BTCUSDT --limit 10
  tradebot fills --json
"""
_COLUMNS: Final = {
    "Time (UTC)": "left", "Market": "left", "Side": "left", "Quantity": "right", "Price": "right", "Fee": "right",
    "Realized": "right", "Order": "left", "Trade": "left",
}  # fmt: skip


@click.command(epilog=_EPILOG)
@account_option
@run_option
@symbol_option
@click.option("--order", metavar="ORDER", help="Only those of this order.")
@limit_option
@json_option
def fills(
    account: str | None, run: str | None, symbol: str | None, order: str | None, limit: int, as_json: bool
) -> None:
    """List the trades of an account, newest first, each with what it realized before fees."""
    name, rows = ask(account, lambda ledger: ledger.fills(run_id=run, symbol=symbol, order_id=order, limit=limit))
    if as_json:
        show_json(name, "fills", rows)
    else:
        show_table(name, "fills", _COLUMNS, [_cells(row) for row in rows])


def _cells(row: FillRow) -> list[str]:
    from tradebot.cli.data.output import moment

    return [
        moment(row.ts),
        row.symbol,
        row.side,
        amount(row.quantity),
        amount(row.price),
        f"{amount(row.fee)} {row.fee_currency}",
        amount(round(row.realized, 8)),
        row.order_id,
        row.trade_id,
    ]
