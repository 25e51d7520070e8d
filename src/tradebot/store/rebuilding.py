"""A manifest that was lost, made anew from the files it named."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from tradebot.core.errors import TradebotError
from tradebot.store.kinds import Kind
from tradebot.store.manifest import Part, Series, SeriesKey
from tradebot.store.parts import digest_of, read_parts

if TYPE_CHECKING:
    import polars as pl

_NAME: Final = re.compile(r"([\w-]+)\.([0-9a-f]{16})\.parquet")


class Rebuilt(msgspec.Struct, frozen=True):
    """What the files of a folder tell of themselves.

    Parameters
    ----------
    series : every series, less the spans that providers have answered for, which stand in no file.
    damaged : files whose bytes are not those that were written; they were given the ending ``.damaged``.
    """

    series: tuple[Series, ...]
    damaged: tuple[Path, ...]


def rebuilt(root: Path, kind: Kind, bad_rows: Callable[[pl.DataFrame], int]) -> Rebuilt:
    """The series of a folder by its files.

    Of two files of one period, which a crash may have left, the newer counts: it holds the rows of the older and those
    that were about to be stored.
    """
    found: dict[SeriesKey, Series] = {}
    damaged: list[Path] = []
    for path in sorted(root.glob("venue=*/**/*.parquet"), key=lambda path: path.stat().st_mtime_ns):
        name = _NAME.fullmatch(path.name)
        if name is None:
            continue
        try:
            key = SeriesKey.of_folder(path.parent.relative_to(root))
            part, optional = _told(path, kind, *name.groups(), bad_rows=bad_rows)
        except (TradebotError, KeyError):
            damaged.append(path.rename(path.with_name(f"{path.name}.damaged")))
            continue
        series = found.get(key, Series(key))
        others = (other for other in series.parts if other.period != part.period)
        found[key] = msgspec.structs.replace(
            series,
            parts=tuple(sorted((*others, part), key=lambda each: each.first)),
            optional=tuple(column for column in kind.optional if column in (*series.optional, *optional)),
        )
    return Rebuilt(tuple(found.values()), tuple(damaged))


def _told(
    path: Path, kind: Kind, period: str, digest: str, *, bad_rows: Callable[[pl.DataFrame], int]
) -> tuple[Part, list[str]]:
    """What the manifest says of a file, and the columns of which it knows something."""
    if digest_of(path.read_bytes()) != digest:
        raise KeyError(digest)
    frame = read_parts([path], kind)
    ts = frame.get_column("ts")
    optional = [name for name in kind.optional if frame.get_column(name).null_count() < frame.height]
    return Part(period, digest, frame.height, int(ts[0]), int(ts[-1]), bad_rows(frame)), optional
