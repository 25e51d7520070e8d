"""Funding payments out of files."""

from pathlib import Path

import numpy as np
import pytest

from tradebot.core.errors import DataError
from tradebot.store.funding import read_funding

ROWS = ("1704067200000,0.0001,42000.5", "1704096000000,-0.0002,42100", "1704124800000,0.0001,")


def written(folder: Path, *rows: str, header: str = "funding_time,funding_rate,mark_price") -> Path:
    path = folder / "BTCUSDT-funding.csv"
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return path


def test_payments_are_read_with_their_marks(tmp_path: Path):
    funding = read_funding(written(tmp_path, *ROWS))
    assert funding.ts.tolist() == [1704067200 * 10**9, 1704096000 * 10**9, 1704124800 * 10**9]
    assert funding.rate.tolist() == [0.0001, -0.0002, 0.0001]
    assert np.array_equal(funding.mark, [42000.5, 42100.0, np.nan], equal_nan=True)


def test_a_file_without_marks_leaves_them_unknown(tmp_path: Path):
    path = written(tmp_path, "1704067200000,0.0001", header="calc_time,last_funding_rate")
    assert np.isnan(read_funding(path).mark).all()


def test_a_span_of_payments_can_be_taken(tmp_path: Path):
    funding = read_funding(written(tmp_path, *ROWS))
    part = funding.between(1704096000 * 10**9, 1704124800 * 10**9)
    assert (len(part), part.rate.tolist()) == (1, [-0.0002])


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (("1704067200000,high,1",), 'row 1: the funding_rate is "high", not a number'),
        (("1704067200000,2,1",), "the funding rate is 2 in row 1 (2024-01-01T00:00:00Z). Write 0.01 % as 0.0001"),
        (("1704067200000,,1",), "the funding rate is nan in row 1"),
        (("1704067200000,0,1", "1704067200000,0,1"), "row 2 repeats the time"),
        (("1704067200000,0,1", "1704067100000,0,1"), "row 2 (2023-12-31T23:58:20Z) lies before the row above it"),
    ],
)
def test_malformed_payments_are_refused_with_the_row(tmp_path: Path, rows: tuple[str, ...], sentence: str):
    path = written(tmp_path, *rows)
    with pytest.raises(DataError) as caught:
        read_funding(path)
    assert f"{path}: {sentence}" in str(caught.value)


def test_missing_columns_are_named(tmp_path: Path):
    with pytest.raises(DataError, match="no column for funding_rate among funding_time, price"):
        read_funding(written(tmp_path, "1,2", header="funding_time,price"))
