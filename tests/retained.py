"""How much hangs on an object: what runs for months must not remember all that passes through it."""

from __future__ import annotations

import gc
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType

_PROGRAM = (type, ModuleType, FunctionType, BuiltinFunctionType, CodeType)


def retained(*roots: object) -> int:
    """Objects that can be reached from some, each counted once; those of the program itself are not."""
    seen: set[int] = set()
    waiting: list[object] = [*roots]
    while waiting:
        each = waiting.pop()
        if id(each) not in seen and not isinstance(each, _PROGRAM):
            seen.add(id(each))
            waiting += gc.get_referents(each)
    return len(seen)
