"""Instants at the edges."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from tradebot.core.errors import DataError
from tradebot.core.instant import iso, to_datetime, to_ns

NOON = 1_709_208_000_000_000_000


@pytest.mark.parametrize(
    "instant",
    [
        "2024-02-29T12:00:00",
        "2024-02-29T12:00:00Z",
        "2024-02-29T07:00:00-05:00",
        datetime(2024, 2, 29, 12),
        datetime(2024, 2, 29, 12, tzinfo=UTC),
        datetime(2024, 2, 29, 13, tzinfo=timezone(timedelta(hours=1))),
        NOON,
    ],
)
def test_one_instant_in_every_form_is_the_same_number(instant: datetime | str | int):
    assert to_ns(instant) == NOON


def test_a_date_is_its_midnight_utc():
    assert to_ns(date(2024, 2, 29)) == to_ns("2024-02-29") == NOON - 12 * 3600 * 10**9


def test_a_number_goes_back_to_its_datetime():
    assert to_datetime(NOON) == datetime(2024, 2, 29, 12, tzinfo=UTC)
    assert iso(NOON) == "2024-02-29T12:00:00Z"


def test_text_that_is_no_time_is_refused_with_an_example():
    with pytest.raises(DataError, match='"29.2.2024" is not a date or time. Write it as "2025-05-04"'):
        to_ns("29.2.2024")
