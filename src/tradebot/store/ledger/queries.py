"""Questions to the ledger, answered beside the bot that writes it."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, Final, TypeVar, cast

import msgspec

from tradebot.core.errors import JournalError
from tradebot.core.event import OperatorAction, OperatorCommand
from tradebot.core.order import OrderState, is_final
from tradebot.store.account_file import AccountFile
from tradebot.store.database import database_errors
from tradebot.store.ledger.holding import average
from tradebot.store.ledger.rows import (
    AuditRow,
    CashFlowRow,
    EquityRow,
    FillRow,
    OrderRow,
    PositionRow,
    RunRow,
    SignalRow,
    VerdictRow,
)

Row = TypeVar("Row", bound=msgspec.Struct)
LIMIT: Final = 1000
# The key of most tables is the number of the journal's entry.
_NEWEST: Final = ("rowid",)
_OPEN: Final = tuple(state.value for state in OrderState if not is_final(state))


class Ledger(AccountFile):
    """Reads the ledger of an account; use it as a context manager, or close it.

    Every method gives the newest rows first, ``limit`` of them at most; with ``before`` only those that follow the row
    of that ``seq`` (a trade's: of that ``ts`` and ``row``), however many came in front meanwhile.

    Parameters
    ----------
    folder : folder of the account.

    Raises
    ------
    JournalError : there is no ledger, or it is of another version.
    """

    def orders(
        self,
        *,
        run_id: str | None = None,
        symbol: str | None = None,
        order_id: str | None = None,
        is_open: bool = False,
        before: int | None = None,
        limit: int = LIMIT,
    ) -> list[OrderRow]:
        """Orders as they were sent; with ``is_open`` those that may still fill, unknown ones among them."""
        state = _OPEN if is_open else None
        where: dict[str, Any] = {"run_id": run_id, "symbol": symbol, "order_id": order_id, "state": state}
        found = self._rows("orders", _NEWEST, where, limit, _at(before))
        with self._values():
            for row in found:
                filled = Decimal(row["filled"])
                row["average_price"] = average(Decimal(row["cost"]), filled) if filled else None
            return msgspec.convert(found, list[OrderRow], strict=False)

    def fills(
        self,
        *,
        run_id: str | None = None,
        symbol: str | None = None,
        order_id: str | None = None,
        trade_id: str | None = None,
        before: tuple[int, int] | None = None,
        limit: int = LIMIT,
    ) -> list[FillRow]:
        """Trades by their time."""
        where = {"run_id": run_id, "symbol": symbol, "order_id": order_id, "trade_id": trade_id}
        return self._answer("fills", FillRow, ("ts", "rowid"), where, limit, before)

    def positions(self, *, symbol: str | None = None, is_open: bool = True) -> list[PositionRow]:
        """Positions by symbol; without ``is_open`` those that were closed too, with what they realized."""
        where: dict[str, Any] = {"symbol": symbol}
        found = self._answer("positions", PositionRow, _NEWEST, where, -1)
        return sorted((row for row in found if row.quantity or not is_open), key=lambda row: row.symbol)

    def equity(self, *, run_id: str | None = None, before: int | None = None, limit: int = LIMIT) -> list[EquityRow]:
        """Points of the equity curve."""
        return self._answer("equity", EquityRow, _NEWEST, {"run_id": run_id}, limit, _at(before))

    def equity_at(self, ts: int, *, run_id: str) -> EquityRow | None:
        """The point of a run's curve that held at a time; its first one where it began later."""
        for condition, order in (("<=", "seq DESC"), (">", "seq")):
            with database_errors(self.path):
                found = self._connection.execute(
                    f"SELECT seq, run_id, ts, cash, equity FROM equity WHERE run_id = ? AND ts {condition} ?"  # noqa: S608
                    f" ORDER BY {order} LIMIT 1",
                    (run_id, ts),
                ).fetchone()
            if found is not None:
                with self._values():
                    return msgspec.convert(dict(zip(EquityRow.__struct_fields__, found, strict=True)), EquityRow)
        return None

    def entries_since(self, ts: int, *, run_id: str) -> int:
        """Orders of a run sent since a time of the market's (int64 ns UTC) that may open a position."""
        with database_errors(self.path):
            (count,) = self._connection.execute(
                "SELECT count(DISTINCT order_id) FROM verdicts JOIN orders USING (order_id)"
                " WHERE verdicts.run_id = ? AND verdicts.ts >= ? AND allowed AND NOT reduce_only",
                (run_id, ts),
            ).fetchone()
        return int(count)

    def peak(self, run_id: str, *, after: int = 0) -> tuple[float, int] | None:
        """Highest equity of a run among the points with a number above ``after``, and the number of the newest."""
        with database_errors(self.path):
            highest, newest = self._connection.execute(
                "SELECT max(CAST(equity AS REAL)), max(seq) FROM equity WHERE run_id = ? AND seq > ?", (run_id, after)
            ).fetchone()
        return None if newest is None else (highest, newest)

    def released(self, run_id: str) -> EquityRow | None:
        """The point of a run's curve at which a person let it go on last, from where its losses count anew."""
        with database_errors(self.path):
            (release,) = self._connection.execute(
                "SELECT max(seq) FROM audit WHERE run_id = ? AND kind = ? AND (text = ? OR text LIKE ?)",
                (run_id, OperatorCommand.__name__, OperatorAction.RELEASE, f"{OperatorAction.RELEASE}:%"),
            ).fetchone()
        found = [] if release is None else self.equity(run_id=run_id, before=release, limit=1)
        return found[0] if found else None

    def signals(
        self, *, run_id: str | None = None, symbol: str | None = None, before: int | None = None, limit: int = LIMIT
    ) -> list[SignalRow]:
        """What the strategies said."""
        where = {"run_id": run_id, "symbol": symbol}
        return self._answer("signals", SignalRow, _NEWEST, where, limit, _at(before))

    def verdicts(
        self,
        *,
        run_id: str | None = None,
        symbol: str | None = None,
        allowed: bool | None = None,
        before: int | None = None,
        limit: int = LIMIT,
    ) -> list[VerdictRow]:
        """What the risk review said; with ``allowed`` only the one kind."""
        where: dict[str, Any] = {"run_id": run_id, "symbol": symbol, "allowed": allowed}
        return self._answer("verdicts", VerdictRow, _NEWEST, where, limit, _at(before))

    def cash_flows(
        self, *, run_id: str | None = None, symbol: str | None = None, limit: int = LIMIT
    ) -> list[CashFlowRow]:
        """Funding, fees, transfers."""
        return self._answer("cash_flows", CashFlowRow, ("seq",), {"run_id": run_id, "symbol": symbol}, limit)

    def audit(self, *, run_id: str | None = None, before: int | None = None, limit: int = LIMIT) -> list[AuditRow]:
        """Starts, stops, commands, halts and notices."""
        return self._answer("audit", AuditRow, _NEWEST, {"run_id": run_id}, limit, _at(before))

    def runs(self, *, limit: int = LIMIT) -> list[RunRow]:
        """Runs of the account."""
        return self._answer("runs", RunRow, ("seq",), {}, limit)

    def _answer(
        self,
        table: str,
        kind: type[Row],
        order: tuple[str, ...],
        where: dict[str, Any],
        limit: int,
        before: tuple[int, ...] | None = None,
    ) -> list[Row]:
        found = self._rows(table, order, where, limit, before)
        with self._values():
            return msgspec.convert(found, list[kind], strict=False)

    @contextmanager
    def _values(self) -> Generator[None]:
        """Rows become values; one that holds none is a damaged ledger's."""
        try:
            yield
        except (msgspec.ValidationError, ArithmeticError) as error:
            mend = "`tradebot ledger rebuild` makes it anew from the journal."
            raise JournalError(f"holds a value that is none: {error}", place=str(self.path), mend=mend) from error

    def _rows(
        self,
        table: str,
        order: tuple[str, ...],
        where: dict[str, Any],
        limit: int,
        before: tuple[int, ...] | None = None,
    ) -> list[dict[str, Any]]:
        """Rows by column, the greatest of the ordering columns first.

        Parameters
        ----------
        where : filter by column: a value or a choice of them, ``None`` for all.
        before : values of the ordering columns that every row lies below.
        """
        filters: list[str] = []
        values: list[Any] = []
        for column, value in where.items():
            if value is not None:
                choice = cast("tuple[Any, ...]", value if isinstance(value, tuple) else (value,))
                filters.append(f"{column} IN ({', '.join('?' * len(choice))})")
                values += choice
        if before is not None:
            filters.append(f"({', '.join(order)}) < ({', '.join('?' * len(before))})")
            values += before
        condition = f"WHERE {' AND '.join(filters)}" if filters else ""
        falling = ", ".join(f"{column} DESC" for column in order)
        with database_errors(self.path):
            # Table, order and columns are words of ours; what a person gives is bound.
            found = self._connection.execute(
                f"SELECT rowid AS row, * FROM {table} {condition} ORDER BY {falling} LIMIT ?",  # noqa: S608
                (*values, limit),
            )
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found]


def _at(before: int | None) -> tuple[int, ...] | None:
    return None if before is None else (before,)
