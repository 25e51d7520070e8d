"""A manifest that was lost is made anew from the files, and what is read then is what was read before."""

import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tradebot.core.errors import DataError
from tradebot.core.instrument import instrument_for
from tradebot.core.interval import Interval
from tradebot.core.tick_array import QuoteArray
from tradebot.feeds.mock import mock_bars
from tradebot.store.factors import Factors
from tradebot.store.library import Library
from tradebot.store.manifest import Manifest, Series, SeriesKey

START = 1_704_067_200_000_000_000


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Series of several kinds, with names that are no names of folders, and rows that were kept though bad."""
    library = Library(tmp_path)
    for symbol, interval in (("BTCUSDT", "1h"), ("BTCUSDT", "1d"), ("BTCUSDT", "1M"), ("ETH/USD=X", "1h")):
        library.bars.write(mock_bars(symbol, interval, 1_000, seed=3, start=START))
    bad = mock_bars("BAD", "1h", 10, start=START)
    frame = pl.DataFrame(bad.columns()).with_columns(vwap=None, trades=None, close=pl.col("high") * 2)
    library.bars.archive.upsert(SeriesKey("mock", "BAD", "1h"), frame)
    days = START + np.arange(3) * 86_400_000_000_000
    library.write_factors("us_equity", "SPY", Factors(days, np.array([0.9, 0.95, 1.0]), np.ones(3), np.full(3, np.nan)))
    one = np.ones(3)
    library.write_quotes(QuoteArray(instrument_for("BTCUSDT", "binance_usdm"), days, one, one + 1, one, one))
    library.bars.mark_covered("mock", "BTCUSDT", Interval.parse("1h"), START, START + 1_000)
    return library


def rows(library: Library) -> dict[str, pl.DataFrame]:
    return {
        f"{archive.kind.name} {series.key}": archive.read(series.key)[1]
        for archive in library.archives()
        for series in archive.series()
    }


def uncovered(found: list[Series]) -> list[tuple[object, ...]]:
    return [(series.key, series.parts, series.optional) for series in found]


@pytest.mark.parametrize("is_damaged", [False, True])
def test_what_is_read_after_the_rebuilding_is_what_was_read_before(library: Library, is_damaged: bool):
    before = rows(library)
    series = [uncovered(archive.series()) for archive in library.archives()]
    for archive in library.archives():
        manifest = archive.root / "manifest.json"
        if manifest.exists():
            manifest.write_text("{") if is_damaged else manifest.unlink()
    for archive in library.archives():
        archive.rebuild()
    after = rows(library)
    assert before.keys() == after.keys()
    assert all(before[name].equals(after[name]) for name in before)
    assert [uncovered(archive.series()) for archive in library.archives()] == series
    # What providers have answered for stands in no file: it is asked for again.
    assert library.bars.coverage("mock", "BTCUSDT", Interval.parse("1h")) == []


def test_a_store_without_its_manifest_says_so_and_changes_nothing(library: Library):
    archive = library.bars.archive
    (archive.root / "manifest.json").unlink()
    files = sorted(archive.root.rglob("*.parquet"))
    bars = mock_bars("BTCUSDT", "1h", 10, start=START)
    told = "the manifest is gone, and there are files it named. `tradebot data check --rebuild` makes it anew"
    for act in (
        archive.series,
        lambda: library.bars.write(bars),
        lambda: archive.delete(SeriesKey("mock", "BAD", "1h")),
    ):
        with pytest.raises(DataError, match=told):
            act()
    assert sorted(archive.root.rglob("*.parquet")) == files


def test_a_sound_manifest_and_one_of_the_future_are_left_alone(library: Library, tmp_path: Path):
    manifest = library.bars.archive.root / "manifest.json"
    content = manifest.read_bytes()
    assert library.bars.archive.rebuild() is None
    assert manifest.read_bytes() == content
    manifest.write_bytes(content.replace(b'"version":1', b'"version":99'))
    with pytest.raises(DataError, match="a later version of tradebot"):
        library.bars.archive.rebuild()
    assert Library(tmp_path / "none").bars.archive.rebuild() is None
    assert not (tmp_path / "none").exists()


def test_a_damaged_file_is_set_aside_and_named_and_of_two_files_of_a_period_the_newer_counts(library: Library):
    archive = library.bars.archive
    key = SeriesKey("mock", "BTCUSDT", "1h")
    series = archive.require(key)
    january, february = archive.files(series)
    older = january.read_bytes()
    archive.upsert(key, archive.read(key)[1].head(5).with_columns(volume=pl.col("volume") + 1.0))
    expected = archive.read(key)[1]
    january.write_bytes(older)
    newer = archive.files(archive.require(key))[0]
    times = january.stat()
    os.utime(january, ns=(times.st_atime_ns, newer.stat().st_mtime_ns - 1))
    february.write_bytes(february.read_bytes()[:-1])
    (archive.root / "manifest.json").unlink()
    found = archive.rebuild()
    assert found is not None
    aside = february.with_name(f"{february.name}.damaged")
    assert found.damaged == (aside,)
    assert aside.exists()
    ends = int(archive.require(key).parts[0].last)
    assert archive.read(key)[1].equals(expected.filter(pl.col("ts") <= ends))
    archive.cover(key, START, START + 1)
    assert aside.exists()
    assert not january.exists()


def test_a_first_write_that_is_killed_leaves_no_lost_manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    library, saved, real = Library(tmp_path), [], Manifest.save

    def save(manifest: Manifest) -> None:
        saved.append(manifest)
        if len(saved) > 1:
            raise KeyboardInterrupt
        real(manifest)

    monkeypatch.setattr("tradebot.store.archive.sweep", lambda *_: None)
    monkeypatch.setattr(Manifest, "save", save)
    with pytest.raises(KeyboardInterrupt):
        library.bars.write(mock_bars("BTCUSDT", "1h", 10, start=START))
    assert list(library.bars.archive.root.rglob("*.parquet"))
    assert library.bars.series() == []
    assert library.bars.archive.rebuild() is None
