"""The registry: which strategies exist, where they come from, and one of them by name."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Final, Literal

from tradebot.core.errors import StrategyError, did_you_mean
from tradebot.strategies import library
from tradebot.strategies.failure import import_failure
from tradebot.strategies.files import Kind, file_of, load_file, strategies_in, user_files, user_folder
from tradebot.strategies.param import Param
from tradebot.strategies.portfolio_policy import PortfolioPolicy
from tradebot.strategies.strategy import Strategy

ENTRY_POINT_GROUP: Final = "tradebot.strategies"
# Known here too, so that other names are found without loading what models need.
_MODEL: Final = ".model"

Origin = Literal["library", "package", "folder", "file"]


@dataclass(frozen=True, slots=True)
class Listing:
    """What the registry tells of a strategy.

    Attributes
    ----------
    docs : what it does; ``summary`` is the first line.
    timeframes : intervals it reads; empty where it does not say.
    roles : interval by role, where it reads by role.
    origin : ``library`` (ours), ``package`` (an installed one's entry point), ``folder`` (the user's) or ``file``.
    location : module or file that defines it.
    forms : ``python``, ``rules`` or both; ``policy`` for one that decides for the whole account.
    params : its parameters with bounds, step and docs.
    """

    name: str
    version: str
    docs: str
    forms: tuple[str, ...]
    timeframes: tuple[str, ...]
    roles: dict[str, str]
    params: tuple[Param, ...]
    origin: Origin
    location: str

    @property
    def summary(self) -> str:
        """First line of the docs."""
        return self.docs.partition("\n")[0]


@dataclass(frozen=True, slots=True)
class Catalog:
    """Every strategy that loads, in order of name, and what kept the others from it, by location."""

    strategies: tuple[Listing, ...]
    broken: dict[str, StrategyError]


@dataclass(frozen=True, slots=True)
class _Source:
    """A place strategies come from; loading it may fail without harm to the others.

    Attributes
    ----------
    hint : the name it promises; that of its file or entry point.
    location : module or file, for people.
    load : gives its strategies by name.
    """

    hint: str
    location: str
    load: Callable[[], dict[str, Kind]]


def catalog() -> Catalog:
    """Load every source and list what is there; a broken one is named and skipped."""
    found: dict[str, Listing] = {}
    broken: dict[str, StrategyError] = {}
    for source in _sources():
        try:
            strategies = source.load()
        except StrategyError as error:
            broken[source.location] = error
            continue
        for name, strategy in strategies.items():
            if name in found:
                taken = f'the name "{name}" is taken by {found[name].location}'
                broken[source.location] = StrategyError(taken, place=source.location, mend="Give it a name of its own.")
            else:
                found[name] = describe(strategy)
    return Catalog(tuple(found[name] for name in sorted(found)), broken)


def names() -> list[str]:
    """What the sources promise by their own names, without loading any: for a shell to complete."""
    return sorted({source.hint for source in _sources()})


def find(wanted: str) -> Kind:
    """The strategy a person asked for.

    Parameters
    ----------
    wanted : a registry name (``sma_cross``, in large or small letters), a file (``my.py``), one of several strategies
        in a file (``my.py:breakout``), a trained model (``btc.model``), or two mixins
        (``RSIBBEntryMixin+ATRExitMixin``).

    Raises
    ------
    StrategyError : nothing has the name, the file does not import or cannot be read, or it holds several and none was
        named.
    """
    if wanted.endswith(_MODEL):
        from tradebot.strategies.model import model_strategy

        return model_strategy(Path(wanted))
    entry, plus, leave = wanted.partition("+")
    if plus and "/" not in wanted:
        from tradebot.strategies.mixins import composed

        return composed(entry, leave)
    file, colon, member = wanted.rpartition(":")
    if wanted.endswith(".py"):
        return _from_file(Path(wanted), "")
    if colon and file.endswith(".py"):
        return _from_file(Path(file), member)
    return _by_name(wanted)


def describe(strategy: Kind) -> Listing:
    """Listing of a strategy class."""
    origin, location = _home(strategy)
    return Listing(
        name=strategy.name,
        version=strategy.version,
        docs=inspect.cleandoc(strategy.__doc__ or ""),
        forms=strategy.forms(),
        timeframes=strategy.timeframes or tuple(strategy.roles.values()),
        roles=dict(strategy.roles),
        params=tuple(strategy.parameters.values()),
        origin=origin,
        location=location,
    )


def _home(strategy: Kind) -> tuple[Origin, str]:
    if file := file_of(strategy):
        return ("folder" if file.parent == user_folder().resolve() else "file"), str(file)
    ours = strategy.__module__.partition(".")[0] == "tradebot"
    return ("library" if ours else "package"), strategy.__module__


def _by_name(name: str) -> Kind:
    wanted = name.casefold()
    # First the source whose own name promises the strategy: one name loads one file, and a broken one is told of.
    for source in _sources():
        if source.hint.casefold() == wanted and (strategy := _named(wanted, source.load())):
            return strategy
    names: list[str] = []
    for source in _sources():
        with suppress(StrategyError):
            strategies = source.load()
            if strategy := _named(wanted, strategies):
                return strategy
            names += strategies
    _refuse_half(name)
    mend = did_you_mean(wanted, names) or "`tradebot strategies` lists them; a file of your own is given by its path."
    raise StrategyError(f'no strategy is called "{name}"', place="strategy", mend=mend)


def _refuse_half(name: str) -> None:
    """Say of a mixin that it is one half of a strategy."""
    from tradebot.strategies import mixins

    entries, exits = mixins.names("entry"), mixins.names("exit")
    if name in entries:
        mend = f"Add an exit, such as {name}+{exits[0]}."
        raise StrategyError(f"{name} is an entry alone", place="strategy", mend=mend)
    if name in exits:
        mend = f"Put an entry before it, such as {entries[0]}+{name}."
        raise StrategyError(f"{name} is an exit alone", place="strategy", mend=mend)


def _named(wanted: str, strategies: dict[str, Kind]) -> Kind | None:
    """The strategy of that name, large and small letters alike."""
    return next((strategy for name, strategy in strategies.items() if name.casefold() == wanted), None)


def _from_file(file: Path, member: str) -> Kind:
    strategies = load_file(file)
    if not strategies:
        mend = "Derive a class from tradebot.Strategy and give it on_bar or rules, or from tradebot.PortfolioPolicy."
        raise StrategyError("the file defines no strategy", place=str(file), mend=mend)
    if member:
        by_class = {strategy.__name__: strategy for strategy in strategies.values()}
        if strategy := strategies.get(member) or by_class.get(member):
            return strategy
        mend = did_you_mean(member, strategies) or f"It defines {', '.join(strategies)}."
        raise StrategyError(f'the file defines no strategy called "{member}"', place=str(file), mend=mend)
    if len(strategies) > 1:
        mend = f"Name one of them: {' or '.join(f'{file}:{name}' for name in strategies)}."
        raise StrategyError(f"the file defines {len(strategies)} strategies", place=str(file), mend=mend)
    return next(iter(strategies.values()))


def _sources() -> Iterator[_Source]:
    """Every source in order of precedence: our library, installed packages, the user folder."""
    for module in pkgutil.iter_modules(library.__path__):
        dotted = f"{library.__name__}.{module.name}"
        yield _Source(module.name, dotted, lambda dotted=dotted: strategies_in(importlib.import_module(dotted)))
    for point in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda point: point.name):
        yield _Source(point.name, point.value, lambda point=point: _from_entry_point(point))
    for file in user_files():
        yield _Source(file.stem, str(file), lambda file=file: load_file(file))


def _from_entry_point(point: EntryPoint) -> dict[str, Kind]:
    try:
        strategy = point.load()
    except (Exception, SystemExit) as error:
        raise import_failure(Path(point.value), error) from error
    if not (inspect.isclass(strategy) and issubclass(strategy, (Strategy, PortfolioPolicy))):
        mend = (
            f"An entry point of {ENTRY_POINT_GROUP} names a subclass of tradebot.Strategy or tradebot.PortfolioPolicy."
        )
        raise StrategyError("this is not a strategy", place=point.value, mend=mend)
    return {strategy.name: strategy}
