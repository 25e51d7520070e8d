"""What differs between two documents, key by key; of an edit, in a sentence for the audit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple, cast

_MOST: Final = 12


class Difference(NamedTuple):
    """A key that two documents do not have alike.

    Attributes
    ----------
    path : of the key, as ``trading.position_size``; empty where the documents are no objects.
    before, after : its values; ``None`` where there is none.
    """

    path: str
    before: Any
    after: Any


def described(before: bytes, after: bytes) -> str:
    """The keys that two JSON documents differ in, as ``trading.position_size, data.interval``."""
    try:
        was: Any = json.loads(before)
    except ValueError:
        return "replaced what was no JSON"
    found = [each.path or "all of it" for each in differences(was, json.loads(after))]
    more = f" and {len(found) - _MOST} more" if len(found) > _MOST else ""
    return f"changed {', '.join(found[:_MOST])}{more}" if found else "changed nothing"


def differences(before: Any, after: Any, path: str = "") -> Iterator[Difference]:
    """What differs between two plain documents, in their order."""
    if not (isinstance(before, Mapping) and isinstance(after, Mapping)):
        if before != after:
            yield Difference(path, before, after)
        return
    one, other = cast("Mapping[str, Any]", before), cast("Mapping[str, Any]", after)
    for name in {**one, **other}:
        yield from differences(one.get(name), other.get(name), f"{path}.{name}" if path else name)


def spelled_alike(before: Any, after: Any) -> Any:
    """The second document, every number that stays the same spelled as in the first: 10000 as 10000.0, where it is so.

    Who edits a document in JavaScript, which knows one spelling, must not thereby make it another configuration.
    """
    match before, after:
        case Mapping(), Mapping():
            old = cast("Mapping[str, Any]", before)
            items = cast("Mapping[str, Any]", after).items()
            return {name: spelled_alike(old.get(name), value) for name, value in items}
        case list(), list() if len(cast("list[Any]", before)) == len(cast("list[Any]", after)):
            pairs = zip(cast("list[Any]", before), cast("list[Any]", after), strict=True)
            return [spelled_alike(one, other) for one, other in pairs]
        case (bool(), _) | (_, bool()):
            return after
        case ((int() | Decimal()), (int() | float())) if before == Decimal(str(after)):
            return before
        case _:
            return after
