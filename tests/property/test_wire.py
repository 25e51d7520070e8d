"""A message is the same after it was bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from messages import KINDS, messages, parts, values

from tradebot.core.errors import DataError
from tradebot.core.event import Signaled, Timer
from tradebot.core.wire import VERSION, decode, encode


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_kind_of_message_comes_back_the_same_to_the_bit(kind: type):
    @given(values(kind))
    def check(message: object):
        read = decode(encode(message))
        assert parts(read) == parts(message)
        assert encode(read) == encode(message)

    check()


@given(messages, messages)
def test_messages_have_the_same_bytes_only_if_they_are_the_same(one: object, other: object):
    assert (encode(one) == encode(other)) == (parts(one) == parts(other))


@given(messages, st.data())
def test_cut_bytes_are_refused(message: object, data: st.DataObject):
    whole = encode(message)
    with pytest.raises(DataError):
        decode(whole[: data.draw(st.integers(0, len(whole) - 1))])


@given(st.binary(max_size=60))
def test_any_other_bytes_are_refused_in_a_sentence(noise: bytes):
    with pytest.raises(DataError):
        decode(noise)


def test_a_message_of_a_newer_version_is_refused():
    newer = encode(Timer(1, "x")).replace(bytes([0x93, VERSION]), bytes([0x93, VERSION + 1]), 1)
    with pytest.raises(DataError, match=f"version {VERSION + 1}, and this tradebot reads up to {VERSION}"):
        decode(newer)


@pytest.mark.parametrize("value", [object(), 2**70, {1, object()}])
def test_what_has_no_exact_form_is_refused_with_a_mend(value: object):
    with pytest.raises(DataError, match="cannot be recorded.*Use text, numbers"):
        encode(Signaled(ts=1, symbol="BTCUSDT", action="long", metadata={"odd": value}))
