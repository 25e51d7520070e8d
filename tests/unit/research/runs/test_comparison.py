"""Runs side by side, and the words differences are told in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradebot.cli.runs.compare import sparkline
from tradebot.research.runs import RunStore
from tradebot.research.runs.comparison import compare
from tradebot.research.runs.comparison_page import page
from tradebot.research.runs.differences import Difference, differences, in_words

from .conftest import a_result


def test_figures_are_those_of_the_results(store: RunStore):
    results = [a_result(fast) for fast in (5, 10)]
    records = [store.keep(each, request={}) for each in results]
    rows = {row.label: row for row in compare(store, records).figures}
    assert rows["Sharpe ratio"].values == tuple(each.stats.sharpe for each in results)
    assert rows["Trades"].values == tuple(each.stats.trades.count for each in results)
    assert rows["Trades"].differs


def test_curves_begin_and_end_where_equity_does(store: RunStore):
    result = a_result()
    (curve,) = compare(store, [store.keep(result, request={})], points=50).curves
    assert len(curve.ts) == 50
    assert curve.growth[-1] == result.outcome.final_equity / result.outcome.initial_cash
    assert (curve.ts[0], curve.ts[-1]) == (result.outcome.ts[0], result.outcome.ts[-1])


def test_a_market_only_one_run_has_is_named(store: RunStore):
    runs = [a_result(), a_result(symbol="OTHER")]
    rows = {row.label: row.cells for row in compare(store, [store.keep(each, request={}) for each in runs]).settings}
    assert set(rows) == {"bars of MOCKUSDT", "bars of OTHER"}
    assert rows["bars of OTHER"][0] == "–"


def test_the_page_escapes_what_a_person_named(store: RunStore):
    record = store.keep(a_result(), request={"options": {"sizer": "<script>alert(1)</script>"}})
    other = store.keep(a_result(12), request={"options": {"sizer": "fixed:1"}})
    text = page(compare(store, [record, other]))
    assert "<script>" not in text
    assert "&lt;script&gt;" in text


@given(st.lists(st.floats(0.1, 10.0), min_size=1, max_size=200), st.integers(1, 40))
def test_a_sparkline_ends_on_the_last_value_and_is_no_wider_than_asked(values: list[float], width: int):
    line = sparkline(values, min(values), max(values), width)
    assert len(line) == min(width, len(values))
    if max(values) > min(values):
        assert (line[-1] == "█") >= (values[-1] == max(values))
        assert (line[-1] == "▁") >= (values[-1] == min(values))
    else:
        assert set(line) == {"▁"}


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "none"), ("", ""), ([], "none"), (["a", 1], "a, 1"), (0.1, "0.1"), (True, "true"), (1e-9, "1e-9")],
)
def test_values_are_written_as_people_do(value: object, words: str):
    assert in_words(value) == words


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
def test_two_floats_differ_in_words_exactly_where_they_differ(one: float, other: float):
    assert (in_words(one) == in_words(other)) == (one.hex() == other.hex())


def test_nested_documents_are_compared_by_path_and_unknown_keys_say_nothing():
    was = {"a": {"b": 1, "gone": 2}, "c": [1]}
    now = {"a": {"b": 2, "new": 3}, "c": [1, 2]}
    assert differences(was, now) == [Difference("a.b", "1", "2"), Difference("c", "1", "1, 2")]
