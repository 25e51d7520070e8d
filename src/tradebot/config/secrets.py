"""Secrets: from the environment or the system's keyring, and from nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from pydantic import SecretStr

from tradebot.core.errors import ConfigError
from tradebot.core.redaction import learn

SERVICE: Final = "tradebot"
# Names under which people keep secrets, whatever their spelling: apiKey, API-KEY, api_key.
_SECRET: Final = re.compile(
    r"secret|passw(or)?d|passphrase|pwd$|tokens?$|credential|bearer|(api|private|access|secret|signing)keys?(id)?$"
)
_OF_NOTIFICATIONS: Final = {"telegram": "TELEGRAM_BOT_TOKEN", "email": "SMTP_PASSWORD"}
_OF_VENUES: Final = {
    "binance": "BINANCE_API_KEY, BINANCE_API_SECRET",
    "alpaca": "APCA_API_KEY_ID, APCA_API_SECRET_KEY",
    "polygon": "POLYGON_API_KEY",
}


def is_secret(key: str) -> bool:
    """Whether a key is named as secrets are."""
    return _SECRET.search(re.sub(r"[^a-z0-9]", "", key.lower())) is not None


def place_of(path: str, document: Mapping[str, Any]) -> str:
    """Variables that hold the secret somebody wrote into a document, as far as its place there tells.

    Parameters
    ----------
    path : the key, such as ``broker.apiKey``.
    """
    section, _, rest = path.partition(".")
    if section == "notifications":
        return _OF_NOTIFICATIONS.get(rest.partition(".")[0], ", ".join(_OF_NOTIFICATIONS.values()))
    chosen: Any = document.get("data" if section == "data" else "broker")
    members = cast("dict[str, Any]", chosen) if isinstance(chosen, dict) else {}
    venue = str(members.get("data_source" if section == "data" else "type")).removesuffix("_paper")
    return _OF_VENUES.get(venue, "such as BINANCE_API_KEY")


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
        found = keyring.get_password(SERVICE, name)
    except KeyringError:
        # No key store on this machine: then the environment alone counts.
        return None
    if found:
        learn(found)
    return found


def with_keyring(environment: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """The environment, and what it lacks of ``names`` out of the keyring."""
    found = dict(environment)
    for name in names:
        if not found.get(name) and (kept := _of_keyring(name)):
            found[name] = kept
    return found
