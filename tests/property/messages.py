"""Messages of every kind for hypothesis, and what each is made of, for comparison."""

from __future__ import annotations

import inspect
import struct
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any, get_args

import msgspec
import numpy as np
from hypothesis import strategies as st

from tradebot.core.bar import Bar, BarArray, Quote, Tick
from tradebot.core.fill import Fill
from tradebot.core.instrument import VENUES, Instrument, instrument_for
from tradebot.core.interval import Interval
from tradebot.core.journal import Message
from tradebot.core.order import OrderIntent, OrderType

KINDS: tuple[type, ...] = (*get_args(Message), Fill)
NATIVE = (Bar, Tick, Quote, OrderIntent)

floats = st.floats(width=64)
prices = st.floats(min_value=1e-9, max_value=1e9)
whole = st.integers(-(2**63), 2**63 - 1)
decimals = st.decimals(allow_nan=False, allow_infinity=False)
fractions = st.floats(min_value=1e-6, max_value=0.99)
metadata = st.dictionaries(
    st.text(),
    st.recursive(
        st.none() | st.booleans() | whole | floats | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=5,
    ),
    max_size=4,
)
intervals = st.sampled_from(["1s", "1m", "15m", "1h", "4h", "1d", "1w", "1M"]).map(Interval.parse)


@st.composite
def intents(draw: st.DrawFn) -> OrderIntent:
    """Orders of every type with every field somewhere."""
    kind = draw(st.sampled_from(["market", "limit", "stop", "stop_limit", "take_profit", "trailing_stop"]))
    side = draw(st.sampled_from(["buy", "sell"]))
    given: dict[str, Any] = {"type": kind, "tag": draw(st.text(max_size=9)), "reduce_only": draw(st.booleans())}
    if kind in ("limit", "stop_limit"):
        given["price"] = draw(prices)
    if kind in ("stop", "stop_limit", "take_profit"):
        given["trigger"] = draw(prices)
    if kind == "trailing_stop":
        given[draw(st.sampled_from(["trail", "trail_pct"]))] = draw(fractions)
    given["tif"] = draw(st.sampled_from(["gtc", "ioc", "fok", "day", "gtd"]))
    if given["tif"] == "gtd" or draw(st.booleans()):
        given["expire_ts"] = draw(st.integers(0, 2**62))
    if kind == "limit" and given["tif"] not in ("ioc", "fok"):
        given["post_only"] = draw(st.booleans())
    for name in ("stop_loss_pct", "take_profit_pct", "trailing_stop_pct"):
        if draw(st.booleans()):
            given[name] = draw(fractions)
    if draw(st.booleans()):
        low, high = sorted(draw(st.lists(prices, min_size=2, max_size=2, unique=True)))
        given["stop_loss"], given["take_profit"] = (low, high) if side == "buy" else (high, low)
    if draw(st.booleans()):
        given |= {"trailing_stop": draw(prices), "trailing_activation_pct": draw(fractions)}
    for name in ("parent", "oco"):
        if draw(st.booleans()):
            given[name] = draw(st.integers(0, 2**32 - 2))
    instrument = draw(st.text(min_size=1, max_size=9) | st.integers(0, 1000))
    return OrderIntent(instrument, side, draw(prices), **given)


@st.composite
def bar_arrays(draw: st.DrawFn) -> BarArray:
    """Bars with any numbers in them, as a store may hold them by wish."""
    rows = draw(st.integers(0, 4))
    known = ["ts", "open", "high", "low", "close", "volume", *(["trades", "vwap"] if draw(st.booleans()) else [])]
    columns = {
        name: np.array(draw(st.lists(whole, min_size=rows, max_size=rows)), dtype=np.int64)
        if name in ("ts", "trades")
        else np.array(draw(st.lists(floats, min_size=rows, max_size=rows)), dtype=np.float64)
        for name in known
    }
    instrument = instrument_for("BTCUSDT", draw(st.sampled_from(sorted(VENUES))))
    return BarArray.trusted(instrument, draw(intervals), columns)


BY_TYPE: dict[Any, st.SearchStrategy[Any]] = {
    int: whole,
    float: floats,
    str: st.text(max_size=20),
    bool: st.booleans(),
    bytes: st.binary(max_size=20),
    Decimal: decimals,
    Interval: intervals,
    Bar: st.builds(Bar, whole, floats, floats, floats, floats, floats, whole, floats),
    Tick: st.builds(Tick, whole, floats, floats, st.sampled_from([-1, 0, 1])),
    Quote: st.builds(Quote, whole, floats, floats, floats, floats),
    OrderIntent: intents(),
    BarArray: bar_arrays(),
    Mapping[str, Any]: metadata,
    Instrument: st.sampled_from(sorted(VENUES)).map(lambda venue: instrument_for("BTCUSDT", venue)),
    frozenset[OrderType]: st.frozensets(st.sampled_from(OrderType)),
    Mapping[str, Decimal]: st.dictionaries(st.text(max_size=5), decimals, max_size=3),
}


@cache
def values(hint: Any) -> st.SearchStrategy[Any]:
    """Values of a field's type."""
    if hint in BY_TYPE:
        return BY_TYPE[hint]
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        hints = inspect.get_annotations(hint, eval_str=True)
        return st.builds(hint, **{name: values(hints[name]) for name in hint.__struct_fields__})
    if getattr(hint, "__origin__", None) is tuple:
        if ... not in get_args(hint):
            return st.tuples(*map(values, get_args(hint)))
        return st.lists(values(get_args(hint)[0]), max_size=3).map(tuple)
    if parts := [part for part in get_args(hint) if part is not type(None)]:
        choices = st.one_of(*(st.just(part) if isinstance(part, str) else values(part) for part in parts))
        return choices if len(parts) == len(get_args(hint)) else st.none() | choices
    return st.sampled_from(list(hint)) if isinstance(hint, type) else st.from_type(hint)


messages = st.sampled_from(KINDS).flatmap(values)


def parts(value: Any) -> Any:
    """What a value is made of, down to bits and text, read without the code that is tested."""
    if isinstance(value, float):
        return struct.pack("<d", value)
    if isinstance(value, Decimal):
        return ("decimal", value.as_tuple())
    if isinstance(value, msgspec.Struct):
        return (type(value), [parts(getattr(value, name)) for name in value.__struct_fields__])
    if isinstance(value, NATIVE):
        return (type(value), [parts(getattr(value, name)) for name in inspect.signature(type(value)).parameters])
    if isinstance(value, BarArray):
        columns = {name: (column.dtype.str, column.tobytes()) for name, column in value.columns().items()}
        return (parts(value.instrument), str(value.interval), columns)
    if isinstance(value, Mapping):
        return {name: parts(inner) for name, inner in value.items()}
    return [parts(inner) for inner in value] if isinstance(value, list | tuple) else (type(value), value)
