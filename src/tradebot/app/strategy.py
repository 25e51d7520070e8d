"""The strategy a configuration names, with its parameters and timeframes checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from tradebot.config.problems import ConfigurationError, Problem
from tradebot.config.values import shown
from tradebot.core.errors import TradebotError, did_you_mean
from tradebot.core.interval import Interval
from tradebot.strategies.roles import BASE

if TYPE_CHECKING:
    from tradebot.config import Configuration, Loaded
    from tradebot.config.strategy import Logic
    from tradebot.strategies import PortfolioPolicy, Strategy
    from tradebot.strategies.registry import Kind

# Fixes the quantity of every entry, of whatever strategy that has no parameter of this name.
TRADE_QUANTITY: Final = "trade_quantity"


def spelled(configuration: Configuration) -> str:
    """The strategy as the command line names it: a name, or ``Entry+Exit``."""
    chosen = configuration.strategy
    if chosen.entry_logic is not None and chosen.exit_logic is not None:
        return f"{chosen.entry_logic.name}+{chosen.exit_logic.name}"
    return chosen.type


def strategy_of(loaded: Loaded) -> tuple[Kind, dict[str, Any]]:
    """The strategy's class, and its parameters.

    Raises
    ------
    ConfigurationError : every mistake in the names, parameters and timeframes at once.
    """
    chosen = loaded.configuration.strategy
    problems: list[Problem] = []
    parts: dict[str, Logic | None] = {"entry_logic": chosen.entry_logic, "exit_logic": chosen.exit_logic}
    kind = _found(loaded, problems)
    params: dict[str, Any] = {}
    given = {f"strategy.{name}.params": part.params for name, part in parts.items() if part is not None}
    for place, values in (given | {"strategy.params": chosen.params}).items():
        params |= _checked(kind, place, values, problems)
    if kind is not None:
        problems += _sizes_of_policy(kind, configuration=loaded.configuration)
    if kind is not None and not problems:
        try:
            strategy = kind(**params)
        except TradebotError as error:
            problems.append(Problem("strategy", str(error), ""))
        else:
            problems += _timeframe_problems(loaded.configuration, strategy)
    if problems or kind is None:
        raise ConfigurationError(loaded.source, problems)
    return kind, params


def higher_roles(configuration: Configuration) -> dict[str, str]:
    """Role by interval, without LTF: that is the interval of the data, which an option may replace."""
    given = configuration.data.tf_roles or {}
    return {interval: role for interval, role in given.items() if role != BASE}


def _timeframe_problems(configuration: Configuration, idea: Strategy | PortfolioPolicy) -> Iterator[Problem]:
    """What the timeframes of the document and those the strategy reads have against each other."""
    from tradebot.engine.context import with_roles
    from tradebot.strategies import Strategy

    data, base = configuration.data, Interval.parse(configuration.data.interval)
    roles: dict[str, str] = {}
    try:
        idea = with_roles(idea, data.tf_roles or {})
        if isinstance(idea, Strategy):
            idea.check_timeframes(base)
            roles = {role: interval for role, interval in idea.role_intervals.items() if role != BASE}
    except TradebotError as error:
        yield Problem("data.tf_roles", f"{error.place}: {error.fact}", error.mend)
        return
    read = {str(Interval.parse(text)) for text in (*idea.timeframes, *roles.values())}
    given = {str(Interval.parse(text)) for text in data.timeframes or []}
    if not given or not read:
        return
    for text in sorted(read - given - {str(base)}):
        mend = "Add it, or give its role another interval by data.tf_roles." if roles else "Add it."
        yield Problem("data.timeframes", f"the strategy {idea.name} reads {text} bars, which are not there", mend)
    for text in sorted(given - read - {str(base)}):
        yield Problem("data.timeframes", f"the strategy {idea.name} reads no {text} bars", "Leave it out.")


def _found(loaded: Loaded, problems: list[Problem]) -> Kind | None:
    from tradebot.strategies import mixins, registry

    chosen = loaded.configuration.strategy
    missing = False
    halves: tuple[tuple[mixins.Half, Logic | None], ...] = (("entry", chosen.entry_logic), ("exit", chosen.exit_logic))
    for name, part in halves:
        if part is None:
            continue
        try:
            mixins.find(part.name, name)
        except TradebotError as error:
            problems.append(Problem(f"strategy.{name}_logic.name", error.fact, error.mend))
            missing = True
    if missing:
        return None
    try:
        return registry.find(spelled(loaded.configuration))
    except TradebotError as error:
        problems.append(Problem("strategy.type", error.fact, error.mend))
        return None


def _checked(kind: Kind | None, place: str, values: Mapping[str, Any], problems: list[Problem]) -> dict[str, Any]:
    checked: dict[str, Any] = {}
    for name, value in values.items():
        if kind is None or (name == TRADE_QUANTITY and name not in kind.parameters):
            problems += _quantity(place, name, value)
            continue
        if name not in kind.parameters:
            mend = did_you_mean(name, kind.parameters) or f"There are {', '.join(kind.parameters)}."
            problems.append(Problem(f"{place}.{name}", "there is no such parameter", mend))
            continue
        if isinstance(value, list | dict):
            problems.append(Problem(f"{place}.{name}", f"{shown(value)} is not a single value", "Write one."))
            continue
        try:
            plain = float(value) if isinstance(value, Decimal) else value
            checked[name] = kind.parameters[name].check(plain)
        except TradebotError as error:
            problems.append(Problem(f"{place}.{name}", error.fact, error.mend))
    return checked


def _sizes_of_policy(kind: Kind, configuration: Configuration) -> list[Problem]:
    """Sizes given for a policy, which takes none."""
    if "policy" not in kind.forms():
        return []
    sizes: dict[str, Any] = {
        "trading.position_size": configuration.trading.position_size,
        "strategy.position_size": configuration.strategy.position_size,
        f"strategy.params.{TRADE_QUANTITY}": configuration.strategy.params.get(TRADE_QUANTITY),
    }
    fact, mend = f"the policy {kind.name} sizes its own orders", "Leave it out; its parameters say how much it trades."
    return [Problem(place, fact, mend) for place, value in sizes.items() if value is not None]


def _quantity(place: str, name: str, value: Any) -> list[Problem]:
    good = isinstance(value, int | float | Decimal) and not isinstance(value, bool) and value > 0
    if name != TRADE_QUANTITY or good:
        return []
    return [Problem(f"{place}.{name}", f"{shown(value)} is not a positive number", "Write the units of an entry.")]
