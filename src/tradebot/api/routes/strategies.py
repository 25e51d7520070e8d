"""Strategies of the registry."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path

from tradebot.api.backtests.asking import kind_of
from tradebot.api.problems import responses
from tradebot.api.schemas.research import Parameter, Strategies, Strategy
from tradebot.api.services import Given
from tradebot.strategies import registry
from tradebot.strategies.param import Param
from tradebot.strategies.registry import Listing

router = APIRouter(prefix="/strategies", tags=["research"], responses=responses(401, 422, 429))

_TYPES: Final = {"int": "integer", "float": "number", "bool": "boolean", "str": "string"}
_Name = Annotated[str, Path(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}(\+[A-Za-z][A-Za-z0-9_]{0,63})?$")]


@router.get("")
def strategies(services: Given) -> Strategies:
    """Every strategy with its parameters and their JSON Schema, and what could not be loaded."""
    found = registry.catalog()
    broken = [services.redactor.text(f"{error.fact}. {error.mend}") for error in found.broken.values()]
    return Strategies(strategies=[_shown(listing) for listing in found.strategies], broken=broken)


@router.get("/{name}", responses=responses(404))
def strategy(name: _Name) -> Strategy:
    """One strategy, or two mixins written as `Entry+Exit`."""
    return _shown(registry.describe(kind_of(name, status=404, place="name")))


def _shown(listing: Listing) -> Strategy:
    return Strategy(
        name=listing.name,
        version=listing.version,
        summary=listing.summary,
        docs=listing.docs,
        forms=list(listing.forms),
        timeframes=list(listing.timeframes),
        roles=listing.roles,
        origin=listing.origin,
        params=[_parameter(param) for param in listing.params],
        params_schema=json_schema(listing),
    )


def _parameter(param: Param) -> Parameter:
    return Parameter(
        name=param.name,
        type=param.kind.__name__,  # type: ignore[arg-type]
        default=param.default,
        ge=param.ge,
        le=param.le,
        step=param.step,
        choices=None if param.choices is None else list(param.choices),
        doc=param.doc,
    )


def json_schema(listing: Listing) -> dict[str, Any]:
    """JSON Schema of a strategy's parameters, by which a form is made and checked."""
    properties: dict[str, Any] = {}
    for param in listing.params:
        told = {
            "type": _TYPES[param.kind.__name__],
            "default": param.default,
            "description": param.doc,
            "minimum": param.ge,
            "maximum": param.le,
            "enum": None if param.choices is None else list(param.choices),
        }
        properties[param.name] = {word: value for word, value in told.items() if value not in (None, "")}
    return {"type": "object", "properties": properties, "additionalProperties": False}
