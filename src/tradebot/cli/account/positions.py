"""``tradebot positions``: what an account holds by its own record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from tradebot.cli.account.reading import (
    account_option,
    amount,
    ask,
    json_option,
    show_json,
    show_table,
    symbol_option,
)

if TYPE_CHECKING:
    from tradebot.store.ledger.rows import PositionRow

_EPILOG: Final = """\b
Examples:
  tradebot positions
  tradebot positions --closed
  tradebot positions --json
"""
_COLUMNS: Final = {
    "Market": "left", "Quantity": "right", "Entry": "right", "Realized": "right", "Last fill (UTC)": "left"
}  # fmt: skip


@click.command(epilog=_EPILOG)
@account_option
@symbol_option
@click.option("--closed", is_flag=True, help="Also those that were closed.")
@json_option
def positions(account: str | None, symbol: str | None, closed: bool, as_json: bool) -> None:
    """List the positions of an account: the sums of its fills, and what they realized before fees."""
    name, rows = ask(account, lambda ledger: ledger.positions(symbol=symbol, is_open=not closed))
    if as_json:
        show_json(name, "positions", rows)
    else:
        show_table(name, "positions", _COLUMNS, [_cells(row) for row in rows])


def _cells(row: PositionRow) -> list[str]:
    from tradebot.cli.data.output import moment

    entry, realized = round(row.entry_price, 10), round(row.realized, 8)
    return [row.symbol, amount(row.quantity), amount(entry), amount(realized), moment(row.updated)]
