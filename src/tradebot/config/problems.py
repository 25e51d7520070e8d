"""What is wrong with a document: each problem with the path of its key, the fact and the mend."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from tradebot.config.values import quoted, shown
from tradebot.core.errors import ConfigError, did_you_mean

_PLAIN: Final = re.compile(r"[\w-]{1,60}")


class Problem(NamedTuple):
    """One problem of a document.

    Attributes
    ----------
    path : the key, as ``risk_management.stop_loss_pct``; empty for the document as a whole.
    fact : what is wrong, without a final full stop.
    mend : what to do about it, as whole sentences.
    """

    path: str
    fact: str
    mend: str

    def __str__(self) -> str:
        return str(ConfigError(self.fact, place=self.path, mend=self.mend))


def joined(steps: Iterable[object]) -> str:
    """Path of a key out of its steps, ``data.timeframes.0``; a step that is no plain word stands in quotes."""
    return ".".join(step if _PLAIN.fullmatch(step) else quoted(step) for step in map(str, steps))


class ConfigurationError(ConfigError):
    """A document that cannot be used, with everything that is wrong with it.

    Parameters
    ----------
    source : the file, or what else it was read from.
    problems : at least one.
    """

    def __init__(self, source: str, problems: Sequence[Problem]) -> None:
        self.source = source
        self.problems = tuple(problems)
        if len(self.problems) == 1:
            only = self.problems[0]
            place = f"{source}: {only.path}" if only.path else source
            super().__init__(only.fact, place=place, mend=only.mend)
        else:
            listed = "\n".join(f"  {problem}" for problem in self.problems)
            super().__init__(f"{len(self.problems)} problems\n{listed}", place=source)

    def __reduce__(self) -> tuple[object, ...]:
        return ConfigurationError, (self.source, self.problems)


_BOUNDS: Final = {
    "greater_than": "above {gt}",
    "greater_than_equal": "{ge} or more",
    "less_than": "below {lt}",
    "less_than_equal": "{le} or less",
}
_KINDS: Final = {
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "list_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
}


def problems_of(error: ValidationError, model: type[BaseModel], variables: Mapping[str, str]) -> list[Problem]:
    """The problems pydantic found, in our words; values never appear where they could be secret.

    Parameters
    ----------
    model : the document's type.
    variables : environment variable that gave a key its value, by the key's path.
    """
    found: list[Problem] = []
    for raw in error.errors(include_url=False, include_context=True):
        steps = [step for step in raw["loc"] if step != "__root__"]
        path = joined(steps)
        fact, mend = _words(raw, steps, model)
        variable = next((name for key, name in variables.items() if path == key or path.startswith(f"{key}.")), "")
        found.append(Problem(f"{variable} ({path})" if variable else path, fact, mend))
    return found


def _words(raw: Any, steps: list[Any], model: type[BaseModel]) -> tuple[str, str]:
    kind, context, value = raw["type"], raw.get("ctx", {}), raw.get("input")
    if kind == "extra_forbidden":
        valid = _keys_at(model, steps[:-1])
        return "there is no such key", did_you_mean(str(steps[-1]), valid) or f"There are {', '.join(valid)}."
    if kind == "missing":
        field = _field_at(model, steps)
        return "is missing", f"Add it: {field.description}." if field and field.description else "Add it."
    if kind == "literal_error":
        choices = _choices(model, steps)
        near = did_you_mean(value, choices) if isinstance(value, str) else ""
        return f"{shown(value)} is not among {', '.join(choices)}", near or "Choose one of them."
    if kind == "ours":
        return context["fact"], context["mend"]
    if kind in _BOUNDS:
        bound = _BOUNDS[kind].format(**context)
        return f"{shown(value)} is not {bound}", _nearer(value, context, steps)
    if kind in _KINDS:
        return f"{shown(value)} is not {_KINDS[kind]}", f"Write {_KINDS[kind]}."
    return str(raw["msg"]).lower(), "Correct it."


def _nearer(value: Any, bounds: Mapping[str, Any], steps: list[Any]) -> str:
    """A guess at what was meant: percentages written as basis points, fractions written as percentages."""
    top = bounds.get("le", bounds.get("lt"))
    if top is not None and value > top and value / 100 <= top:
        return f"Did you mean {float(value) / 100:g}?"
    if str(steps[-1]).endswith("_pct"):
        return "Percentages are written as they are said: 5.0 means 5 %."
    return "Correct the number."


def _model_at(model: type[BaseModel], steps: Sequence[Any]) -> type[BaseModel] | None:
    """Type of the section a path leads to."""
    here: type[BaseModel] | None = model
    for step in steps:
        if here is None:
            return None
        field = here.model_fields.get(str(step))
        here = None if field is None else section_of(field)
    return here


def section_of(field: FieldInfo) -> type[BaseModel] | None:
    """Type of the section a field holds; ``None`` where it holds a value."""
    for kind in (field.annotation, *get_args(field.annotation)):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
    return None


def _field_at(model: type[BaseModel], steps: Sequence[Any]) -> FieldInfo | None:
    section = _model_at(model, steps[:-1])
    return None if section is None else section.model_fields.get(str(steps[-1]))


def _keys_at(model: type[BaseModel], steps: Sequence[Any]) -> list[str]:
    section = _model_at(model, steps)
    return [] if section is None else list(section.model_fields)


def _choices(model: type[BaseModel], steps: Sequence[Any]) -> list[str]:
    named = [step for step in steps if isinstance(step, str)]
    field = _field_at(model, named)
    pending, found = [field.annotation if field else None], list[str]()
    while pending:
        kind = pending.pop(0)
        arguments = get_args(kind)
        words = [argument for argument in arguments if isinstance(argument, str)]
        found += words
        pending += [argument for argument in arguments if not isinstance(argument, str)]
    return found
