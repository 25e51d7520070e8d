"""Nodes: expressions, conditions, masks, and what a strategy may not do with them."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

from tradebot import indicators as ta
from tradebot.core.errors import IndicatorError, StrategyError


def test_a_node_computes_when_it_is_first_read(frame: ta.Frame) -> None:
    average = ta.sma(frame.close, 4)
    frame.seek(3)
    assert average[-1] == 11.5
    assert np.isnan(average[-2])
    frame.seek(10)
    assert (average.now, average.prev, float(average)) == (18.5, 17.5, 18.5)


def test_operators_work_bar_by_bar_with_nodes_and_numbers_on_either_side(frame: ta.Frame) -> None:
    close, open_ = frame.close.batch(), frame.open.batch()
    for node, expected in (
        (frame.close + frame.open, close + open_),
        (10 - frame.close, 10 - close),
        (np.float64(2.0) * frame.close, 2 * close),
        (1 / frame.close, 1 / close),
        (-frame.close, -close),
        (abs(frame.open - frame.close), np.abs(open_ - close)),
    ):
        np.testing.assert_array_equal(node.batch(), expected)


def test_a_condition_is_not_known_while_an_operand_is_not(frame: ta.Frame) -> None:
    rising = frame.close > ta.sma(frame.close, 4)
    assert np.isnan(rising.batch()[:3]).all()
    assert np.isnan((~rising).batch()[:3]).all()
    assert (~rising).mask()[:3].tolist() == [0, 0, 0]


def test_conditions_combine_and_give_masks_of_bytes(frame: ta.Frame) -> None:
    high, low = frame.close > 25, frame.close < 15
    both, either, neither = high & low, high | low, ~(high | low)
    close = frame.close.batch()
    for node, expected in (
        (both, close > 99),
        (either, (close > 25) | (close < 15)),
        (neither, (close <= 25) & (close >= 15)),
    ):
        assert node.mask().dtype == np.uint8
        np.testing.assert_array_equal(node.mask().astype(bool), expected)


def test_the_mask_of_a_cross_holds_where_the_read_cross_does(frame: ta.Frame) -> None:
    fast, slow = ta.sma(frame.close, 3), ta.sma(frame.close, 8)
    above, below = ta.cross_above(fast, slow), ta.cross_below(fast, slow)
    masks = above.mask(), below.mask()
    read = []
    for bar in range(60):
        frame.seek(bar)
        read.append((ta.crossed_above(fast, slow), ta.crossed_below(fast, slow)))
    np.testing.assert_array_equal(np.array(masks).T.astype(bool), read)
    np.testing.assert_array_equal(above.batch() == 1.0, masks[0].astype(bool))
    assert masks[0].sum() == 1
    assert masks[1].sum() == 1


def test_equal_expressions_are_one_node(frame: ta.Frame) -> None:
    first = ta.sma(frame.close, 5) - ta.sma(frame.close, 10)
    second = ta.sma(frame.close, 5) - ta.sma(frame.close, 10)
    assert first is second
    assert first is not ta.sma(frame.close, 10) - ta.sma(frame.close, 5)


def test_frames_over_one_context_share_their_work(bars: ta.Columns) -> None:
    context = ta.BatchContext(bars)
    first, second = ta.Frame.batch(context), ta.Frame.batch(context)
    assert ta.ema(first.close, 7) is not ta.ema(second.close, 7)
    assert ta.ema(first.close, 7).batch() is ta.ema(second.close, 7).batch()


def test_a_context_forgets_the_least_recently_used_beyond_its_limit(bars: ta.Columns) -> None:
    context = ta.BatchContext(bars, limit=5 * 60 * 8)
    frame = ta.Frame.batch(context)
    kept = [ta.sma(frame.close, period) for period in range(2, 12)]
    first = kept[0].batch()
    for node in kept:
        node.batch()
    assert kept[0].batch() is not first
    np.testing.assert_array_equal(kept[0].batch(), first)


def test_arrays_are_freed_with_the_frame_and_without_the_garbage_collector(bars: ta.Columns) -> None:
    gc.disable()
    try:
        frame = ta.Frame.batch(bars)
        node = ta.sma(frame.higher("4h").close, 3).on_base()
        array = weakref.ref(node.batch())
        assert array() is not None
        del frame, node
        assert array() is None
    finally:
        gc.enable()


def test_the_results_and_the_bars_of_the_caller_are_kept_apart(bars: ta.Columns) -> None:
    frame = ta.Frame.batch(bars)
    assert not frame.close.batch().flags.writeable
    assert bars.close.flags.writeable


def test_a_node_is_neither_true_nor_false(frame: ta.Frame) -> None:
    with pytest.raises(StrategyError, match=r"ta\.crossed_above"):
        bool(frame.close > frame.open)


def test_only_conditions_combine_logically(frame: ta.Frame) -> None:
    for make in (
        lambda: frame.close & (frame.close > 1),
        lambda: (frame.close > 1) | frame.close,
        lambda: ~frame.close,
    ):
        with pytest.raises(IndicatorError, match="is not a condition"):
            make()
    with pytest.raises(IndicatorError, match="is not a condition"):
        frame.close.mask()


def test_a_word_is_no_operand(frame: ta.Frame) -> None:
    with pytest.raises(IndicatorError, match="'high' is neither an indicator nor a number"):
        frame.close + "high"  # type: ignore[operator]


def test_nodes_of_different_instruments_do_not_combine(bars: ta.Columns) -> None:
    first, second = ta.Frame.batch(bars), ta.Frame.batch(bars)
    with pytest.raises(IndicatorError, match="different instruments"):
        first.close - second.close


def test_identity_and_hash_are_the_objects_own(frame: ta.Frame) -> None:
    assert frame.close == frame.close
    assert frame.close != frame.open
    assert len({frame.close, frame.open, frame.close}) == 2
