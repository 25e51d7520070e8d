"""What is not the same in two documents, key by key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import msgspec


class Difference(msgspec.Struct, frozen=True):
    """One thing that was so then and is so now, in words."""

    what: str
    was: str
    now: str


def flat(document: Mapping[str, Any]) -> dict[str, Any]:
    """Nested documents as one, keys joined by dots; lists are values."""
    found: dict[str, Any] = {}
    for key, value in document.items():
        if isinstance(value, Mapping):
            inner = flat(cast("Mapping[str, Any]", value))
            found |= {f"{key}.{name}": each for name, each in inner.items()}
        else:
            found[str(key)] = value
    return found


def differences(was: Mapping[str, Any], now: Mapping[str, Any]) -> list[Difference]:
    """Keys that both documents have with different values; floats differ when one bit does."""
    before, after = flat(was), flat(now)
    return [
        Difference(key, in_words(before[key]), in_words(after[key]))
        for key in before
        if key in after and in_words(before[key]) != in_words(after[key])
    ]


def in_words(value: object) -> str:
    """A value as people write it; every bit of a number shows."""
    if value is None:
        return "none"
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        return ", ".join(map(in_words, cast("list[object]", value))) or "none"
    return msgspec.json.encode(value).decode()
