"""A strategy's memory goes out and comes back as it was, through any format."""

from collections import deque
from decimal import Decimal
from enum import StrEnum

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tradebot_native import Bar

from tradebot.core.errors import StrategyError
from tradebot.strategies.memory import recall, remember

ATOMS = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text() | st.binary()
)
HASHABLE = st.integers(-9, 9) | st.text(max_size=3) | st.tuples(st.integers(0, 3), st.text(max_size=2))
PLAIN = st.recursive(
    ATOMS | st.decimals(allow_nan=False) | st.frozensets(HASHABLE) | st.sets(HASHABLE),
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(HASHABLE, inner)
        | st.lists(inner).map(lambda members: deque(members, maxlen=5))
    ),
    max_leaves=12,
)


def round_trip(**values):
    saved = msgspec.msgpack.decode(msgspec.msgpack.encode(remember("s", values, ())))
    back: dict[str, object] = {}
    recall(back, saved)
    return back


def shape(value):
    """The value with the type of every part, for comparisons that tell 1 from 1.0 and a list from a tuple."""
    if isinstance(value, dict):
        return dict, [(shape(key), shape(member)) for key, member in value.items()]
    if isinstance(value, set | frozenset):
        return type(value), sorted(map(repr, value))
    if isinstance(value, list | tuple | deque):
        return type(value), getattr(value, "maxlen", None), [shape(member) for member in value]
    return type(value), repr(value)


@given(PLAIN)
def test_every_plain_value_comes_back_of_its_kind(value):
    assert shape(round_trip(value=value)["value"]) == shape(value)


def test_two_names_for_one_list_stay_two_names_for_one_list():
    shared: list[object] = [1]
    shared.append(shared)
    back = round_trip(first=shared, second={"inner": (shared,)})
    assert back["first"] is back["second"]["inner"][0]
    assert back["first"][1] is back["first"]


def test_arrays_and_numpy_scalars_keep_type_and_shape():
    back = round_trip(grid=np.arange(6, dtype=np.int32).reshape(2, 3), one=np.float64(0.1))
    np.testing.assert_array_equal(back["grid"], np.arange(6).reshape(2, 3))
    assert (back["grid"].dtype, type(back["one"]), back["one"]) == (np.int32, np.float64, 0.1)
    back["grid"][0, 0] = 7


def test_a_bar_that_was_kept_comes_back():
    bar = Bar(60, 1.0, 3.0, 0.5, 2.0, volume=9.0, trades=4)
    back = round_trip(bar=bar)["bar"]
    assert (back.ts, back.open, back.high, back.low, back.close, back.volume, back.trades) == (
        60,
        1.0,
        3.0,
        0.5,
        2.0,
        9.0,
        4,
    )
    assert np.isnan(back.vwap)


def test_nodes_and_containers_of_nodes_are_left_to_setup():
    node = type("Node", (), {"warmup": 3})()
    assert remember("s", {"a": node, "b": {"x": [node]}, "known": 1, "n": 2}, {"known"}) == {"n": 2}


class Mood(StrEnum):
    CALM = "calm"


@pytest.mark.parametrize("value", [object(), Mood.CALM, [lambda: 1], np.array([object()])])
def test_what_cannot_be_saved_is_named(value: object):
    with pytest.raises(StrategyError, match=r"s\.bad: a value of type \w+ cannot be saved with the run\. Keep plain"):
        remember("s", {"bad": value}, ())


def test_decimals_keep_their_digits():
    assert str(round_trip(price=Decimal("1.50"))["price"]) == "1.50"
