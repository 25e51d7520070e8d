"""The folder of kept runs: a run appears in it whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import msgspec

from tradebot.core.errors import DataError
from tradebot.research.runs.folder import find, folders, id_of, name_at, new_folder, remove
from tradebot.research.runs.inputs import Inputs
from tradebot.research.runs.record import FORMAT, RunRecord
from tradebot.store.home import home

if TYPE_CHECKING:
    import polars as pl

    from tradebot.engine.outcome import Columns
    from tradebot.research.result import BacktestResult

_RECORD: Final = "record.json"
_SOURCES: Final = "source"


@dataclass(frozen=True, slots=True)
class Shelf:
    """Records that read well, newest first, and what is wrong with the others, by run folder."""

    records: tuple[RunRecord, ...]
    broken: dict[str, DataError]


def runs_folder() -> Path:
    """Where the command line keeps runs."""
    return home() / "runs"


class RunStore:
    """Kept runs, each a folder of a record, Parquet tables and the strategy's source.

    Parameters
    ----------
    root : the folder; made when the first run is kept.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    # Keeping ---------------------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Make the folder, and see that it can be written to, before a run has cost any time.

        Raises
        ------
        DataError : it cannot be made or written to.
        """
        with self._writing():
            self.root.mkdir(parents=True, exist_ok=True)
            if not os.access(self.root, os.W_OK | os.X_OK):
                raise PermissionError(13, "Permission denied")

    def keep(
        self,
        result: BacktestResult,
        *,
        request: Mapping[str, Any],
        inputs: Inputs | None = None,
    ) -> RunRecord:
        """Write a run down. One that is kept already is not kept twice.

        Parameters
        ----------
        request : what was asked for, in plain values; enough to ask again.
        inputs : what the run was made of.

        Raises
        ------
        DataError : the folder cannot be written to, or the disk is full; nothing of the run is left behind.
        """
        from tradebot.research.runs.fingerprint import market_prints
        from tradebot.research.runs.provenance import provenance_of
        from tradebot.research.runs.rows import tables_of

        if known := [folder for folder in folders(self.root) if folder.name.endswith(result.id.hex)]:
            return _read(known[0])
        self.prepare()
        inputs = inputs or Inputs()
        made = provenance_of(inputs.strategy)
        record = RunRecord(
            id=result.id,
            kept_at=datetime.now(UTC),
            request=dict(request),
            code=made.code,
            data=market_prints(result.outcome.bars, inputs),
            result=result.to_dict(),
            tags=result.outcome.tags,
        )
        text = msgspec.json.encode(record)
        with self._writing(), new_folder(self.root, record.id, record.kept_at) as draft:
            for name, table in tables_of(result.outcome).items():
                table.write_parquet(draft / f"{name}.parquet", compression="zstd")
            for name, source in made.texts.items():
                _write_text(draft / _SOURCES / name, source)
            _write_text(draft / _RECORD, msgspec.json.format(text, indent=2).decode())
        # As it will be read from now on, where JSON has lists for tuples.
        return msgspec.json.decode(text, type=RunRecord)

    @contextmanager
    def _writing(self) -> Generator[None]:
        from polars.exceptions import PolarsError

        try:
            yield
        except (OSError, PolarsError) as error:
            reason = getattr(error, "strerror", None) or str(error).partition("\n")[0]
            raise DataError(
                f"the run cannot be kept: {reason}",
                place=str(self.root),
                mend="Make room there, set TRADEBOT_HOME to a folder that can be written to, or run with --no-keep.",
            ) from error

    # Reading ---------------------------------------------------------------------------------------------------------

    def shelf(self, limit: int | None = None, *, before: datetime | None = None) -> Shelf:
        """The runs, newest first; at most ``limit`` of them, of those kept before a time where it is given."""
        records: list[RunRecord] = []
        broken: dict[str, DataError] = {}
        found = folders(self.root)
        if before is not None:
            found = [folder for folder in found if folder.name < name_at(before)]
        for folder in found[:limit]:
            try:
                records.append(_read(folder))
            except DataError as error:
                broken[folder.name] = error
        return Shelf(tuple(records), broken)

    def names(self) -> list[str]:
        """Ids of all runs, newest first, whether or not their records can be read."""
        return [id_of(folder) for folder in folders(self.root)]

    def name(self, wanted: str) -> str:
        """The whole id of the run that is meant; see :meth:`record`.

        Raises
        ------
        DataError : no run, or more than one, is meant.
        """
        return id_of(find(self.root, wanted))

    def record(self, wanted: str) -> RunRecord:
        """The record of one run.

        Parameters
        ----------
        wanted : its id or the beginning of it; or ``latest``, or ``latest~1`` for the one before.

        Raises
        ------
        DataError : no run, or more than one, is meant; or its record cannot be read.
        """
        return _read(find(self.root, wanted))

    def table(self, record: RunRecord, name: str) -> pl.DataFrame:
        """Table ``fills``, ``orders``, ``trades`` or ``equity`` of a run.

        Raises
        ------
        DataError : the table is gone or damaged.
        """
        import polars as pl
        from polars.exceptions import PolarsError

        file = find(self.root, record.id.hex) / f"{name}.parquet"
        try:
            return pl.read_parquet(file)
        except (OSError, PolarsError) as error:
            raise _damaged(file, error, record.short_id) from error

    def columns(self, record: RunRecord, name: str) -> Columns:
        """The arrays behind table ``fills``, ``orders`` or ``trades``, as the engine left them, bit for bit.

        Raises
        ------
        DataError : the table is gone or damaged.
        """
        from polars.exceptions import PolarsError

        from tradebot.research.runs.rows import columns_of

        table = self.table(record, name)
        try:
            return columns_of(table, name, record.result["symbols"], record.tags)
        except PolarsError as error:
            raise _damaged(find(self.root, record.id.hex) / f"{name}.parquet", error, record.short_id) from error

    def sources(self, record: RunRecord) -> Path:
        """Folder of the strategy's source as it was; its first file is ``record.code.sources[0]``."""
        return find(self.root, record.id.hex) / _SOURCES

    def source_texts(self, record: RunRecord) -> dict[str, str]:
        """The strategy's source as it was, by file name.

        Raises
        ------
        DataError : a file of it is gone or damaged.
        """
        file = folder = self.sources(record)
        try:
            return {name: (file := folder / name).read_text(encoding="utf-8") for name in record.code.sources}
        except (OSError, UnicodeDecodeError) as error:
            raise _damaged(file, error, record.short_id) from error

    def delete(self, wanted: str) -> RunRecord | None:
        """Take a run away, and return its record if that could still be read.

        Raises
        ------
        DataError : no run, or more than one, is meant; or the folder cannot be written to.
        """
        folder = find(self.root, wanted)
        try:
            record = _read(folder)
        except DataError:
            record = None
        try:
            remove(folder)
        except OSError as error:
            fact = f"the run cannot be deleted: {error.strerror}"
            raise DataError(fact, place=str(folder), mend="Make its folder writable.") from error
        return record


def _read(folder: Path) -> RunRecord:
    short = id_of(folder)[:8]
    try:
        text = (folder / _RECORD).read_bytes()
        written = msgspec.json.decode(text, type=_Format).format
        if written > FORMAT:
            fact = f"it was kept in format {written} by a newer tradebot, and this one reads up to {FORMAT}"
            raise DataError(fact, place=f"run {short}", mend="Update tradebot.")
        record = msgspec.json.decode(text, type=RunRecord)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _damaged(folder / _RECORD, error, short) from error
    if record.id != UUID(id_of(folder)):
        raise _damaged(folder / _RECORD, ValueError(f"it is the record of {record.id}"), short)
    return record


class _Format(msgspec.Struct):
    format: int = FORMAT


def _damaged(file: Path, error: Exception, short_id: str) -> DataError:
    reason = getattr(error, "strerror", None) or str(error).partition("\n")[0]
    mend = f"Restore the file, or take the run away: tradebot runs delete {short_id}."
    return DataError(f"cannot be read: {reason}", place=str(file), mend=mend)


def _write_text(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
