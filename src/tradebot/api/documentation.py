"""The OpenAPI document: who may ask, and problems in one shape everywhere."""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from tradebot.api.access.sessions import COOKIE
from tradebot.api.problems import Problem, responses

_OPEN: Final = frozenset({("/api/v1/session", "post"), ("/api/v1/status/health", "get")})
# What the guard and the parser may say of any body.
_OF_BODIES: Final = (400, 403, 413, 415)
_SCHEMES: Final = {
    "token": {"type": "http", "scheme": "bearer", "description": "a token of `tradebot token create`"},
    "session": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "set by POST /api/v1/session"},
}


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of the application, made once."""
    if app.openapi_schema is None:
        made = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        schemas = made.setdefault("components", {}).setdefault("schemas", {})
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= problem.pop("$defs", {}) | {"Problem": problem}
        made["components"]["securitySchemes"] = _SCHEMES
        for path, operations in made["paths"].items():
            for method, operation in operations.items():
                if "requestBody" in operation:
                    told = {str(status): shape for status, shape in responses(*_OF_BODIES).items()}
                    operation["responses"] = told | operation["responses"]
                if (path, method) not in _OPEN:
                    operation["security"] = [{"token": []}, {"session": []}]
        app.openapi_schema = made
    return app.openapi_schema
