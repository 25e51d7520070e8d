"""The native account has the shape that core's protocols promise to policies, sizers and risk rules."""

import pytest
from tradebot_native import Portfolio, Position, SimExchange, Snapshot

from tradebot.core import portfolio, position, protocols
from tradebot.core.instrument import Instrument


@pytest.mark.parametrize(
    ("promised", "native"),
    [(portfolio.Portfolio, Portfolio), (position.Position, Position), (protocols.Snapshot, Snapshot)],
)
def test_the_native_class_has_every_promised_member(promised: type, native: type):
    names = [name for name in vars(promised) if not name.startswith("_")]
    assert names
    assert [name for name in names if not hasattr(native, name)] == []


@pytest.mark.parametrize("symbol", ["BTCUSDT", "SPY"])
def test_an_account_begins_flat(symbol: str):
    make = Instrument.us_equity if symbol == "SPY" else Instrument.binance_perpetual
    account = SimExchange([make(symbol).native()], cash=10_000.0).portfolio
    assert (account.cash, account.equity) == (10_000.0, 10_000.0)
    assert (account.quantity(symbol), account.position(symbol).quantity, list(account.positions())) == (0.0, 0.0, [])
