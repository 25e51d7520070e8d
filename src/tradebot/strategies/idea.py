"""What every idea has, whether it looks at one market or at all of them: a name, a version and checked parameters."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final

from tradebot.core.errors import ParameterError, StrategyError, did_you_mean
from tradebot.strategies.memory import recall, remember
from tradebot.strategies.param import Declaration, Param

if TYPE_CHECKING:
    from collections.abc import Mapping

_WORD_START: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class Idea:
    """Declares, checks and reports parameters; the base of ``Strategy`` and ``PortfolioPolicy``.

    Parameters
    ----------
    **values : the parameters by name; those not given take their defaults.

    Attributes
    ----------
    name : registry name; the class name in snake case unless set.
    version : of the idea; reports carry it.
    timeframes : intervals it reads beside the one it trades on; empty means undeclared.
    roles : interval by role, where it reads by role.
    parameters : the declared parameters, by name.

    Raises
    ------
    ParameterError : a parameter is unknown, of the wrong type or out of bounds.
    StrategyError : the class decides nothing.
    """

    name: ClassVar[str] = "strategy"
    version: ClassVar[str] = "0"
    timeframes: ClassVar[tuple[str, ...]] = ()
    roles: ClassVar[Mapping[str, str]] = MappingProxyType({})
    parameters: ClassVar[Mapping[str, Param]] = MappingProxyType({})

    # What binding gives an instance, and what a class has to write.
    _bound: ClassVar[tuple[str, ...]] = ()
    _wanting: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "name" not in cls.__dict__:
            cls.name = _WORD_START.sub("_", cls.__name__).lower()
        root = cls._root()
        found = dict(cls.parameters)
        for name, value in list(cls.__dict__.items()):
            if not isinstance(value, Declaration):
                if name in found:
                    # A plain value in the place of an inherited parameter is its new default.
                    found[name] = found[name].with_default(value)
                    setattr(cls, name, found[name].default)
                continue
            if hasattr(root, name) or name in cls._bound:
                raise ParameterError(f"the name is taken by {root.__name__} itself", place=f"{cls.name}.{name}")
            found[name] = Param.declared(cls.name, name, value, cls.__annotations__.get(name))
            setattr(cls, name, found[name].default)
        cls.parameters = MappingProxyType(found)

    def __init__(self, **values: Any) -> None:
        if not self.forms():
            raise StrategyError("the class decides nothing", place=self.name, mend=f"Give it {self._wanting}.")
        for name in values:
            if name not in self.parameters:
                raise ParameterError("there is no such parameter", place=f"{self.name}.{name}", mend=self._known(name))
        for name, declared in self.parameters.items():
            setattr(self, name, declared.check(values[name]) if name in values else declared.default)
        self.validate()

    def validate(self) -> None:
        """Check parameters against one another; raise :class:`ParameterError` through :meth:`refuse`."""

    @property
    def params(self) -> dict[str, Any]:
        """Values of the parameters, by name."""
        return {name: getattr(self, name) for name in self.parameters}

    def refuse(self, parameter: str, fact: str, mend: str = "") -> ParameterError:
        """Error for :meth:`validate` to raise: ``name.parameter: fact. mend``."""
        return ParameterError(fact, place=f"{self.name}.{parameter}", mend=mend)

    @classmethod
    def implements(cls, hook: str) -> bool:
        """Whether the class overrides a hook, such as ``on_bar``, ``rules``, ``on_fill`` or ``decide``."""
        return getattr(cls, hook, None) is not getattr(cls._root(), hook, None)

    @classmethod
    def forms(cls) -> tuple[str, ...]:
        """Forms it carries; empty where it decides nothing."""
        return ()

    def state(self) -> dict[str, Any]:
        """The plain values it keeps beside its parameters and indicators, for a run to be saved.

        Raises
        ------
        StrategyError : a value is not plain; such a class overrides ``state`` and :meth:`restore`.
        """
        return remember(self.name, vars(self), {*self.parameters, *self._bound})

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take back what :meth:`state` gave, on a copy that is bound anew."""
        recall(vars(self), state)

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in self.params.items())
        return f"{type(self).__name__}({values})"

    @classmethod
    def _root(cls) -> type[Idea]:
        """The class of the package that the idea derives from, which names and hooks are held against."""
        line = cls.__mro__
        return line[line.index(Idea) - 1]

    def _known(self, name: str) -> str:
        if near := did_you_mean(name, self.parameters):
            return near
        return f"It has {', '.join(self.parameters)}." if self.parameters else "It has none."
