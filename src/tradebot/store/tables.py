"""Tables out of files of every common form, their columns found by what people call them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from tradebot.core.errors import DataError
from tradebot.store.file_names import require_file

if TYPE_CHECKING:
    import polars as pl

_PARQUET: Final = (".parquet", ".pq")
_CSV: Final = (".csv", ".csv.gz")
_FEATHER: Final = (".feather", ".arrow", ".ipc")
_JSON: Final = (".json",)
_JSON_LINES: Final = (".jsonl", ".ndjson")
SUFFIXES: Final = _PARQUET + _CSV + _FEATHER + _JSON + _JSON_LINES
"""Ends of the names of files that :func:`read_table` reads."""

# What spreadsheets and databases write for a cell that holds nothing.
_NOTHING: Final = ["null", "NULL", "NA", "N/A", "None", "-"]
_SEPARATORS: Final = ",;\t|"
_ROWS_LOOKED_AT: Final = 1_000


def read_table(path: Path, *, has_header: bool = True) -> pl.DataFrame:
    """Whole table of a file; a CSV column that is not all numbers stays text, so that a wrong cell can be shown.

    Parameters
    ----------
    path : a file whose name ends in one of ``SUFFIXES``.
    has_header : whether the first row of a CSV file names the columns.

    Raises
    ------
    DataError : the file is absent, empty, unreadable, or of no known form.
    """
    require_file(path)
    name = path.name.lower()
    if not name.endswith(SUFFIXES):
        raise DataError(f'"{path.suffix}" files are not read', place=str(path), mend=f"Give {', '.join(SUFFIXES)}.")
    import polars as pl  # a late import: it takes longer than everything else of a small command

    if path.stat().st_size == 0:
        raise _empty(path)
    try:
        table = _table(path, name, has_header=has_header)
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = str(error).partition("\n")[0]
        raise DataError(f"cannot be read: {reason}", place=str(path), mend="Is the file whole?") from None
    if table.is_empty():
        raise _empty(path)
    return table


def _table(path: Path, name: str, *, has_header: bool) -> pl.DataFrame:
    import polars as pl

    if name.endswith(_PARQUET):
        return pl.read_parquet(path, glob=False, hive_partitioning=False)
    if name.endswith(_FEATHER):
        return pl.read_ipc(path)
    if name.endswith(_JSON):
        return pl.read_json(path)
    if name.endswith(_JSON_LINES):
        return pl.read_ndjson(path)
    options: dict[str, Any] = {
        "null_values": _NOTHING,
        "separator": _separator(path),
        "has_header": has_header,
        "glob": False,
    }
    try:
        return pl.read_csv(path, infer_schema_length=_ROWS_LOOKED_AT, **options)
    except pl.exceptions.ComputeError:
        # A cell further down is of another kind than the column's first ones: only the whole column tells which.
        return pl.read_csv(path, infer_schema_length=None, **options)


def header_of(path: Path) -> list[str]:
    """Names of a file's columns, without reading all of it where its form allows.

    Raises
    ------
    DataError : as :func:`read_table`.
    """
    if path.name.lower().endswith(".csv") and path.is_file() and path.stat().st_size:
        with path.open(encoding="utf-8", errors="replace") as file:
            return [cell.strip().strip('"') for cell in file.readline().strip().split(_separator(path))]
    return read_table(path).columns


def find_columns(
    table: pl.DataFrame, wanted: Mapping[str, Sequence[str]], required: Sequence[str], *, place: str
) -> dict[str, str]:
    """Column of the table for each role.

    Parameters
    ----------
    table : the table.
    wanted : role -> names it goes by, best first, in small letters without spaces, hyphens and underscores.
    required : roles that must be there.
    place : name of the file, for the message.

    Returns
    -------
    Role -> the column's name in the table, for the roles that were found.

    Raises
    ------
    DataError : a required role is not there; the message lists what was found and what is needed.
    """
    folded = {fold(name): name for name in reversed(table.columns)}
    found: dict[str, str] = {}
    for role, names in wanted.items():
        column = next((folded[name] for name in names if name in folded), None)
        if column is not None:
            found[role] = column
    missing = [role for role in required if role not in found]
    if missing:
        raise DataError(
            f"no column for {', '.join(missing)} among {', '.join(name or '(unnamed)' for name in table.columns)}",
            place=place,
            mend=f"Name the columns {', '.join(required)} in the file's first row.",
        )
    return found


def numbers(table: pl.DataFrame, column: str, *, place: str) -> NDArray[np.float64]:
    """A column as float64, NaN where nothing is written.

    Raises
    ------
    DataError : a cell holds text; the message shows it and its row, counted from 1 below the header.
    """
    import polars as pl

    cells = table.get_column(column)
    if cells.dtype.is_nested():
        fact = f"the {column} holds {str(cells.dtype).lower()} and not numbers"
        raise DataError(fact, place=place, mend="Give a column of plain numbers.")
    if not (cells.dtype.is_numeric() or cells.dtype == pl.String):
        cells = cells.cast(pl.String, strict=False)
    cast = cells.cast(pl.Float64, strict=False)
    refuse_cells(cells, cast, f"the {column}", "a number", place=place)
    return cast.fill_null(float("nan")).to_numpy()


def refuse_cells(cells: pl.Series, cast: pl.Series, what: str, kind: str, *, place: str) -> None:
    """Raise for the first cell that was written but could not be read as ``kind``."""
    wrong = cells.is_not_null() & cast.is_null()
    if not wrong.any():
        return
    row = int(wrong.arg_max() or 0)
    count = int(wrong.sum())
    more = f" ({count:,} such rows)" if count > 1 else ""
    cell: Any = cells[row]
    raise DataError(
        f'row {row + 1}: {what} is "{cell}", not {kind}{more}', place=place, mend="Correct or drop the row."
    )


def fold(name: str) -> str:
    """A column's name as the roles know it: small letters and digits alone."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _separator(path: Path) -> str:
    """The separator that the header uses most."""
    if path.name.lower().endswith(".gz"):
        return ","
    with path.open(encoding="utf-8", errors="replace") as file:
        header = file.readline()
    return max(_SEPARATORS, key=header.count)


def _empty(path: Path) -> DataError:
    return DataError("holds no rows", place=str(path), mend="Download or export it again.")
