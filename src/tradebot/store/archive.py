"""Series of one kind of data in Parquet files: read, written and deleted in whole steps."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from tradebot.core.errors import DataError, did_you_mean
from tradebot.core.instant import iso
from tradebot.store import spans
from tradebot.store.durable import make_folder, storage_errors
from tradebot.store.kinds import Kind, periods
from tradebot.store.locks import PATIENCE_S, writing
from tradebot.store.manifest import LostManifestError, Manifest, Part, Series, SeriesKey, save
from tradebot.store.merging import Merge, Written, merge_rows, replace_span
from tradebot.store.parts import digest_of, gone, read_part, read_parts, sweep, write_part
from tradebot.store.rebuilding import Rebuilt, rebuilt

if TYPE_CHECKING:
    import polars as pl

# A reader that loses a file to a writer starts again from the new manifest; only a writer in a tight loop wins thrice.
_READ_TRIES: Final = 5
# Sums of the same numbers in another order differ by less; such a difference contradicts nothing.
_NOISE: Final = 1e-12
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
        """Every series, by venue, symbol and length of the interval."""
        stored = Manifest(self.root).series
        return [stored[key] for key in sorted(stored, key=lambda key: (key.venue, key.symbol, key.length))]

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

    def size(self, series: Series) -> int:
        """Bytes of a series' files."""
        return sum(file.stat().st_size for file in self.files(series) if file.exists())

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
                return series, read_parts(paths, self.kind, columns, start, end)
            except FileNotFoundError:
                # A writer may have replaced it; if not, somebody has removed it.
                if self.find(key) == series:
                    lost = next((path for path in paths if not path.exists()), folder)
                    raise gone(lost) from None
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
            span = (int(frame.get_column("ts")[0]), int(frame.get_column("ts")[-1])) if frame.height else (0, -1)
            pieces = {period: frame[rows] for period, rows in self._periods(key, frame)}
            if not self.kind.is_unique:
                # A period inside the span without a new row loses its stored ones.
                pieces |= {part.period: frame[:0] for part in series.within(*span) if part.period not in pieces}
            merges = {
                period: self._merged(key, parts.get(period), piece, span, replace=replace)
                for period, piece in pieces.items()
            }
            done = sum((merge.written for merge in merges.values()), Written())
            if done.replaced and not replace:
                raise _contradiction(key, done.replaced, merges.values())
            for period, merge in merges.items():
                stored = parts.pop(period, None)
                if merge.frame.height:
                    parts[period] = self._put(key, period, merge.frame, stored)
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
                manifest.series.pop(key, None)
                return series.rows
            first, last = _EVER[0] if start is None else start, _EVER[1] if end is None else end
            parts: list[Part] = []
            for part in series.parts:
                if part.last < first or part.first >= last:
                    parts.append(part)
                    continue
                if first <= part.first and part.last < last:
                    # It goes whole, and so unread: it may be the damaged one that somebody wants to be rid of.
                    continue
                rows = read_part(self.root / key.folder / part.name, self.kind)
                rows = rows.filter(~pl.col("ts").is_between(first, last, closed="left"))
                if rows.height:
                    parts.append(self._put(key, part.period, rows, part))
            left = msgspec.structs.replace(
                series, parts=tuple(parts), covered=spans.without(series.covered, first, last)
            )
            if left.parts or left.covered:
                manifest.series[key] = left
            else:
                manifest.series.pop(key, None)
        return series.rows - left.rows

    def damaged(self, series: Series) -> list[str]:
        """Files of a series that are gone, or whose bytes are not the ones that were written."""
        faults: list[str] = []
        for part, path in zip(series.parts, self.files(series), strict=True):
            try:
                if digest_of(path.read_bytes()) != part.digest:
                    faults.append(f"{path}: its bytes have changed since it was written")
            except OSError as error:
                faults.append(f"{path}: {error.strerror}")
        return faults

    def rebuild(self) -> Rebuilt | None:
        """Make a manifest that is gone or damaged anew from the files; ``None`` where it is sound.

        Raises
        ------
        DataError : a later version of tradebot wrote it, or it cannot be written.
        """
        if not self.root.is_dir():
            return None
        with storage_errors(self.root), writing(self.root, patience_s=self._patience_s):
            try:
                Manifest(self.root)
            except LostManifestError:
                found = rebuilt(self.root, self.kind, self._bad_rows or (lambda _: 0))
                save(self.root, found.series)
                return found
        return None

    @contextlib.contextmanager
    def _changing(self, key: SeriesKey) -> Generator[Manifest]:
        """The manifest under the lock; saved when the block ends well, and unneeded files removed however it ends."""
        with storage_errors(self.root):
            make_folder(self.root)
            with writing(self.root, patience_s=self._patience_s):
                manifest = Manifest(self.root)
                if manifest.is_new:
                    # Files without a manifest are those of a manifest that was lost, never those of a first write.
                    manifest.save()
                before = manifest.series.get(key)
                try:
                    yield manifest
                    if manifest.series.get(key) != before:
                        manifest.save()
                finally:
                    sweep(self.root, key)

    def _typed(self, frame: pl.DataFrame) -> pl.DataFrame:
        import polars as pl

        return frame.select(pl.col(name).cast(getattr(pl, kind)) for name, kind in self.kind.columns.items())

    def _periods(self, key: SeriesKey, frame: pl.DataFrame) -> list[tuple[str, slice]]:
        return periods(frame.get_column("ts").to_numpy(), self.kind.calendar_of(key.interval))

    def _merged(
        self, key: SeriesKey, part: Part | None, new: pl.DataFrame, span: spans.Span, *, replace: bool
    ) -> Merge:
        if part is None:
            return Merge(new, Written(added=new.height), None)
        old = read_part(self.root / key.folder / part.name, self.kind)
        if self.kind.is_unique:
            return merge_rows(old, new, tolerance=0.0 if replace else _NOISE)
        return replace_span(old, new, *span)

    def _put(self, key: SeriesKey, period: str, frame: pl.DataFrame, stored: Part | None) -> Part:
        bad = self._bad_rows(frame) if self._bad_rows else 0
        return write_part(self.root / key.folder, period, frame, stored, bad=bad)


def _contradiction(key: SeriesKey, count: int, merges: Iterable[Merge]) -> DataError:
    first = min(merge.first_replaced for merge in merges if merge.first_replaced is not None)
    differ = "row differs" if count == 1 else "rows differ"
    return DataError(
        f"{count:,} stored {differ} from the new ones, the first at {iso(first)}",
        place=str(key),
        mend="Let the new ones replace them by --replace, or store them under another --symbol.",
    )
