"""Whether an account's fees take coins that a bot counts on."""

from __future__ import annotations

import pytest

from tradebot.brokers.binance.spot.account import check_fees
from tradebot.core.errors import ConfigError


def test_a_market_whose_coins_pay_the_fees_is_refused():
    with pytest.raises(ConfigError, match="BNBUSDT: the account pays its fees in BNB"):
        check_fees("BNBUSDT", "BNB", {"enabledForAccount": True})


@pytest.mark.parametrize(("base", "enabled"), [("BNB", False), ("BTC", True)])
def test_others_are_not(base: str, enabled: bool):
    check_fees(f"{base}USDT", base, {"enabledForAccount": enabled})
