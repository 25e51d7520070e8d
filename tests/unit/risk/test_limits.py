"""What limits refuse to be."""

import pytest

from tradebot.core.errors import RiskError
from tradebot.risk import RiskLimits


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        ({"max_exposure": 0}, "risk.max_exposure: 0 is not above 0. Leave it out for no limit."),
        ({"max_order_notional": float("nan")}, "risk.max_order_notional: nan is not above 0."),
        ({"max_order_quantity": "1"}, "risk.max_order_quantity: '1' is not a number"),
        ({"max_positions": 1.5}, "risk.max_positions: 1.5 is not a whole number"),
        ({"max_daily_trades": 2.5}, "risk.max_daily_trades: 2.5 is not a whole number"),
        ({"max_daily_loss_amount": -50}, "risk.max_daily_loss_amount: -50 is not above 0."),
        ({"max_daily_loss": 5}, "risk.max_daily_loss: 5 is 100 % or more. Did you mean 0.05 (5 %)?"),
        ({"max_drawdown": 200}, "risk.max_drawdown: 200 is 100 % or more. 0.05 means five percent."),
    ],
)
def test_an_impossible_limit_is_named(limits: dict[str, float], sentence: str):
    with pytest.raises(RiskError) as caught:
        RiskLimits(**limits)
    assert str(caught.value).startswith(sentence)


def test_limits_go_to_the_native_trader():
    assert RiskLimits().native() is not None
    assert RiskLimits(max_positions=3, max_drawdown=0.2, max_exposure=2.0).native() is not None
