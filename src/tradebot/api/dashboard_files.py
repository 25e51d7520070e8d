"""The dashboard: static files built from ``web/``; a page that says how to build them where there are none."""

from __future__ import annotations

import gzip
import mimetypes
from functools import lru_cache
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, Response

from tradebot.api.problems import RequestError

router = APIRouter(include_in_schema=False)

_FOLDER: Final = Path(__file__).with_name("dashboard")
# What is asked for here and is no address of the interface is nothing, and no page of the dashboard.
_INTERFACE: Final = ("api/", "history/", "ohlcv/", "stats/")
# The rest is compressed already.
_COMPRESSIBLE: Final = frozenset({".js", ".css"})
# Built files bear a hash of what they hold in their names.
_LASTING: Final = "public, max-age=31536000, immutable"
_ABSENT: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>tradebot</title></head>
<body><h1>tradebot</h1>
<p>The dashboard is not built. <code>make web</code> builds it.</p>
<p>The interface itself is at <a href="/docs">/docs</a>.</p>
</body></html>
"""


@router.get("/{path:path}")
def dashboard(request: Request, path: str) -> Response:
    """A file of the dashboard; every other address is one of its pages, which its script shows."""
    if path.startswith(_INTERFACE):
        raise RequestError(404, "there is no such address", mend="See /docs for the addresses there are.")
    index = _FOLDER / "index.html"
    if not index.is_file():
        return HTMLResponse(_ABSENT)
    file = (_FOLDER / path).resolve()
    if path and file.is_file() and file.is_relative_to(_FOLDER.resolve()):
        if not path.startswith("assets/"):
            return FileResponse(file, headers={"Cache-Control": "no-cache"})
        return _asset(file, takes_gzip="gzip" in request.headers.get("accept-encoding", ""))
    if path.startswith("assets/"):
        raise RequestError(404, "there is no such file", mend="Load the page again.")
    return FileResponse(index, headers={"Cache-Control": "no-cache"})


def _asset(file: Path, *, takes_gzip: bool) -> Response:
    headers = {"Cache-Control": _LASTING, "Vary": "Accept-Encoding"}
    if not takes_gzip or file.suffix not in _COMPRESSIBLE:
        return FileResponse(file, headers=headers)
    kind, _ = mimetypes.guess_type(file.name)
    return Response(_compressed(file), media_type=kind, headers=headers | {"Content-Encoding": "gzip"})


@lru_cache(maxsize=128)
def _compressed(file: Path) -> bytes:
    return gzip.compress(file.read_bytes(), mtime=0)
