"""Secrets: from the environment or the system's keyring, and from nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from pydantic import SecretStr

from tradebot.core.errors import ConfigError

SERVICE: Final = "tradebot"


def secret(name: str, environment: Mapping[str, str]) -> SecretStr:
    """The secret called ``name``; it shows as asterisks wherever it is printed.

    Parameters
    ----------
    name : environment variable, and name of the entry of service ``tradebot`` in the keyring.

    Raises
    ------
    ConfigError : it is in neither.
    """
    found = environment.get(name) or _of_keyring(name)
    if not found:
        raise ConfigError("the secret is not set", place=name, mend=f"Set {name} in the environment or the keyring.")
    return SecretStr(found)


def _of_keyring(name: str) -> str | None:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ModuleNotFoundError:
        return None
    try:
        return keyring.get_password(SERVICE, name)
    except KeyringError:
        # No key store on this machine: then the environment alone counts.
        return None


def with_keyring(environment: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """The environment, and what it lacks of ``names`` out of the keyring."""
    found = dict(environment)
    for name in names:
        if not found.get(name) and (kept := _of_keyring(name)):
            found[name] = kept
    return found
