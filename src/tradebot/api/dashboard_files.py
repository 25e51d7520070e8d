"""The pages: static files built from ``web/``; one that says how to build them where there are none."""

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
<p>The interface answers without it: <a href="/openapi.json">/openapi.json</a> describes it.</p>
</body></html>
"""


@router.get("/{path:path}")
def dashboard(request: Request, path: str) -> Response:
    """A file of the dashboard; every other address is one of its pages, which its script shows."""
    if path.startswith(_INTERFACE):
        raise RequestError(404, "there is no such address", mend="See /docs for the addresses there are.")
    file = _file(path)
    if file is not None:
        if not path.startswith("assets/"):
            return FileResponse(file, headers={"Cache-Control": "no-cache"})
        return _asset(file, takes_gzip="gzip" in request.headers.get("accept-encoding", ""))
    if path.startswith("assets/"):
        raise RequestError(404, "there is no such file", mend="Load the page again.")
    return page("index.html")


def _file(path: str) -> Path | None:
    try:
        file = (_FOLDER / path).resolve()
        return file if file.is_file() and file.is_relative_to(_FOLDER.resolve()) else None
    except (OSError, ValueError):
        # A name that no file can have: too long, or with a zero in it.
        return None


def page(name: str) -> Response:
    """A page that ``web/`` is built to, or the way to build it."""
    file = _FOLDER / name
    return FileResponse(file, headers={"Cache-Control": "no-cache"}) if file.is_file() else HTMLResponse(_ABSENT)


def _asset(file: Path, *, takes_gzip: bool) -> Response:
    headers = {"Cache-Control": _LASTING, "Vary": "Accept-Encoding"}
    if not takes_gzip or file.suffix not in _COMPRESSIBLE:
        return FileResponse(file, headers=headers)
    kind, _ = mimetypes.guess_type(file.name)
    return Response(_compressed(file), media_type=kind, headers=headers | {"Content-Encoding": "gzip"})


@lru_cache(maxsize=128)
def _compressed(file: Path) -> bytes:
    return gzip.compress(file.read_bytes(), mtime=0)
