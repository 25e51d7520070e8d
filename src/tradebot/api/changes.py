"""What an edit changed in a document, in a sentence for the audit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

_MOST: Final = 12


def described(before: bytes, after: bytes) -> str:
    """The keys that two JSON documents differ in, as ``trading.position_size, data.interval``."""
    try:
        was: Any = json.loads(before)
    except ValueError:
        return "replaced what was no JSON"
    found = list(_changed(was, json.loads(after), ""))
    more = f" and {len(found) - _MOST} more" if len(found) > _MOST else ""
    return f"changed {', '.join(found[:_MOST])}{more}" if found else "changed nothing"


def _changed(before: Any, after: Any, path: str) -> Iterator[str]:
    if not (isinstance(before, Mapping) and isinstance(after, Mapping)):
        if before != after:
            yield path or "all of it"
        return
    one, other = cast("Mapping[str, Any]", before), cast("Mapping[str, Any]", after)
    for name in {**one, **other}:
        yield from _changed(one.get(name), other.get(name), f"{path}.{name}" if path else name)
