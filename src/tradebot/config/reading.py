"""A JSON document as plain values, with what JSON readers usually let pass refused."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NoReturn, cast

from tradebot.config.problems import ConfigurationError, Problem

# Names under which people keep secrets; none of them belongs into a file.
_SECRET: Final = re.compile(
    r"(?i)(^|_)(api_?key|api_?secret|secret(_?key)?|token|bot_token|password|passphrase|private_key)$"
)


def read_document(file: Path) -> dict[str, Any]:
    """The document of a file; numbers with a point are decimals.

    Raises
    ------
    ConfigurationError : the file is absent, no JSON, or holds a key twice or a secret, whose value is not told.
    """
    place = str(file)
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise _refusal(place, "the file does not exist", "`tradebot config init` writes one.") from None
    except IsADirectoryError:
        raise _refusal(place, "is a folder, not a file", "Give the file.") from None
    except UnicodeDecodeError:
        raise _refusal(place, "is no text in UTF-8", "Save it as UTF-8.") from None
    try:
        document = json.loads(text, object_pairs_hook=_unique, parse_float=Decimal, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        fact = f"line {error.lineno}, column {error.colno}: {error.msg[0].lower()}{error.msg[1:]}"
        raise _refusal(place, f"is no JSON: {fact}", "Correct it there.") from None
    except ValueError as error:
        raise _refusal(place, str(error), "Correct it.") from None
    except RecursionError:
        raise _refusal(place, "is nested too deeply", "Correct it.") from None
    if not isinstance(document, dict):
        raise _refusal(place, "is no JSON object", 'Begin with {"broker": …}.')
    known = cast("dict[str, Any]", document)
    secrets = list(secrets_in(known))
    if secrets:
        raise ConfigurationError(place, secrets)
    return known


def secrets_in(document: dict[str, Any], above: str = "") -> Iterator[Problem]:
    """A problem for every key that looks like a secret's."""
    for key, value in document.items():
        path = f"{above}{key}"
        if _SECRET.search(key):
            variable = re.sub(r"\W", "_", path).upper()
            yield Problem(
                path, "a secret does not belong into a file", f"Set it in the environment or the keyring ({variable})."
            )
        elif isinstance(value, dict):
            yield from secrets_in(cast("dict[str, Any]", value), f"{path}.")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f'the key "{key}" comes twice in one object')
        found[key] = value
    return found


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a number")


def _refusal(place: str, fact: str, mend: str) -> ConfigurationError:
    return ConfigurationError(place, [Problem("", fact, mend)])
