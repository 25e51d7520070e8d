"""Intervals: reading them, and where they begin and end."""

import numpy as np
import pytest

from tradebot.core.errors import ConfigError
from tradebot.core.instant import iso, to_ns
from tradebot.core.interval import DAY, HOUR, MINUTE, SECOND, Interval


@pytest.mark.parametrize("text", ["1s", "1m", "15m", "1h", "4h", "1d", "1w", "1M", "3M"])
def test_an_interval_prints_as_it_was_written(text: str):
    assert str(Interval.parse(text)) == text


@pytest.mark.parametrize(("text", "same"), [("60m", "1h"), ("24h", "1d"), ("3600s", "1h"), ("4H", "4h"), ("1D", "1d")])
def test_equal_lengths_are_one_interval(text: str, same: str):
    assert Interval.parse(text) == Interval.parse(same)
    assert hash(Interval.parse(text)) == hash(Interval.parse(same))


def test_minutes_and_months_are_told_apart_by_their_capital():
    assert Interval.parse("1m").ns == MINUTE
    assert Interval.parse("1M").ns > 30 * DAY


def test_seven_days_are_not_a_week_for_they_begin_elsewhere():
    assert Interval.parse("7d") != Interval.parse("1w")


@pytest.mark.parametrize("text", ["", "m", "0m", "-1m", "1.5h", "5x", "1y", "13M", "99999d"])
def test_what_is_no_interval_is_refused_with_examples(text: str):
    with pytest.raises(ConfigError, match=r'interval: ".*" is not an interval\. Write a count and one of s, m, h, d'):
        Interval.parse(text)


@pytest.mark.parametrize(
    ("interval", "start", "following"),
    [
        ("1s", "2024-02-29T13:47:11", "2024-02-29T13:47:12"),
        ("15m", "2024-02-29T13:45:00", "2024-02-29T14:00:00"),
        ("4h", "2024-02-29T12:00:00", "2024-02-29T16:00:00"),
        ("1d", "2024-02-29", "2024-03-01"),
        ("1w", "2024-02-26", "2024-03-04"),
        ("1M", "2024-02-01", "2024-03-01"),
        ("3M", "2024-01-01", "2024-04-01"),
    ],
)
def test_boundaries_follow_the_calendar(interval: str, start: str, following: str):
    ts = to_ns("2024-02-29T13:47:11")
    assert iso(Interval.parse(interval).floor(ts)) == iso(to_ns(start))
    assert iso(Interval.parse(interval).next(ts)) == iso(to_ns(following))


def test_times_before_1970_have_boundaries_too():
    assert Interval.parse("1d").floor(to_ns("1969-12-31T23:00:00")) == to_ns("1969-12-31")
    assert Interval.parse("1M").floor(to_ns("1969-12-31T23:00:00")) == to_ns("1969-12-01")


def test_a_bar_off_the_boundary_is_known_one_length_later():
    assert Interval.parse("1h").close_of(to_ns("2024-03-01T09:30:00")) == to_ns("2024-03-01T10:30:00")


def test_a_month_bar_is_known_when_the_next_month_begins():
    assert Interval.parse("1M").close_of(to_ns("2024-02-01")) == to_ns("2024-03-01")


@pytest.mark.parametrize(
    ("length", "interval"),
    [
        (SECOND, "1s"),
        (5 * MINUTE, "5m"),
        (4 * HOUR, "4h"),
        (DAY, "1d"),
        (7 * DAY, "1w"),
        (30 * DAY, "1M"),
        (31 * DAY, "1M"),
        (91 * DAY, "3M"),
    ],
)
def test_the_distance_of_bars_tells_their_interval(length: int, interval: str):
    assert str(Interval.from_ns(length)) == interval


@pytest.mark.parametrize("length", [0, -MINUTE, 500_000_000])
def test_a_distance_of_no_whole_second_is_no_interval(length: int):
    with pytest.raises(ConfigError, match="is not an interval"):
        Interval.from_ns(length)


@pytest.mark.parametrize(
    ("shorter", "longer", "fits"),
    [
        ("1m", "15m", True),
        ("1m", "1M", True),
        ("1d", "1w", True),
        ("1h", "1w", True),
        ("1w", "2w", True),
        ("1M", "3M", True),
        ("1m", "1m", True),
        ("15m", "1m", False),
        ("2m", "15m", False),
        ("1w", "1M", False),
        ("3d", "1w", False),
        ("1M", "1w", False),
        ("2M", "3M", False),
    ],
)
def test_bars_fit_when_none_crosses_a_boundary(shorter: str, longer: str, fits: bool):
    assert Interval.parse(shorter).fits_into(Interval.parse(longer)) is fits


@pytest.mark.parametrize("text", ["1m", "4h", "1w", "1M"])
def test_arrays_and_scalars_have_the_same_boundaries(text: str):
    interval = Interval.parse(text)
    ts = np.arange(to_ns("2023-12-01"), to_ns("2024-03-05"), 7 * HOUR + 13 * MINUTE)
    assert interval.floor(ts).tolist() == [interval.floor(int(one)) for one in ts]
    assert interval.next(ts).tolist() == [interval.next(int(one)) for one in ts]
    assert interval.close_of(ts).tolist() == [interval.close_of(int(one)) for one in ts]
