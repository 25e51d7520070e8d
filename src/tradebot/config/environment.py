"""Environment variables that override keys of the document."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, cast

PREFIX: Final = "TRADING_BOT__"
# Variables with names of their own.
_PLAIN: Final = {
    "SYMBOL_MODE": "symbols.mode",
    "SYMBOLS": "symbols.symbols",
    "MAX_SYMBOLS": "symbols.max_symbols",
    "MAX_WEBSOCKET_SYMBOLS": "symbols.max_websocket_symbols",
    "BACKFILL_BATCH_SIZE": "backfill.batch_size",
    "BACKFILL_CONCURRENT_REQUESTS": "backfill.concurrent_requests",
    "RATE_LIMIT_DELAY": "backfill.rate_limit_delay",
}
_LISTS: Final = frozenset({"symbols.symbols"})


def overrides(environment: Mapping[str, str]) -> dict[str, tuple[str, Any]]:
    """Value and variable of every key the environment sets, by the key's path.

    ``TRADING_BOT__ENGINE__MODE=paper`` sets ``engine.mode``. ``engine.strategy`` is another spelling of ``strategy``.
    A value is read as JSON where it is JSON, else as text.
    """
    found: dict[str, tuple[str, Any]] = {}
    for variable, text in sorted(environment.items()):
        if variable in _PLAIN:
            path = _PLAIN[variable]
            value: Any = [part.strip() for part in text.split(",")] if path in _LISTS else _value(text)
            found[path] = (variable, value)
        elif variable.startswith(PREFIX):
            path = ".".join(part.lower() for part in variable.removeprefix(PREFIX).split("__"))
            found[path.removeprefix("engine.") if path.startswith("engine.strategy") else path] = (
                variable,
                _value(text),
            )
    return found


def with_overrides(document: Mapping[str, Any], found: Mapping[str, tuple[str, Any]]) -> dict[str, Any]:
    """The document with the overrides in it; sections that are not there yet are made."""
    merged = cast("dict[str, Any]", _copy(document))
    for path, (_, value) in found.items():
        *sections, key = path.split(".")
        here = merged
        for name in sections:
            below = here.get(name)
            if not isinstance(below, dict):
                below = dict[str, Any]()
                here[name] = below
            here = cast("dict[str, Any]", below)
        here[key] = value
    return merged


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copy(member) for key, member in cast("Mapping[str, Any]", value).items()}
    return value


def _value(text: str) -> Any:
    try:
        return json.loads(text, parse_float=Decimal)
    except ValueError:
        return text
