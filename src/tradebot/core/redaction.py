"""Secrets taken out of text before it is written anywhere: one redactor for logs, errors and what venues answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final, Self, cast
from urllib.parse import quote

HIDDEN: Final = "***"
_SHORTEST: Final = 6
_NAMED: Final = re.compile(r"KEY|SECRET|TOKEN|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL", re.IGNORECASE)

# Each is read in time that grows as its text does: a word is tried at its beginning alone, and what was read of it is
# not given back (`(?>...)`, `*+`).

# A name that tells of a secret, then what stands between a name and its value in URLs, headers, JSON and Python.
# A short word between spaces belongs to a sentence about the name.
_WORD: Final = re.compile(
    r"""(?ix)
    (?<![\w-])
    (?P<name> (?>
        [\w-]* (?: api[-_]?key | api[-_]?secret | secret[-_]?key | private[-_]?key | passw(?:or)?d | passphrase
        | access[-_]?token | auth[-_]?token | bot[-_]?token | listen[-_]?key | signature | mbx-apikey ) [\w-]*+
        | [\w-]* (?: apca-api-[\w-]++ | (?: token | secret ) (?![\w-]) )
    ) )
    (?P<between> ["']? \s*+ [=:] \s* (?: b(?=["']) )? ["']? )
    (?P<value> (?<!\s) [^\s"'&,;<>()\[\]{}]+ | [^\s"'&,;<>()\[\]{}]{6,} | [^\s"'&,;<>()\[\]{}]++ (?!\s\w) )
    """
)
_AUTHORIZATION: Final = re.compile(
    r"""(?i)(authorization["']?\s*+[=:]\s*+(?:b(?=["']))?["']?\s*+(?:(?:bearer|basic|token)\s+)?)[^\s"',;]+"""
)
# Telegram's bot tokens, as its API puts them into every address.
_BOT_TOKEN: Final = re.compile(r"(?<!\d)(\d{6,}):[A-Za-z0-9_-]{30,}")
# A name and a password before the host of an address.
_USER: Final = re.compile(r"(?<!\w)(?P<scheme>\w++://)[^\s/@:]+:[^\s/@]+@")
# Binance's keys and listen keys are 64 letters and digits; hashes in hex have no capitals and stay.
_BINANCE_KEY: Final = re.compile(r"\b(?=[0-9a-z]*[A-Z])[0-9A-Za-z]{64}\b")
_ALPACA_KEY: Final = re.compile(r"\b[PAC]K[A-Z0-9]{18,24}\b")
# A text without any of these has none of the names, which most texts have not: they are then not looked for.
_HINTS: Final = ("key", "secret", "passw", "passphrase", "token", "signature", "apca-api")
_SHORTEST_KEY: Final = 20


# What was read from a keyring: no variable holds it, and whoever writes a text need not know that it was read.
_learned: Final[set[str]] = set()


def learn(secret: str) -> None:
    """Have every redactor of this process replace a value from here on."""
    _learned.add(secret)


class Redactor:
    """Replaces secrets by asterisks.

    What looks like one (keys, signatures, listen keys, tokens in addresses) is always replaced; so is every value given
    here or learned since, wherever it stands and as an address would spell it.

    Parameters
    ----------
    secrets : values that must never be seen; those of fewer than six characters are too short to be told from words.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = frozenset(secrets)
        self._compile()

    def _compile(self) -> None:
        learned = _learned.copy()
        known = self._secrets | learned
        spelled = {spelling for secret in known if len(secret) >= _SHORTEST for spelling in _spellings(secret)}
        # The longest first, so that one secret that begins like another is replaced whole.
        escaped = [re.escape(text) for text in sorted(spelled, key=len, reverse=True)]
        self._values = re.compile("|".join(escaped)) if escaped else None
        # Last: another thread that finds it may go by the values at once.
        self._learned = len(learned)

    @classmethod
    def of_environment(cls, environment: Mapping[str, str], also: Iterable[str] = ()) -> Self:
        """A redactor of every variable whose name tells of a secret, and of more values, such as a keyring's."""
        return cls([*(value for name, value in environment.items() if _NAMED.search(name)), *also])

    @property
    def secrets(self) -> frozenset[str]:
        """The values it knows, for a redactor in another process."""
        return self._secrets | _learned

    def text(self, text: str) -> str:
        """The text without secrets."""
        if self._learned != len(_learned):
            self._compile()
        if self._values is not None:
            text = self._values.sub(HIDDEN, text)
        folded = text.casefold()
        if "authorization" in folded:
            text = _AUTHORIZATION.sub(rf"\g<1>{HIDDEN}", text)
        if any(hint in folded for hint in _HINTS):
            text = _WORD.sub(rf"\g<name>\g<between>{HIDDEN}", text)
        if ":" in text:
            text = _BOT_TOKEN.sub(rf"\g<1>:{HIDDEN}", text)
            text = _USER.sub(rf"\g<scheme>{HIDDEN}@", text)
        return text if len(text) < _SHORTEST_KEY else _ALPACA_KEY.sub(HIDDEN, _BINANCE_KEY.sub(HIDDEN, text))

    def value(self, value: Any) -> Any:
        """Plain data without secrets: texts inside lists and mappings, and whole values under a secret's name."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            pairs = cast("Mapping[Any, Any]", value).items()
            return {name: HIDDEN if _is_secret(name, inner) else self.value(inner) for name, inner in pairs}
        if isinstance(value, list | tuple):
            return [self.value(inner) for inner in cast("Iterable[Any]", value)]
        return value


def _is_secret(name: Any, value: Any) -> bool:
    return isinstance(name, str) and isinstance(value, str) and _names_secret(name)


@lru_cache(1024)
def _names_secret(name: str) -> bool:
    return _WORD.fullmatch(f"{name}=x") is not None


def _spellings(secret: str) -> set[str]:
    escaped = secret.encode("unicode_escape").decode("ascii")
    return {secret, quote(secret, safe=""), escaped, escaped.replace('"', '\\"')}
