"""The OpenAPI document, and the page that shows it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from tradebot.api.access.roles import Known
from tradebot.api.dashboard_files import page

router = APIRouter(include_in_schema=False, dependencies=[Known])


@router.get("/openapi.json")
def openapi(request: Request) -> dict[str, Any]:
    """The OpenAPI document."""
    return request.app.openapi()


@router.get("/docs")
def docs() -> Response:
    """The document as a page, from which requests can be tried."""
    return page("docs.html")
