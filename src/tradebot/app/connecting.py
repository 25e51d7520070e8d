"""To a broker for real: its key, its address, and what to do where one of them does not serve."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from tradebot.app.dumps import forbid_core_dumps
from tradebot.config.secrets import with_keyring
from tradebot.core.errors import TradebotError

if TYPE_CHECKING:
    from tradebot.brokers.binance import BinanceBroker, BinanceSettings, BinanceSpotBroker
    from tradebot.brokers.binance.account import MarginType
    from tradebot.config import Configuration
    from tradebot.venues.binance import BinanceHost

# Bad signature; bad format of the key; unknown key, or one that may not do this from here.
_KEY_CODES: Final = (-1022, -2014, -2015)
_MARGIN_TYPES: Final[dict[str, MarginType]] = {"cross": "CROSSED", "isolated": "ISOLATED"}


def settings_of(configuration: Configuration, *, leverage: bool = True) -> BinanceSettings:
    """How a configuration's broker works at Binance; without ``leverage`` that of the account is left as it is."""
    from tradebot.brokers.binance import BinanceSettings

    wanted = configuration.broker
    return BinanceSettings(
        leverage=int(wanted.leverage) if leverage else None,
        margin_type=_MARGIN_TYPES[wanted.margin_type] if wanted.margin_type else None,
        dead_man_s=float(wanted.dead_man_seconds) if wanted.dead_man_seconds else None,
    )


@asynccontextmanager
async def connected(
    host: BinanceHost,
    environment: Mapping[str, str],
    symbols: Sequence[str],
    *,
    prefixes: tuple[str, ...],
    **options: Any,
) -> AsyncGenerator[BinanceBroker | BinanceSpotBroker]:
    """Binance, connected for the block; ``options`` are those of ``BinanceBroker.connect``.

    Parameters
    ----------
    prefixes : what the client ids of the bot's orders begin with, by which spot tells them from another hand's.

    Raises
    ------
    ConfigError : a key is missing.
    TradebotError : it cannot be reached, or refuses key or account; the message says what to look at.
    """
    from tradebot.brokers.binance import BinanceBroker, BinanceSpotBroker

    forbid_core_dumps()
    key, secret = host.credentials(with_keyring(environment, host.key_variables))
    try:
        if host.market == "spot":
            broker = await BinanceSpotBroker.connect(host, key, secret, tuple(symbols), prefixes=prefixes, **options)
        else:
            broker = await BinanceBroker.connect(host, key, secret, tuple(symbols), **options)
    except TradebotError as error:
        raise _explained(error, host) from error
    try:
        yield broker
    finally:
        await broker.close()


def _explained(error: TradebotError, host: BinanceHost) -> TradebotError:
    """The error with its place and mend, where the broker's answer has none."""
    from tradebot.brokers.binance.refusals import Refused, Unanswered

    place = f"binance at {host.rest}"
    if isinstance(error, Unanswered):
        mend = "Look at the network and the address, then start again. Nothing was sent."
        return TradebotError(error.fact, place=place, mend=mend)
    if isinstance(error, Refused) and error.code in _KEY_CODES:
        names = " and ".join(host.key_variables)
        mend = f"Look at {names}: a key serves one host, the addresses and the rights it was made with."
        return TradebotError(error.fact, place=place, mend=mend)
    return error
