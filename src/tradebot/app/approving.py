"""What an exchange says of a configuration before a person approves it: it answers, takes the key, lists markets."""

from __future__ import annotations

import time
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

import msgspec

from tradebot.app.connecting import connected
from tradebot.app.markets import binance_host
from tradebot.app.rehearsal import standard
from tradebot.core.errors import ConfigError, TradebotError
from tradebot.store.rehearsals import Rehearsals

if TYPE_CHECKING:
    from tradebot.config import Configuration


class Counterparty(msgspec.Struct, frozen=True, kw_only=True):
    """Where a configuration would trade, and what stands there.

    Parameters
    ----------
    broker : ``binance``.
    mode : ``live`` is real money; ``demo`` and ``local`` are not.
    address : of its REST endpoints.
    balances : what the account holds, by currency.
    positions, orders : what is open on it, by hand or by another bot.
    """

    broker: str
    mode: Literal["live", "demo", "local"]
    address: str
    balances: dict[str, Decimal]
    positions: int
    orders: int


async def counterparty_of(configuration: Configuration, environment: Mapping[str, str]) -> Counterparty:
    """Ask the exchange that a configuration names; nothing is changed there.

    Raises
    ------
    ConfigError : its broker does not trade, the environment alone says that it is a local one, a key is missing or may
        do too much, a market is not listed, or it would trade spot with real money and was not rehearsed.
    TradebotError : it does not answer, or refuses the key.
    """
    kind = configuration.broker.type
    if kind != "binance":
        raise ConfigError(f'"{kind}" does not trade for real', place="broker.type", mend='Use "binance".')
    host = binance_host(configuration, environment)
    if host.mode == "local" and configuration.broker.host is None:
        # Without the variable the same document would trade on the real exchange.
        fact = "it is not named, and the environment leads to a local exchange"
        raise ConfigError(fact, place="broker.host", mend='Write "local" or "live": an approval is for one of them.')
    if host.mode == "live" and host.market == "spot":
        Rehearsals().require(host.market, time.time_ns(), standard())
    try:
        async with connected(host, environment, configuration.traded, prefixes=()) as broker:
            account = await broker.snapshot()
    except TradebotError as error:
        error.mend = f"{error.mend} Nothing was approved.".lstrip()
        raise
    return Counterparty(
        broker=kind,
        mode=host.mode,
        address=host.rest,
        balances=dict(account.balances),
        positions=len(account.positions),
        orders=len(account.orders),
    )
