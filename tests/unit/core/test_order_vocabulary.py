"""Orders' words and the one table of their states."""

import pytest
import tradebot_native as native

from tradebot.core.order import TRANSITIONS, OrderState, OrderType, Side, TimeInForce, can_become, is_final


def test_both_languages_have_the_same_words():
    assert set(native.ORDER_TYPES) == set(OrderType)
    assert set(native.ORDER_STATES) == set(OrderState)
    assert set(native.TIFS) == set(TimeInForce)


def test_every_state_has_its_row_in_the_table():
    assert set(TRANSITIONS) == set(OrderState)


@pytest.mark.parametrize("state", ["filled", "canceled", "expired", "rejected", "denied"])
def test_an_order_at_its_end_is_final(state: str):
    assert is_final(state)


@pytest.mark.parametrize("state", ["accepted", "unknown", "partially_filled", "pending_cancel", "submitted"])
def test_an_order_that_may_still_work_is_not_final(state: str):
    assert not is_final(state)


def test_after_its_end_an_order_can_only_be_filled_late():
    late = {OrderState.FILLED, OrderState.PARTIALLY_FILLED}
    for state in filter(is_final, OrderState):
        assert TRANSITIONS[state] <= late


def test_an_unknown_order_is_resolved_never_sent_again():
    assert can_become("submitted", "unknown")
    assert can_become("unknown", "filled")
    assert not can_become("unknown", "submitted")


def test_a_side_knows_its_sign_and_opposite():
    assert (Side.BUY.sign, Side.SELL.sign) == (1, -1)
    assert Side.BUY.opposite is Side.SELL
    assert Side.SELL.opposite is Side.BUY
