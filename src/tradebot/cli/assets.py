"""The list of a provider's markets, as the commands ask for it: kept for a day."""

from __future__ import annotations

import asyncio
import os
import time
from typing import TYPE_CHECKING, Final, cast

import click

from tradebot.core.errors import ConfigError, DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tradebot.core.asset_facts import AssetFacts
    from tradebot.feeds.provider import AssetSource
    from tradebot.store.symbols import AssetList

PROVIDERS: Final = ("mock", "binance", "alpaca")


def assets_of(provider: str, *, fresh: bool = False) -> AssetList:
    """Markets of a provider.

    Parameters
    ----------
    fresh : ask now, whatever is kept.

    Raises
    ------
    ConfigError : it tells no list, a key is missing, or its extra is not installed.
    DataError : it does not answer, and no earlier list is kept.
    """
    if provider not in PROVIDERS:
        mend = f"Name the markets yourself, or take one of {', '.join(PROVIDERS)}."
        raise ConfigError("it tells no list of its markets", place=f"provider {provider}", mend=mend)
    from tradebot.config.secrets import with_keyring
    from tradebot.feeds.faults import Retriable
    from tradebot.feeds.provider import KEYS
    from tradebot.feeds.provider import provider as provider_of
    from tradebot.store.home import home
    from tradebot.store.symbols import cached_assets

    async def ask() -> Sequence[AssetFacts]:
        source = cast("AssetSource", provider_of(provider, with_keyring(os.environ, KEYS.get(provider, ()))))
        try:
            return await source.assets()
        except Retriable as error:
            raise DataError(error.fact, place=f"provider {provider}", mend="Try again later.") from error
        finally:
            await source.close()

    return cached_assets(provider, home() / "cache", lambda: asyncio.run(ask()), now=time.time_ns(), fresh=fresh)


def tell_note(known: AssetList) -> None:
    """Say on standard error what is to be known of a list, such as that it is an old one."""
    if known.note:
        click.echo(f"{click.style('Note:', fg='yellow')} {known.note}", err=True)
