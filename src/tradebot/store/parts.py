"""The Parquet files of a series: written once under a name of their own, read by the column, swept when unnamed."""

from __future__ import annotations

import contextlib
import hashlib
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tradebot.core.errors import DataError
from tradebot.store.durable import make_folder, write_durably
from tradebot.store.kinds import Kind
from tradebot.store.manifest import Manifest, Part, SeriesKey

if TYPE_CHECKING:
    import polars as pl

_COMPRESSION_LEVEL: Final = 3
_DIGEST_BYTES: Final = 8
# What somebody else has put into the folder is not ours to remove.
_OURS: Final = re.compile(r"\.?[\w-]+\.[0-9a-f]{16}\.parquet(\.unfinished)?")


def write_part(folder: Path, period: str, frame: pl.DataFrame, stored: Part | None, *, bad: int) -> Part:
    """Write one file beside the stored one, which stays as it is where the bytes are the same.

    Raises
    ------
    OSError : the disk is full, or the folder cannot be written.
    """
    make_folder(folder)
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", compression_level=_COMPRESSION_LEVEL)
    content = buffer.getvalue()
    ts = frame.get_column("ts")
    part = Part(period, digest_of(content), frame.height, int(ts[0]), int(ts[-1]), bad)
    if part != stored:
        write_durably(folder / part.name, content)
    return part


def read_parts(
    paths: Sequence[Path],
    kind: Kind,
    columns: Sequence[str] | None = None,
    start: int | None = None,
    end: int | None = None,
) -> pl.DataFrame:
    """Rows of ``start <= ts < end`` of files in order of time; ``ts`` must be among the columns.

    Raises
    ------
    FileNotFoundError : a file is gone.
    DataError : a file is damaged.
    """
    import polars as pl

    wanted = list(columns or kind.columns)
    if not paths:
        types: dict[str, Any] = {name: getattr(pl, kind.columns[name]) for name in wanted}
        return pl.DataFrame(schema=types)
    try:
        frame = pl.read_parquet(list(paths), columns=wanted, glob=False, hive_partitioning=False)
    except pl.exceptions.PolarsError as error:
        fact = f"a stored file is damaged: {next(iter(str(error).splitlines()), '')}"
        mend = "`tradebot data check` names it; import or download its time again after `tradebot data delete`."
        raise DataError(fact, place=str(paths[0].parent), mend=mend) from None
    ts = frame.get_column("ts")
    # Sorted times are cut by a search; a filter would copy every column.
    first = 0 if start is None else int(ts.search_sorted(start))
    last = frame.height if end is None else int(ts.search_sorted(end))
    return frame[first:last]


def read_part(path: Path, kind: Kind) -> pl.DataFrame:
    """Every row of one file, for a writer: nobody takes it away meanwhile.

    Raises
    ------
    DataError : it is gone or damaged.
    """
    try:
        return read_parts([path], kind)
    except FileNotFoundError:
        raise gone(path) from None


def gone(path: Path) -> DataError:
    """What is said of a file that the manifest names and that is not there."""
    mend = "`tradebot data delete` its time, and import or download it again; `tradebot data check` shows all."
    return DataError("the file is gone", place=str(path), mend=mend)


def digest_of(content: bytes) -> str:
    """Digest of a file's bytes, as its name bears it."""
    return hashlib.blake2b(content, digest_size=_DIGEST_BYTES).hexdigest()


def sweep(root: Path, key: SeriesKey) -> None:
    """Remove the files of a series that the manifest on the disk does not name: older ones, and a crash's leavings."""
    folder = root / key.folder
    with contextlib.suppress(OSError, DataError):
        stored = Manifest(root).series.get(key)
        named = {part.name for part in stored.parts} if stored else set[str]()
        for path in folder.iterdir():
            if _OURS.fullmatch(path.name) and path.name not in named:
                path.unlink(missing_ok=True)
        while folder != root and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent
