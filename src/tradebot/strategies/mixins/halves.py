"""The two halves of a strategy that is put together by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tradebot.strategies.bars import Bars
from tradebot.strategies.strategy import Strategy


class EntryMixin(Strategy):
    """When to enter. Parameters begin with ``e_``."""

    def entry_rules(self, bars: Bars) -> Mapping[str, Any]:
        """Members of :class:`~tradebot.strategies.rules.Rules` that say when to enter."""
        raise NotImplementedError


class ExitMixin(Strategy):
    """When to leave. Parameters begin with ``x_``.

    One that looks at more than the bars, such as how long a position is held, gives ``on_bar`` in place of rules; it
    finds the entry in :meth:`~EntryMixin.entry_rules` of the same object.
    """

    def exit_rules(self, bars: Bars) -> Mapping[str, Any]:
        """Members of :class:`~tradebot.strategies.rules.Rules` that say when to leave, and the exits of an entry."""
        raise NotImplementedError
