"""What a set of rules refuses."""

import pytest

from tradebot.core.errors import StrategyError
from tradebot.strategies import Rules


class FakeNode:
    warmup = 0

    def batch(self): ...


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ({}, "rules: no entry is given. Give enter_long or enter_short."),
        ({"exit_long": FakeNode()}, "rules: no entry is given."),
        ({"enter_long": True}, "rules.enter_long: True is not an indicator node."),
        (
            {"enter_long": FakeNode(), "stop_loss": 9.0, "stop_loss_pct": 0.1},
            "rules: stop_loss and stop_loss_pct are both",
        ),
        ({"enter_long": FakeNode(), "stop_loss_pct": 1.5}, "rules.stop_loss_pct: 1.5 is 100 % or more. 0.01 means one"),
        ({"enter_long": FakeNode(), "take_profit_pct": -0.1}, "rules.take_profit_pct: -0.1 is not a positive number"),
        ({"enter_long": FakeNode(), "trailing_stop": "far"}, "rules.trailing_stop: 'far' is not a positive number"),
    ],
)
def test_impossible_rules_are_refused(members: dict[str, object], sentence: str):
    with pytest.raises(StrategyError) as caught:
        Rules(**members)
    assert str(caught.value).startswith(sentence)


def test_the_nodes_of_a_set_of_rules_are_told_from_its_numbers():
    enter, stop = FakeNode(), FakeNode()
    rules = Rules(enter_short=enter, stop_loss=stop, take_profit_pct=0.02)
    assert rules.nodes() == {"enter_short": enter, "stop_loss": stop}
