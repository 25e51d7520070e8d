"""A configuration file as plain values; whatever cannot be taken is told with its place."""

from __future__ import annotations

import codecs
import json
from pathlib import Path
from typing import Any, cast

from tradebot.config.json_text import DeepError, flaws, parse
from tradebot.config.problems import ConfigurationError, Problem


def read_document(file: Path) -> dict[str, Any]:
    """The document of a file; numbers with a point are decimals.

    Raises
    ------
    ConfigurationError : the file cannot be read, is no JSON, or holds a key twice, a number out of range, broken
        text, or a secret, whose value is not told.
    """
    place = str(file)
    text = _text(file)
    try:
        document = parse(text)
    except json.JSONDecodeError as error:
        fact = f"line {error.lineno}, column {error.colno}: {error.msg[0].lower()}{error.msg[1:]}"
        raise _refusal(place, f"is no JSON: {fact}", "Correct it there.") from None
    except DeepError as error:
        raise _refusal(place, str(error), "Write it flatter.") from None
    if not isinstance(document, dict):
        raise _refusal(place, "is no JSON object", 'Begin with {"broker": …}.')
    known = cast("dict[str, Any]", document)
    if found := list(flaws(known)):
        raise ConfigurationError(place, found)
    return known


def read_bytes(file: Path) -> bytes:
    """What a configuration's file holds.

    Raises
    ------
    ConfigurationError : it cannot be read.
    """
    place = str(file)
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise _refusal(place, "the file does not exist", "`tradebot config init` writes one.") from None
    except IsADirectoryError:
        raise _refusal(place, "is a folder, not a file", "Give the file.") from None
    except OSError as error:
        raise _refusal(place, f"it cannot be read ({error.strerror})", "Check its path and permissions.") from None


def _text(file: Path) -> str:
    place, data = str(file), read_bytes(file)
    if data.startswith(codecs.BOM_UTF8):
        raise _refusal(place, "begins with a byte-order mark", "Save it as UTF-8 without one.")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _refusal(place, f"is no text in UTF-8: line {line}", "Save it as UTF-8.") from None


def _refusal(place: str, fact: str, mend: str) -> ConfigurationError:
    return ConfigurationError(place, [Problem("", fact, mend)])
