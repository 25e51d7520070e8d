"""A provider's list of markets, kept for a day."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from tradebot.core.asset_facts import AssetFacts
from tradebot.core.errors import DataError, TradebotError
from tradebot.core.instant import iso

_DAY: Final = 86_400_000_000_000


class AssetList(msgspec.Struct, frozen=True):
    """Markets of a provider as of a moment.

    Parameters
    ----------
    fetched : int64 ns UTC.
    note : why an old list is used; empty where it is not.
    """

    provider: str
    fetched: int
    assets: tuple[AssetFacts, ...]
    note: str = ""


def cached_assets(
    provider: str, folder: Path, fetch: Callable[[], Sequence[AssetFacts]], *, now: int, fresh: bool = False
) -> AssetList:
    """The list, fetched anew when it is older than a day.

    Parameters
    ----------
    folder : where lists are kept.
    fetch : asks the provider.
    now : int64 ns UTC.
    fresh : ask the provider in any case.

    Raises
    ------
    TradebotError : the provider fails and there is no list to fall back on.
    """
    file = folder / f"assets-{provider}.json"
    known = _read(file)
    if known is not None and not fresh and now - known.fetched < _DAY:
        return known
    try:
        found = AssetList(provider, now, tuple(fetch()))
    except TradebotError as error:
        if known is None:
            raise
        return msgspec.structs.replace(known, note=f"{error} The list of {iso(known.fetched)} is used.")
    _write(file, found)
    return found


def _read(file: Path) -> AssetList | None:
    try:
        return msgspec.json.decode(file.read_bytes(), type=AssetList)
    except (OSError, msgspec.DecodeError):
        # A damaged list is no more than a missing one: it is fetched anew.
        return None


def _write(file: Path, found: AssetList) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as draft:
            draft.write(msgspec.json.encode(found))
            draft.flush()
            os.fsync(draft.fileno())
        Path(draft.name).replace(file)
    except OSError as error:
        raise DataError(f"the list cannot be kept: {error.strerror}", place=str(file.parent)) from error
