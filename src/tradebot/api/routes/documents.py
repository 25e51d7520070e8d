"""The OpenAPI document, and the page that shows it."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse

from tradebot.api.access.roles import Known

router = APIRouter(include_in_schema=False, dependencies=[Known])

# The page takes its script and style from where FastAPI's does.
_SOURCES: Final = "https://cdn.jsdelivr.net"
_POLICY: Final = (
    f"default-src 'self'; script-src 'self' 'unsafe-inline' {_SOURCES}; style-src 'self' 'unsafe-inline' {_SOURCES}; "
    "img-src 'self' data: https://fastapi.tiangolo.com; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
)


@router.get("/openapi.json")
def openapi(request: Request) -> dict[str, Any]:
    """The OpenAPI document."""
    return request.app.openapi()


@router.get("/docs")
def docs() -> HTMLResponse:
    """The document as a page, from which requests can be tried."""
    page = get_swagger_ui_html(openapi_url="/openapi.json", title="tradebot")
    page.headers["Content-Security-Policy"] = _POLICY
    return page
