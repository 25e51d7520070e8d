"""The bar store: what is written is read back, however often, and in whatever pieces."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stored_bars import BTC, HOUR, assert_same, bars, files, without_extras
from tradebot.core.bar import BarArray
from tradebot.core.errors import DataError
from tradebot.core.instant import to_ns
from tradebot.core.instrument import Instrument
from tradebot.core.interval import Interval
from tradebot.store.bars import ParquetBarStore
from tradebot.store.manifest import SeriesKey

KEY = SeriesKey("binance_usdm", "BTCUSDT", "1h")


@pytest.fixture
def store(tmp_path: Path) -> ParquetBarStore:
    return ParquetBarStore(tmp_path / "bars")


# What is written is read --------------------------------------------------------------------------------------------


def test_bars_come_back_to_the_bit_with_everything_that_was_known(store: ParquetBarStore):
    whole = bars()
    store.write(whole)
    assert_same(store.read(BTC, HOUR), whole)
    bare = without_extras(bars(symbol="ETHUSDT"))
    store.write(bare)
    assert_same(store.read(bare.instrument, HOUR), bare)


def test_a_span_is_read_from_the_files_that_hold_it(store: ParquetBarStore):
    whole = bars()
    store.write(whole)
    start, end = to_ns("2024-02-27T05:00"), to_ns("2024-03-02")
    assert_same(store.read(BTC, HOUR, start, end), whole.between(start, end))
    assert len(store.read(BTC, HOUR, to_ns("2030-01-01"))) == 0


def test_months_are_files_and_days_lie_by_the_year(store: ParquetBarStore):
    store.write(bars())
    store.write(bars(count=24 * 400).resample("1d"))
    folder = store.archive.root / "venue=binance_usdm/symbol=BTCUSDT"
    months = sorted(path.name.partition(".")[0] for path in (folder / "interval=1h").iterdir())
    assert months == ["2024-01", "2024-02", "2024-03", "2024-04"]
    years = sorted(path.name.partition(".")[0] for path in (folder / "interval=1d").iterdir())
    assert years == ["2024", "2025"]


def test_minutes_and_months_lie_apart_even_where_capitals_do_not_count(store: ParquetBarStore):
    folders = {str(SeriesKey("v", "s", interval).folder).casefold() for interval in ("1m", "1M")}
    assert len(folders) == 2


def test_a_symbol_cannot_leave_the_store(store: ParquetBarStore):
    wild = bars(50)
    name = "../../BTC/USDT:x"
    odd = BarArray(Instrument.binance_perpetual(name), HOUR, **wild.columns())
    store.write(odd)
    assert_same(store.read(odd.instrument, HOUR), odd)
    assert all(store.archive.root in path.resolve().parents for path in store.archive.root.rglob("*.parquet"))
    assert len(list(store.archive.root.parent.rglob("*.parquet"))) == 1


def test_writing_again_changes_no_byte(store: ParquetBarStore):
    store.write(bars())
    before = files(store.archive.root)
    again = store.upsert(bars())
    assert (again.added, again.replaced, again.same) == (0, 0, 2_000)
    store.write(bars()[100:300])
    assert files(store.archive.root) == before


def test_a_bar_of_the_same_time_replaces_the_earlier_one(store: ParquetBarStore):
    first, second = bars(seed=1), bars(seed=2)
    store.write(first)
    done = store.upsert(second[500:600])
    assert (done.added, done.replaced, done.same) == (0, 100, 0)
    found = store.read(BTC, HOUR)
    assert np.array_equal(found.close, np.concatenate((first.close[:500], second.close[500:600], first.close[600:])))


def test_stored_bars_that_differ_may_be_kept_and_all_of_them_are_counted(store: ParquetBarStore):
    store.write(bars(seed=1))
    before = files(store.archive.root)
    with pytest.raises(
        DataError, match=r"BTCUSDT/1h: 2,000 stored rows differ .* at 2024-01-20T00:00:00Z\. .*--replace"
    ):
        store.upsert(bars(seed=2), replace=False)
    assert files(store.archive.root) == before


def test_the_noise_of_a_sum_is_no_contradiction_and_changes_nothing(store: ParquetBarStore):
    whole = without_extras(bars())
    store.write(whole)
    before = files(store.archive.root)
    columns = whole.columns() | {"volume": whole.volume * (1 + 1e-15)}
    assert not np.array_equal(columns["volume"], whole.volume)
    done = store.upsert(BarArray(BTC, HOUR, **columns), replace=False)
    assert (done.replaced, done.same) == (0, 2_000)
    assert files(store.archive.root) == before


def test_what_one_source_does_not_know_does_not_wipe_out_what_another_knew(store: ParquetBarStore):
    whole = bars()
    store.write(whole)
    store.write(without_extras(whole))
    assert_same(store.read(BTC, HOUR), whole)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 1_999), st.integers(1, 700), st.integers(1, 3)), min_size=1, max_size=6))
def test_any_pieces_in_any_order_give_what_the_last_word_on_each_time_was(tmp_path_factory, pieces):
    store = ParquetBarStore(tmp_path_factory.mktemp("pieces"))
    sources = {seed: bars(seed=seed) for seed in (1, 2, 3)}
    expected: dict[int, float] = {}
    for first, count, seed in pieces:
        piece = sources[seed][first : first + count]
        done = store.upsert(piece)
        assert done.added + done.replaced + done.same == len(piece)
        assert done.added == len(set(piece.ts.tolist()) - expected.keys())
        expected |= dict(zip(piece.ts.tolist(), piece.close.tolist(), strict=True))
    found = store.read(BTC, HOUR)
    assert dict(zip(found.ts.tolist(), found.close.tolist(), strict=True)) == expected
    assert bool(np.all(np.diff(found.ts) > 0))
    series = store.series()[0]
    assert (series.rows, series.first, series.last) == (len(found), int(found.ts[0]), int(found.ts[-1]))


def test_one_write_or_many_small_ones_leave_the_same_files(tmp_path: Path):
    whole = bars()
    at_once, in_pieces = ParquetBarStore(tmp_path / "a"), ParquetBarStore(tmp_path / "b")
    at_once.upsert(whole, covered=(0, 100))
    for first in range(0, 2_000, 77):
        in_pieces.write(whole[first : first + 77])
    in_pieces.mark_covered("binance_usdm", "BTCUSDT", HOUR, 0, 60)
    in_pieces.mark_covered("binance_usdm", "BTCUSDT", HOUR, 60, 100)
    assert files(tmp_path / "a") == files(tmp_path / "b")


# Coverage -----------------------------------------------------------------------------------------------------------


def test_spans_a_provider_has_answered_for_join_and_are_forgotten_with_their_bars(store: ParquetBarStore):
    assert store.coverage("binance_usdm", "BTCUSDT", HOUR) == []
    for start, end in ((0, 10), (20, 30), (10, 15), (28, 40)):
        store.mark_covered("binance_usdm", "BTCUSDT", HOUR, start, end)
    assert store.coverage("binance_usdm", "BTCUSDT", HOUR) == [(0, 15), (20, 40)]
    whole = bars(100)
    start, end = int(whole.ts[0]), int(whole.ts[-1]) + HOUR.ns
    store.upsert(whole, covered=(start, end))
    cut = int(whole.ts[50])
    assert store.archive.delete(KEY, cut) == 50
    assert store.coverage("binance_usdm", "BTCUSDT", HOUR) == [(0, 15), (20, 40), (start, cut)]
    assert_same(store.read(BTC, HOUR), whole[:50])


def test_deleting_all_leaves_no_file_and_no_entry(store: ParquetBarStore):
    store.write(bars())
    assert store.archive.delete(KEY) == 2_000
    assert store.series() == []
    assert not list(store.archive.root.rglob("*.parquet"))
    with pytest.raises(DataError, match="no bars are stored for binance_usdm/BTCUSDT/1h"):
        store.read(BTC, HOUR)


def test_a_name_that_is_not_stored_is_answered_with_the_nearest(store: ParquetBarStore):
    store.write(bars())
    with pytest.raises(DataError, match=r'Did you mean "binance_usdm/BTCUSDT/1h"\?'):
        store.read(BTC, Interval.parse("2h"))
