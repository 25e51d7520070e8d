"""What a download asks of a provider of history."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol, cast

from tradebot.core.asset_facts import AssetFacts
from tradebot.core.bar import BarArray
from tradebot.core.errors import ConfigError, did_you_mean
from tradebot.core.instrument import Instrument
from tradebot.core.interval import DAY, Interval
from tradebot.core.protocols import FeedAbilities


class Provider(Protocol):
    """A provider of past bars; implements :class:`tradebot.core.protocols.Feed` as far as the past goes."""

    @property
    def venue(self) -> str:
        """Venue whose markets it has; see :func:`tradebot.core.instrument.instrument_for`."""
        ...

    @property
    def abilities(self) -> FeedAbilities:
        """What it can deliver."""
        ...

    @property
    def rate(self) -> tuple[int, float]:
        """Requests it allows in so many seconds."""
        ...

    def page(self, interval: Interval) -> int:
        """Bars that one request may ask for."""
        ...

    def settles(self, interval: Interval) -> int:
        """Time (ns) after which a bar that has closed by the clock is whole and there, and changes no more."""
        ...

    async def history(self, instrument: Instrument, interval: Interval, start: int, end: int) -> BarArray:
        """Bars that open in ``start <= ts < end``, no more than a page of them; one request.

        Raises
        ------
        Retriable : it did not answer, or asks us to wait.
        DataError : it does not have the market, the interval or the time.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class AssetSource(Protocol):
    """A provider that tells which markets it has."""

    async def assets(self) -> Sequence[AssetFacts]:
        """Its list; :class:`Retriable` or :class:`DataError` as :meth:`Provider.history`."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


# Quotes of US equities come 15 minutes late in the free plans of all their providers.
_DELAY: Final = 15 * 60 * 1_000_000_000
# New York is at most 5 hours behind UTC, and its after-hours trading ends by its midnight.
_NIGHT: Final = 5 * 3_600 * 1_000_000_000


def equity_settles(interval: Interval) -> int:
    """Time (ns) from the end of a bar of a US equity, a day by its UTC date, until it is final."""
    return _DELAY + (_NIGHT if interval.ns >= DAY else 0)


_HOMES: Final = {
    "binance": ("tradebot.feeds.binance", "BinanceHistory", "binance"),
    "yahoo": ("tradebot.feeds.yahoo", "YahooHistory", "yahoo"),
    "alpaca": ("tradebot.feeds.alpaca", "AlpacaHistory", "alpaca"),
    "polygon": ("tradebot.feeds.polygon", "PolygonHistory", "polygon"),
    "mock": ("tradebot.feeds.mock_history", "MockHistory", ""),
}
NAMES: Final = tuple(_HOMES)
# Secrets a provider needs, by the names they have in the environment.
KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "alpaca": ("APCA_API_KEY_ID", "APCA_API_SECRET_KEY"),
    "polygon": ("POLYGON_API_KEY",),
}


def provider(
    name: str, environment: Mapping[str, str], *, market: str = "usdm", base_url: str | None = None
) -> Provider:
    """The provider of a name.

    Parameters
    ----------
    environment : where its keys stand, if it needs any.
    market : ``usdm`` or ``spot`` of Binance; nothing to the others.
    base_url : address in place of the provider's own, as ``http://127.0.0.1:8080``.

    Raises
    ------
    ConfigError : there is no such provider, its extra is not installed, or a key is missing.
    """
    if name not in _HOMES:
        mend = did_you_mean(name, _HOMES) or f"There are {', '.join(_HOMES)}."
        raise ConfigError(f'there is no "{name}"', place="--provider", mend=mend)
    module, kind, extra = _HOMES[name]
    try:
        make = cast("Callable[..., Provider]", getattr(importlib.import_module(module), kind))
        return make(environment=environment, market=market, base_url=base_url)
    except ModuleNotFoundError as error:
        mend = f"Install it: pip install 'tradebot[{extra}]'."
        raise ConfigError(f"the package {error.name} is not installed", place=f"provider {name}", mend=mend) from error


def key_of(environment: Mapping[str, str], name: str, place: str) -> str:
    """A key out of the environment; whoever composes that has asked the keyring.

    Raises
    ------
    ConfigError : it is not set.
    """
    found = environment.get(name)
    if not found:
        raise ConfigError(f"{name} is not set", place=place, mend=f"Set {name} in the environment or the keyring.")
    return found
