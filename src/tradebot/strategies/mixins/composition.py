"""Mixins by name, and strategies made of two of them."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType, ModuleType
from typing import Any, Literal

from tradebot.core.errors import StrategyError, did_you_mean
from tradebot.strategies.bars import Bars
from tradebot.strategies.files import load_module, user_files
from tradebot.strategies.mixins import entries, exits
from tradebot.strategies.mixins.halves import EntryMixin, ExitMixin
from tradebot.strategies.rules import Rules
from tradebot.strategies.strategy import Strategy

Half = Literal["entry", "exit"]
_KINDS: dict[str, type[Strategy]] = {"entry": EntryMixin, "exit": ExitMixin}


def names(half: Half) -> list[str]:
    """Names of the entries or of the exits, ours and those of the user folder."""
    return sorted(_all(half))


def find(name: str, half: Half) -> type[Strategy]:
    """The entry or exit mixin of a name.

    Raises
    ------
    StrategyError : there is none; the nearest names are offered.
    """
    known = _all(half)
    if name in known:
        return known[name]
    other = _all("exit" if half == "entry" else "entry")
    if name in other:
        word = "an exit" if half == "entry" else "an entry"
        raise StrategyError(f'"{name}" is {word}', place="mixin", mend=f"Choose one of {', '.join(known)}.")
    mend = did_you_mean(name, known) or f"There are {', '.join(known)}."
    raise StrategyError(f'no {half} mixin is called "{name}"', place="mixin", mend=mend)


def compose(entry: str, exit: str, entry_params: Mapping[str, Any], exit_params: Mapping[str, Any]) -> Strategy:
    """A strategy of an entry and an exit, with their parameters.

    Raises
    ------
    StrategyError : a mixin is unknown.
    ParameterError : a parameter is unknown or out of its bounds.
    """
    return composed(entry, exit)(**{**entry_params, **exit_params})


def composed(entry: str, exit: str) -> type[Strategy]:
    """The strategy class of an entry and an exit; its parameters are those of both.

    Raises
    ------
    StrategyError : a mixin is unknown.
    """
    return _joined(find(entry, "entry"), find(exit, "exit"))


def is_composed(kind: type) -> bool:
    """Whether a strategy class is one that :func:`composed` gives; no class that is written down has such a name."""
    return "+" in kind.__name__


@cache
def _joined(entry: type[Strategy], leave: type[Strategy]) -> type[Strategy]:
    def rules(self: Any, bars: Bars) -> Rules:
        return Rules(**self.entry_rules(bars), **self.exit_rules(bars))

    members: dict[str, Any] = {
        "__module__": entry.__module__,
        "__doc__": f"{inspect.cleandoc(entry.__doc__ or '')}\n\nOut: {inspect.cleandoc(leave.__doc__ or '')}",
        "name": f"{entry.__name__}+{leave.__name__}",
        "version": f"{entry.version}+{leave.version}",
        "parameters": MappingProxyType({**entry.parameters, **leave.parameters}),
    }
    if not leave.implements("on_bar"):
        members["rules"] = rules
    # The exit goes first, for it may bring the hook that asks the entry.
    return type(members["name"], (leave, entry), members)


def _all(half: Half) -> dict[str, type[Strategy]]:
    found = dict(_mixins(entries if half == "entry" else exits, _KINDS[half]))
    for file in user_files():
        try:
            module = load_module(file)
        except StrategyError:
            # The registry tells of broken files; the others are not to suffer.
            continue
        found |= dict(_mixins(module, _KINDS[half]))
    return found


def _mixins(module: ModuleType, kind: type[Strategy]) -> Iterator[tuple[str, type[Strategy]]]:
    for name, member in inspect.getmembers(module, inspect.isclass):
        if issubclass(member, kind) and member is not kind and member.__module__ == module.__name__:
            yield name, member
