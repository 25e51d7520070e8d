"""What a folder of the store holds: one document that names every file and the time it covers.

A file counts from the moment the manifest names it. Writers put new files beside the old ones and then
replace the manifest in one step, so a crash at any point leaves either the old state or the new one.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote

import msgspec

from tradebot.core.errors import DataError
from tradebot.core.interval import Interval
from tradebot.store.durable import write_durably
from tradebot.store.spans import Span

NAME: Final = "manifest.json"
_VERSION: Final = 1


class SeriesKey(msgspec.Struct, frozen=True, order=True):
    """What tells one stored series from another; ``interval`` is empty for everything but bars."""

    venue: str
    symbol: str
    interval: str = ""

    def __str__(self) -> str:
        return "/".join(filter(None, (self.venue, self.symbol, self.interval)))

    @property
    def length(self) -> int:
        """Length of a bar in ns; 0 for what is no bars."""
        return Interval.parse(self.interval).ns if self.interval else 0

    def is_named(self, market: str) -> bool:
        """Whether a person means it by ``SYMBOL``, ``VENUE/SYMBOL`` or ``VENUE/SYMBOL/INTERVAL``."""
        return market in (self.symbol, f"{self.venue}/{self.symbol}", str(self))

    @classmethod
    def of_folder(cls, folder: Path) -> SeriesKey:
        """Key of the series whose :attr:`folder` it is.

        Raises
        ------
        ConfigError, KeyError : it is none.
        """
        words: dict[str, str] = {}
        for part in folder.parts:
            name, _, value = part.partition("=")
            words[name] = value
        interval = words.get("interval", "").replace("mo", "M")
        if interval:
            Interval.parse(interval)
        return cls(unquote(words["venue"]), unquote(words["symbol"]), interval)

    @property
    def folder(self) -> Path:
        """Folder below the root, in the ``key=value`` form that query engines read."""
        parts = [f"venue={quote(self.venue, safe='')}", f"symbol={quote(self.symbol, safe='')}"]
        if self.interval:
            interval = Interval.parse(self.interval)
            # Where capitals do not count, 1M and 1m would be one folder.
            parts.append(f"interval={interval.count}mo" if interval.unit == "M" else f"interval={interval}")
        return Path(*parts)


class Part(msgspec.Struct, frozen=True):
    """One Parquet file.

    Parameters
    ----------
    period : the span of the calendar it holds: ``2025-05``.
    digest : of its bytes; part of its name, so that a changed file is a new file.
    rows : how many it has.
    first, last : times of its first and last row, int64 ns UTC.
    bad : rows that break the rules of bars and were kept by wish.
    """

    period: str
    digest: str
    rows: int
    first: int
    last: int
    bad: int = 0

    @property
    def name(self) -> str:
        """Name of the file in its series' folder."""
        return f"{self.period}.{self.digest}.parquet"


class Series(msgspec.Struct, frozen=True):
    """One stored series: its files in order of time, and the spans a provider has answered for."""

    key: SeriesKey
    parts: tuple[Part, ...] = ()
    covered: tuple[Span, ...] = ()
    optional: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """Rows in all."""
        return sum(part.rows for part in self.parts)

    @property
    def first(self) -> int | None:
        """Time of the first row, int64 ns UTC; ``None`` without rows."""
        return self.parts[0].first if self.parts else None

    @property
    def last(self) -> int | None:
        """Time of the last row, int64 ns UTC; ``None`` without rows."""
        return self.parts[-1].last if self.parts else None

    def within(self, first: int, last: int) -> tuple[Part, ...]:
        """Files that hold rows of ``first <= ts <= last``."""
        return tuple(part for part in self.parts if part.last >= first and part.first <= last)

    def between(self, start: int | None, end: int | None) -> tuple[Part, ...]:
        """Files that hold rows of ``start <= ts < end``."""
        return tuple(
            part for part in self.parts if (start is None or part.last >= start) and (end is None or part.first < end)
        )


class _Document(msgspec.Struct):
    version: int
    series: list[Series]


class LostManifestError(DataError):
    """A manifest that is gone or damaged while its files are there."""

    def __init__(self, fact: str, file: Path) -> None:
        mend = "`tradebot data check --rebuild` makes it anew from the files, or restore it from a backup."
        super().__init__(fact, place=str(file), mend=mend)


class Manifest:
    """The series of a folder, by key.

    Parameters
    ----------
    root : the folder; it need not exist.

    Raises
    ------
    LostManifestError : the document is damaged, or gone though the folder has files.
    DataError : a later version of tradebot wrote it.
    """

    def __init__(self, root: Path) -> None:
        self._file = root / NAME
        self.series: dict[SeriesKey, Series] = {}
        try:
            content = self._file.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            if next(root.glob("venue=*/**/*.parquet"), None) is not None:
                raise LostManifestError("the manifest is gone, and there are files it named", self._file) from None
            return
        try:
            document = msgspec.json.decode(content, type=_Document)
        except msgspec.DecodeError as error:
            raise LostManifestError(f"the manifest is damaged: {error}", self._file) from None
        if document.version > _VERSION:
            fact = f"a later version of tradebot wrote it (format {document.version}, this one reads {_VERSION})"
            raise DataError(fact, place=str(self._file), mend="Update tradebot.")
        self.series = {series.key: series for series in document.series}

    @property
    def is_new(self) -> bool:
        """Whether it has never been saved."""
        return not self._file.exists()

    def save(self) -> None:
        """Replace the document in one step: from then on the new state counts."""
        save(self._file.parent, self.series.values())


def save(root: Path, series: Iterable[Series]) -> None:
    """Put the manifest of a folder in place, whatever is there."""
    rows = sorted(series, key=lambda each: each.key)
    write_durably(root / NAME, msgspec.json.encode(_Document(_VERSION, rows)) + b"\n")
