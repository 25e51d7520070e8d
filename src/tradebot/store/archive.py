"""Series of one kind of data in Parquet files: read, written and deleted in whole steps."""

from __future__ import annotations

import contextlib
import hashlib
import io
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tradebot.core.errors import DataError, did_you_mean
from tradebot.core.instant import iso
from tradebot.store import spans
from tradebot.store.durable import storage_errors, write_durably
from tradebot.store.kinds import Kind, periods
from tradebot.store.locks import PATIENCE_S, writing
from tradebot.store.manifest import Manifest, Part, Series, SeriesKey
from tradebot.store.merging import Merge, Written, merge_rows, replace_span

if TYPE_CHECKING:
    import polars as pl

# A reader that loses a file to a writer starts again from the new manifest; only a writer in a tight loop wins thrice.
_READ_TRIES: Final = 5
_COMPRESSION_LEVEL: Final = 3
_DIGEST_BYTES: Final = 8
_EVER: Final = (-(2**63), 2**63 - 1)


class Archive:
    """Series of one kind below a folder.

    Parameters
    ----------
    root : the folder; made by the first write.
    kind : columns and cut of the files.
    bad_rows : counts the rows of a frame that break the kind's rules; they are stored only by wish.
    patience_s : how long to wait for another writer.

    Notes
    -----
    A write puts its files beside the stored ones under names that hold a digest of their bytes, and then replaces the
    manifest. Until that last step nothing has changed for anybody; after it the old files are removed. What a crash
    leaves behind is in no manifest and is swept away by the next write. Equal series are equal files.
    """

    def __init__(
        self,
        root: Path,
        kind: Kind,
        *,
        bad_rows: Callable[[pl.DataFrame], int] | None = None,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self.root = root
        self.kind = kind
        self._bad_rows = bad_rows
        self._patience_s = patience_s

    def series(self) -> list[Series]:
        """Every series, by venue, symbol and interval."""
        stored = Manifest(self.root).series
        return [stored[key] for key in sorted(stored)]

    def find(self, key: SeriesKey) -> Series | None:
        """One series; ``None`` where nothing is stored for it."""
        return Manifest(self.root).series.get(key)

    def require(self, key: SeriesKey) -> Series:
        """One series that has rows.

        Raises
        ------
        DataError : nothing is stored for it; the mend offers what is.
        """
        stored = Manifest(self.root).series
        if key in stored and stored[key].parts:
            return stored[key]
        known = [str(other) for other in stored if stored[other].parts]
        mend = did_you_mean(str(key), known) or "Import or download it first; `tradebot data list` shows what there is."
        raise DataError(f"no {self.kind.name} are stored for {key}", place=str(self.root), mend=mend)

    def files(self, series: Series) -> list[Path]:
        """Paths of a series' files, in order of time."""
        return [self.root / series.key.folder / part.name for part in series.parts]

    def read(
        self,
        key: SeriesKey,
        *,
        columns: Sequence[str] | None = None,
        start: int | None = None,
        end: int | None = None,
    ) -> tuple[Series, pl.DataFrame]:
        """The series as it was when it was read, and its rows of ``start <= ts < end`` in order of time.

        Raises
        ------
        DataError : nothing is stored for it, or a file is gone or damaged.
        """
        for _ in range(_READ_TRIES):
            series = self.require(key)
            folder = self.root / key.folder
            paths = [folder / part.name for part in series.between(start, end)]
            try:
                return series, self._rows(paths, columns, start, end)
            except FileNotFoundError:
                # A writer may have replaced it; if not, somebody has removed it.
                if self.find(key) == series:
                    lost = next((path for path in paths if not path.exists()), folder)
                    mend = "Import or download this time again; `tradebot data check` shows what is missing."
                    raise DataError("the file is gone", place=str(lost), mend=mend) from None
        raise DataError(f"{key} changes faster than it can be read", place=str(self.root), mend="Try again.")

    def upsert(
        self, key: SeriesKey, frame: pl.DataFrame, *, replace: bool = True, covered: spans.Span | None = None
    ) -> Written:
        """Put rows into a series, all of them or, on any error, none.

        Parameters
        ----------
        frame : the kind's columns, times sorted (and rising strictly where the kind has one row a time).
        replace : whether stored rows with other values give way; else they are a ``DataError``.
        covered : span that a provider has answered for, marked in the same step.

        Raises
        ------
        DataError : a stored row differs and may not be replaced, another writer does not finish, the disk is full or
            the folder read-only.
        """
        frame = self._typed(frame)
        with self._changing(key) as manifest:
            series = manifest.series.get(key, Series(key))
            parts = {part.period: part for part in series.parts}
            done = Written()
            for period, rows in self._periods(key, frame):
                merge = self._merged(key, parts.get(period), frame[rows])
                if merge.first_replaced is not None and not replace:
                    raise _contradiction(key, merge)
                done += merge.written
                parts[period] = self._put(key, period, merge.frame, parts.get(period))
            manifest.series[key] = msgspec.structs.replace(
                series,
                parts=tuple(sorted(parts.values(), key=lambda part: part.first)),
                covered=spans.merged((*series.covered, covered) if covered else series.covered),
                optional=tuple(
                    name
                    for name in self.kind.optional
                    if name in series.optional or frame.get_column(name).null_count() < frame.height
                ),
            )
        return done

    def exchange(self, key: SeriesKey, frame: pl.DataFrame) -> Written:
        """Put rows in place of everything stored for a series; for tables that only make sense as a whole."""
        with self._changing(key) as manifest:
            series = manifest.series.get(key, Series(key))
            stored = {part.period: part for part in series.parts}
            frame = self._typed(frame)
            parts = [
                self._put(key, period, frame[rows], stored.get(period)) for period, rows in self._periods(key, frame)
            ]
            manifest.series[key] = msgspec.structs.replace(series, parts=tuple(parts))
        if tuple(parts) == series.parts:
            return Written(same=frame.height)
        return Written(max(frame.height - series.rows, 0), min(frame.height, series.rows))

    def cover(self, key: SeriesKey, start: int, end: int) -> None:
        """Note that a provider has answered for ``start <= ts < end``: gaps inside are the market's own."""
        with self._changing(key) as manifest:
            series = manifest.series.get(key, Series(key))
            covered = spans.merged((*series.covered, (start, end)))
            manifest.series[key] = msgspec.structs.replace(series, covered=covered)

    def delete(self, key: SeriesKey, start: int | None = None, end: int | None = None) -> int:
        """Remove the rows of ``start <= ts < end`` and what is known of that span; gives the number of rows."""
        import polars as pl

        series = self.require(key)
        with self._changing(key) as manifest:
            series = manifest.series.get(key, series)
            if start is None and end is None:
                del manifest.series[key]
                return series.rows
            first, last = _EVER[0] if start is None else start, _EVER[1] if end is None else end
            parts: list[Part] = []
            for part in series.parts:
                if part.last < first or part.first >= last:
                    parts.append(part)
                    continue
                rows = self._rows([self.root / key.folder / part.name], None, None, None)
                rows = rows.filter(~pl.col("ts").is_between(first, last, closed="left"))
                if rows.height:
                    parts.append(self._put(key, part.period, rows, part))
            left = msgspec.structs.replace(
                series, parts=tuple(parts), covered=spans.without(series.covered, first, last)
            )
            if left.parts or left.covered:
                manifest.series[key] = left
            else:
                del manifest.series[key]
        return series.rows - left.rows

    def damaged(self, series: Series) -> list[str]:
        """Files of a series that are gone, or whose bytes are not the ones that were written."""
        faults: list[str] = []
        for part, path in zip(series.parts, self.files(series), strict=True):
            try:
                if _digest(path.read_bytes()) != part.digest:
                    faults.append(f"{path}: its bytes have changed since it was written")
            except OSError as error:
                faults.append(f"{path}: {error.strerror}")
        return faults

    @contextlib.contextmanager
    def _changing(self, key: SeriesKey) -> Generator[Manifest]:
        """The manifest under the lock; saved when the block ends well, and unneeded files removed however it ends."""
        with storage_errors(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            with writing(self.root, patience_s=self._patience_s):
                manifest = Manifest(self.root)
                before = manifest.series.get(key)
                try:
                    yield manifest
                    if manifest.series.get(key) != before:
                        manifest.save()
                finally:
                    _sweep(self.root, key)

    def _typed(self, frame: pl.DataFrame) -> pl.DataFrame:
        import polars as pl

        return frame.select(pl.col(name).cast(getattr(pl, kind)) for name, kind in self.kind.columns.items())

    def _periods(self, key: SeriesKey, frame: pl.DataFrame) -> list[tuple[str, slice]]:
        return periods(frame.get_column("ts").to_numpy(), self.kind.calendar_of(key.interval))

    def _merged(self, key: SeriesKey, part: Part | None, new: pl.DataFrame) -> Merge:
        if part is None:
            return Merge(new, Written(added=new.height), None)
        old = self._rows([self.root / key.folder / part.name], None, None, None)
        return (merge_rows if self.kind.is_unique else replace_span)(old, new)

    def _put(self, key: SeriesKey, period: str, frame: pl.DataFrame, stored: Part | None) -> Part:
        """Write one file beside the stored one, which stays as it is where the bytes are the same."""
        folder = self.root / key.folder
        folder.mkdir(parents=True, exist_ok=True)
        buffer = io.BytesIO()
        frame.write_parquet(buffer, compression="zstd", compression_level=_COMPRESSION_LEVEL)
        content = buffer.getvalue()
        ts = frame.get_column("ts")
        bad = self._bad_rows(frame) if self._bad_rows else 0
        part = Part(period, _digest(content), frame.height, int(ts[0]), int(ts[-1]), bad)
        if part != stored:
            write_durably(folder / part.name, content)
        return part

    def _rows(
        self, paths: Sequence[Path], columns: Sequence[str] | None, start: int | None, end: int | None
    ) -> pl.DataFrame:
        import polars as pl

        wanted = list(columns or self.kind.columns)
        if not paths:
            types: dict[str, Any] = {name: getattr(pl, self.kind.columns[name]) for name in wanted}
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


def _contradiction(key: SeriesKey, merge: Merge) -> DataError:
    count, moment = merge.written.replaced, iso(merge.first_replaced or 0)
    differ = "row differs" if count == 1 else "rows differ"
    return DataError(
        f"{count:,} stored {differ} from the new ones, the first at {moment}",
        place=str(key),
        mend="Let the new ones replace them by --replace, or store them under another --symbol.",
    )


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=_DIGEST_BYTES).hexdigest()


def _sweep(root: Path, key: SeriesKey) -> None:
    """Remove the files of a series that the manifest on the disk does not name: older ones, and a crash's leavings."""
    folder = root / key.folder
    with contextlib.suppress(OSError, DataError):
        stored = Manifest(root).series.get(key)
        named = {part.name for part in stored.parts} if stored else set[str]()
        for path in folder.iterdir():
            if path.is_file() and path.name not in named:
                path.unlink(missing_ok=True)
        while folder != root and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent
