"""Which formulas there are, and the feature a name stands for."""

from __future__ import annotations

from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any

from tradebot.core.errors import IndicatorError, did_you_mean
from tradebot.features import calendar, liquidity, relative, returns, volatility
from tradebot.features.feature import Feature, Formula

if TYPE_CHECKING:
    from collections.abc import Mapping

_MODULES: tuple[ModuleType, ...] = (returns, volatility, liquidity, relative, calendar)


def formulas() -> Mapping[str, Formula[Any]]:
    """Every formula by its name, in the order of the reference."""
    found = (member for module in _MODULES for member in vars(module).values() if isinstance(member, Formula))
    return MappingProxyType({each.name: each for each in found})


def parse(name: str) -> Feature:
    """The feature that a name such as ``parkinson:20`` or ``zscore:50:volume`` stands for.

    Raises
    ------
    IndicatorError : there is no such formula, or its parameters are not what it takes.
    """
    word, *texts = name.split(":")
    known = formulas()
    if word not in known:
        mend = did_you_mean(word, known) or f"There are {', '.join(known)}."
        raise IndicatorError(f'no feature is called "{word}"', place="features", mend=mend)
    return known[word].read(texts)
