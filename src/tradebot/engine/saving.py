"""The saved form of a run: what decides remembers, what the native core holds, and which run it belongs to."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from tradebot.core.errors import ConfigError
from tradebot.strategies.memory import recall, remember

if TYPE_CHECKING:
    from tradebot.core.bar import BarArray


class SavedRun(msgspec.Struct, frozen=True, array_like=True):
    """One saved run.

    Parameters
    ----------
    fingerprint : of everything the run was made with; see :func:`fingerprint`.
    runner : state of exchange, trader and run loop.
    strategies : memory of each bound strategy.
    deciders : memory of the policy and of the sizer.
    """

    fingerprint: str
    runner: bytes
    strategies: list[dict[str, Any]]
    deciders: list[dict[str, Any]]


def fingerprint(bars: Sequence[BarArray], *settings: object) -> str:
    """Digest of the bars and of the settings, by which a saved run knows its own."""
    digest = hashlib.sha256()
    for array in bars:
        digest.update(f"{array.symbol} {array.interval} {len(array)}".encode())
        for column in (array.ts, array.open, array.close):
            digest.update(column.data)
    digest.update("\n".join(map(str, settings)).encode())
    return digest.hexdigest()


def opened(state: bytes, expected: str) -> SavedRun:
    """A saved run out of its bytes.

    Raises
    ------
    ConfigError : the bytes are no saved run, or that of another run.
    """
    try:
        saved = msgspec.msgpack.decode(state, type=SavedRun)
    except msgspec.DecodeError as error:
        raise ConfigError(f"it is no saved run ({error})", place="state", mend="Give what save() returned.") from error
    if saved.fingerprint != expected:
        raise ConfigError(
            "it was saved by a run with other bars, strategy, parameters or settings",
            place="state",
            mend="Restore it on a backtest made with the same arguments.",
        )
    return saved


def memory_of(decider: object) -> dict[str, Any]:
    """What a policy or a sizer remembers: its ``state()``, or its plain attributes.

    Raises
    ------
    StrategyError : an attribute is not plain, and there is no ``state()``.
    """
    state = getattr(decider, "state", None)
    if callable(state):
        found: Any = state()
        return found
    return remember(type(decider).__name__, getattr(decider, "__dict__", {}), ())


def give_memory(decider: object, memory: dict[str, Any]) -> None:
    """Give back what :func:`memory_of` took."""
    restore = getattr(decider, "restore", None)
    if callable(restore):
        restore(memory)
    elif memory:
        recall(vars(decider), memory)
