"""What an edit changed in a document, and that it changes nothing else."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tradebot.api.changes import Difference, differences, spelled_alike


def test_what_differs_is_told_by_its_path_with_both_values():
    before = {"trading": {"symbol": "BTCUSDT", "size": 1}, "old": True, "same": [1, 2]}
    after = {"trading": {"symbol": "BTCUSDT", "size": 2}, "new": {"a": 1}, "same": [1, 2]}
    assert list(differences(before, after)) == [
        Difference("trading.size", 1, 2),
        Difference("old", True, None),
        Difference("new", None, {"a": 1}),
    ]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": Decimal("10000.0")}, {"a": 10000}, {"a": Decimal("10000.0")}),
        ({"a": Decimal("0.10")}, {"a": 0.1}, {"a": Decimal("0.10")}),
        ({"a": Decimal("0.10")}, {"a": 0.11}, {"a": 0.11}),
        ([Decimal("1.0"), 2], [1, 2.0], [Decimal("1.0"), 2]),
        ([Decimal("1.0")], [1, 2], [1, 2]),
        ({"a": True}, {"a": 1}, {"a": 1}),
        ({"a": 1}, {"a": True}, {"a": True}),
        (None, {"a": 1}, {"a": 1}),
    ],
)
def test_a_number_that_stays_the_same_keeps_its_spelling(before: object, after: object, expected: object):
    found = spelled_alike(before, after)
    assert repr(found) == repr(expected)
