"""SQL over the store: one view a kind of data, read-only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from tradebot.core.errors import DataError

if TYPE_CHECKING:
    import duckdb
    import polars as pl

    from tradebot.store.archive import Archive
    from tradebot.store.library import Library

# A writer may remove a file between the view and the query; the next view no longer names it.
_TRIES: Final = 3
_TYPES: Final = {"Int64": "BIGINT", "Int8": "TINYINT", "Float64": "DOUBLE"}
_PLAIN: Final = re.compile(
    r"BOOLEAN|U?(TINY|SMALL|BIG)INT|U?INTEGER|FLOAT|DOUBLE|VARCHAR|DATE|TIME|TIMESTAMP(_S|_MS|_NS)?( WITH TIME ZONE)?"
)
_KEYS: Final = ("venue", "symbol", "interval")


def query(library: Library, sql: str) -> pl.DataFrame:
    """Answer of one question in DuckDB's SQL over the views ``bars``, ``funding``, ``factors``, ``trades``, ``quotes``.

    Each view has ``venue``, ``symbol`` (bars: ``interval`` too), ``time`` (UTC, ns) and the kind's columns, ``ts`` as
    int64 ns among them. Conditions on venue, symbol, interval and time leave unread what they rule out.

    Raises
    ------
    DataError : the text is no single question, or DuckDB refuses it. Nothing can be written, and no file but the
        store's be read.
    """
    import duckdb

    fault = DataError("the store changes faster than it can be read", place="sql", mend="Try again.")
    for _ in range(_TRIES):
        try:
            return _answer(library, sql)
        except duckdb.IOException as error:
            fact = f"a stored file cannot be read: {_first_line(error)}"
            fault = DataError(fact, place="sql", mend="`tradebot data check` tells what is wrong.")
        except duckdb.Error as error:
            mend = "The views are bars, funding, factors, trades and quotes; `DESCRIBE bars` lists columns."
            fault = DataError(_first_line(error), place="sql", mend=mend)
            break
        except DataError as error:
            fault = DataError(error.fact, place=error.place, mend=error.mend)
            break
    # Not from within: an error that remembers the first one keeps the connection to the end of the process, and DuckDB
    # then fills the terminal with complaints.
    raise fault


def _answer(library: Library, sql: str) -> pl.DataFrame:
    import duckdb
    import polars as pl

    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        statements = connection.extract_statements(sql)
        if len(statements) != 1 or statements[0].type not in (
            duckdb.StatementType.SELECT,
            duckdb.StatementType.EXPLAIN,
        ):
            fact = "it is not one question" if len(statements) == 1 else f"it holds {len(statements)} statements"
            raise DataError(fact, place="sql", mend="Give one SELECT: the store is read-only here.")
        for archive in library.archives():
            connection.execute(_view(archive))
        _shut_in(connection, library)
        answer = connection.sql(sql)
        if len(set(answer.columns)) < len(answer.columns):
            doubled = next(name for name in answer.columns if answer.columns.count(name) > 1)
            raise DataError(f'two columns are called "{doubled}"', place="sql", mend="Rename one by AS.")
        return pl.DataFrame(_Stream(_with_plain_types(answer).__arrow_c_stream__()))


class _Stream:
    """An Arrow stream alone: no further package, no copy of the columns.

    Given the relation itself, Polars would remember DuckDB's class, which then complains when the process ends.
    """

    def __init__(self, capsule: object) -> None:
        self._capsule = capsule

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._capsule


def _with_plain_types(answer: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """The answer with decimals as doubles, and as text what a table cannot hold (intervals, lists)."""
    types = [str(kind) for kind in answer.types]
    if all(_PLAIN.fullmatch(kind) for kind in types):
        return answer
    casts: list[str] = []
    for place, (name, kind) in enumerate(zip(answer.columns, types, strict=True), start=1):
        number = "::DOUBLE" if kind.startswith(("DECIMAL", "HUGEINT", "UHUGEINT")) else "::VARCHAR"
        cast = "" if _PLAIN.fullmatch(kind) else number
        quoted = name.replace('"', '""')
        casts.append(f'#{place}{cast} AS "{quoted}"')
    return answer.project(", ".join(casts))


def _shut_in(connection: duckdb.DuckDBPyConnection, library: Library) -> None:
    """Nothing outside the store can be reached from here on, and this cannot be taken back."""
    connection.execute("SET autoinstall_known_extensions = false")
    connection.execute("SET autoload_known_extensions = false")
    folders = ", ".join(_text(str(archive.root.absolute())) for archive in library.archives())
    connection.execute(f"SET allowed_directories = [{folders}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _view(archive: Archive) -> str:
    kind = archive.kind
    keys = _KEYS if kind.name == "bars" else _KEYS[:2]
    files = [str(file.absolute()) for series in archive.series() for file in archive.files(series)]
    columns = ", ".join(kind.columns)
    if not files:
        nothing = [*(f"NULL::VARCHAR AS {key}" for key in keys), "NULL::TIMESTAMP_NS AS time"]
        nothing += [f"NULL::{_TYPES[type_]} AS {name}" for name, type_ in kind.columns.items()]
        return f"CREATE VIEW {kind.name} AS SELECT {', '.join(nothing)} WHERE false"
    listed = ", ".join(map(_text, files))
    # Months are "1mo" in folder names, where capitals may not count.
    interval = "replace(interval, 'mo', 'M') AS interval, " if kind.name == "bars" else ""
    rows = f"read_parquet([{listed}], hive_partitioning = true, hive_types_autocast = false)"
    told = f"venue, symbol, {interval}make_timestamp_ns(ts) AS time, {columns}"
    return f"CREATE VIEW {kind.name} AS FROM {rows} SELECT {told}"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _first_line(error: Any) -> str:
    return str(error).partition("\n")[0].rstrip(".!")
