"""Environment variables that override keys of the document."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final, NamedTuple, cast, get_args, get_origin

from pydantic.fields import FieldInfo

from tradebot.config.document import Configuration
from tradebot.config.json_text import DeepError, flaws, parse
from tradebot.config.problems import Problem, section_of
from tradebot.config.secrets import is_secret, place_of

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
# What somebody writes who means one of ours: one underscore, none, small letters, the program's own name.
_MEANT: Final = re.compile(r"TRADING_?BOT_|TRADEBOT__", re.IGNORECASE)


class Override(NamedTuple):
    """A key the environment sets."""

    variable: str
    value: Any


def overrides(environment: Mapping[str, str]) -> tuple[dict[str, Override], list[Problem]]:
    """What the environment sets by the path of the key, and every variable that means a key and sets none.

    ``TRADING_BOT__ENGINE__MODE=paper`` sets ``engine.mode``. ``engine.strategy`` is another spelling of ``strategy``.
    A value is read as JSON where it is JSON, else as text.
    """
    found: dict[str, Override] = {}
    problems: list[Problem] = []
    for variable, text in sorted(environment.items()):
        path = _path_of(variable)
        if path is None:
            if _MEANT.match(variable):
                problems.append(Problem(variable, "there is no such variable", _nearest(variable)))
            continue
        place = f"{variable} ({path})"
        field, is_known = _field_at(path)
        if is_secret(path.rpartition(".")[2]):
            mend = f"Set that, or an entry of the keyring ({place_of(path, {})})."
            problems.append(Problem(place, "a secret has a variable of its own", mend))
        elif not is_known:
            problems.append(Problem(place, "there is no such key", _nearest(variable)))
        elif path in found:
            fact = f"{found[path].variable} is given as well, which means the same"
            problems.append(Problem(place, fact, "Give one of them."))
        else:
            value = [part.strip() for part in text.split(",")] if path in _LISTS else _value(text, field)
            wrong = list(flaws({"value": value}))
            problems += [problem._replace(path=place) for problem in wrong]
            if not wrong:
                found[path] = Override(variable, value)
    return found, problems


def with_overrides(document: Mapping[str, Any], found: Mapping[str, Override]) -> dict[str, Any]:
    """The document with the overrides in it; sections that are not there yet are made."""
    merged = cast("dict[str, Any]", _copy(document))
    for path, (_, value) in found.items():
        *sections, key = path.split(".")
        here = merged
        for name in sections:
            below = here.setdefault(name, {})
            # What stands there and is no section is told of by the check of the document.
            here = cast("dict[str, Any]", below) if isinstance(below, dict) else {}
        here[key] = value
    return merged


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copy(member) for key, member in cast("Mapping[str, Any]", value).items()}
    return value


def _path_of(variable: str) -> str | None:
    if not variable.startswith(PREFIX):
        return _PLAIN.get(variable)
    path = ".".join(part.lower() for part in variable.removeprefix(PREFIX).split("__"))
    return path.removeprefix("engine.") if f"{path}.".startswith("engine.strategy.") else path


def _field_at(path: str) -> tuple[FieldInfo | None, bool]:
    """The field a path leads to, and whether there is one; members of a free object have none and are known."""
    section: Any = Configuration
    field: FieldInfo | None = None
    for step in path.split("."):
        if section is None:
            return None, field is not None and dict in _kinds(field)
        field = section.model_fields.get(step)
        if field is None:
            return None, False
        section = section_of(field)
    return field, True


def _kinds(field: FieldInfo) -> set[Any]:
    """What a field may hold; of lists and objects that it is one."""
    pending, found = [field.annotation], set[Any]()
    while pending:
        kind = pending.pop()
        container = get_origin(kind)
        if container in (list, dict) or not get_args(kind):
            found.add(container or kind)
        else:
            pending += get_args(kind)
    return found


def _value(text: str, field: FieldInfo | None) -> Any:
    """The text as JSON, where it is JSON and the key is not itself of text: a chat's number is its name."""
    if field is not None and str in _kinds(field) and text != "null":
        return text
    try:
        return parse(text)
    except (json.JSONDecodeError, DeepError):
        return text


def _nearest(variable: str) -> str:
    """Sentence that offers the variable nearest to one that sets nothing."""
    known = {name.removeprefix(PREFIX).replace("_", ""): name for name in _variables(Configuration, PREFIX)}
    bare = re.sub(r"^TRAD(ING|E)BOT", "", variable.upper().replace("_", ""))
    if near := get_close_matches(bare, known, n=1):
        return f"Did you mean {known[near[0]]}?"
    return f"Variables are spelled {PREFIX}SECTION__KEY, such as {PREFIX}ENGINE__MODE."


def _variables(section: Any, above: str) -> Iterator[str]:
    for name, field in section.model_fields.items():
        below = section_of(field)
        if below is None:
            yield f"{above}{name.upper()}"
        else:
            yield from _variables(below, f"{above}{name.upper()}__")
