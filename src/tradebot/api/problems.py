"""Errors as problem documents (RFC 9457): what is wrong, in which field, and the mend."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any, Final, cast

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from tradebot.config.problems import ConfigurationError
from tradebot.core.errors import JournalError, TradebotError
from tradebot.store.library import AbsentError

MEDIA_TYPE: Final = "application/problem+json"
_SCHEMA: Final = {"$ref": "#/components/schemas/Problem"}


class FieldProblem(BaseModel):
    """One field that is not as it must be."""

    field: str = Field(description="where: a path through the body (`params.fast`), or a parameter's name")
    fact: str = Field(description="what is wrong")
    mend: str = Field(default="", description="what to do about it")


class Problem(BaseModel):
    """A problem document (RFC 9457)."""

    type: str = "about:blank"
    title: str = Field(description="the status in words")
    status: int
    detail: str = Field(description="one sentence: the place, the fact, the mend")
    instance: str = Field(description="the address that was asked for")
    mend: str = Field(default="", description="what to do about it")
    correlation_id: str = Field(default="", description="the same in the log and in the header X-Request-ID")
    errors: list[FieldProblem] = Field(default_factory=list[FieldProblem], description="every field that is wrong")


class RequestError(TradebotError):
    """A request that cannot be done, with the status that says why.

    Parameters
    ----------
    status : HTTP status.
    fact, place, mend : as for every error of tradebot.
    headers : more headers of the answer.
    """

    def __init__(
        self, status: int, fact: str, *, place: str = "", mend: str = "", headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(fact, place=place, mend=mend)
        self.status = status
        self.headers = headers or {}


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What the OpenAPI document says of the answers that are problems."""
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {"schema": _SCHEMA}}}
        for status in statuses
    }


def answer(
    status: int,
    detail: str,
    *,
    instance: str,
    correlation_id: str,
    mend: str = "",
    errors: list[FieldProblem] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """A problem as an answer."""
    problem = Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        instance=instance,
        mend=mend,
        correlation_id=correlation_id,
        errors=errors or [],
    )
    return Response(problem.model_dump_json(), status, headers, MEDIA_TYPE)


async def on_tradebot_error(request: Request, error: Exception) -> Response:
    """An error that somebody can mend."""
    error = cast("TradebotError", error)
    if isinstance(error, ConfigurationError):
        found = [FieldProblem(field=each.path, fact=each.fact, mend=each.mend) for each in error.problems]
        return _answer(request, 422, str(error), errors=found)
    errors = [FieldProblem(field=error.place, fact=error.fact, mend=error.mend)] if error.place else []
    headers = error.headers if isinstance(error, RequestError) else None
    return _answer(request, _status_of(error), str(error), mend=error.mend, errors=errors, headers=headers)


async def on_invalid_request(request: Request, error: Exception) -> Response:
    """A request whose parameters or body do not fit."""
    found = [_field_problem(each) for each in cast("RequestValidationError", error).errors()]
    words = "; ".join(f"{each.field}: {each.fact}" for each in found)
    return _answer(request, 422, words or "the request does not fit", errors=found)


async def on_http_error(request: Request, error: Exception) -> Response:
    """What the framework refuses: no such address, no such method."""
    error = cast("HTTPException", error)
    headers = dict(error.headers) if error.headers else None
    fact, mend = str(error.detail), ""
    if error.status_code == HTTPStatus.NOT_FOUND:
        mend = "See /docs for the addresses there are."
    elif error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        fact, mend = f"{request.method} is not taken here", "See /docs for what this address takes."
    words = f"{fact}. {mend}" if mend else fact
    return _answer(request, error.status_code, words, mend=mend, headers=headers)


def _answer(
    request: Request,
    status: int,
    detail: str,
    *,
    mend: str = "",
    errors: Sequence[FieldProblem] = (),
    headers: dict[str, str] | None = None,
) -> Response:
    # What a library or a venue said of a failure may hold a key.
    redact: Callable[[str], str] = request.app.state.services.redactor.text
    told = [FieldProblem(field=each.field, fact=redact(each.fact), mend=redact(each.mend)) for each in errors]
    return answer(
        status,
        redact(detail),
        instance=request.url.path,
        correlation_id=getattr(request.state, "correlation_id", ""),
        mend=redact(mend),
        errors=told,
        headers=headers,
    )


def _status_of(error: TradebotError) -> int:
    if isinstance(error, RequestError):
        return error.status
    if isinstance(error, AbsentError):
        return HTTPStatus.NOT_FOUND
    if isinstance(error, JournalError):
        return HTTPStatus.SERVICE_UNAVAILABLE
    return HTTPStatus.UNPROCESSABLE_ENTITY


def _field_problem(raw: dict[str, Any]) -> FieldProblem:
    if raw["type"] == "json_invalid":
        why = str(raw.get("ctx", {}).get("error", "")).lower()
        return FieldProblem(field="body", fact=f"it is no JSON: {why}" if why else "it is no JSON")
    steps = [str(step) for step in raw["loc"] if step not in ("body", "query", "path", "header")]
    fact = str(raw["msg"])
    return FieldProblem(
        field=".".join(steps) or "body", fact=f"{fact[:1].lower()}{fact[1:]}".removeprefix("value error, ")
    )
