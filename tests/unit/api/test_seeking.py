"""The place of a time in a record, found by halving."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tradebot.api.seeking import place_after

ROWS = st.dictionaries(st.integers(1, 2**40), st.integers(0, 50), max_size=40)


def in_order(rows: dict[int, int]) -> dict[int, int]:
    """Times that grow with the numbers."""
    return dict(zip(sorted(rows), sorted(rows.values()), strict=True))


@given(rows=ROWS.map(in_order), ts=st.integers(-1, 51))
def test_below_the_place_lie_the_rows_up_to_the_time_and_no_others(rows: dict[int, int], ts: int):
    def newest(before: int | None) -> tuple[int, int] | None:
        return max(((seq, at) for seq, at in rows.items() if before is None or seq < before), default=None)

    place = place_after(newest, ts)
    shown = {seq for seq in rows if place is None or seq < place}
    assert shown == {seq for seq, at in rows.items() if at <= ts}


def test_a_record_of_a_million_rows_takes_few_questions():
    asked: list[int | None] = []

    def newest(before: int | None) -> tuple[int, int]:
        asked.append(before)
        seq = 1_000_000 if before is None else before - 1
        return seq, seq

    assert place_after(newest, 123_456) == 123_457
    assert len(asked) <= 22
