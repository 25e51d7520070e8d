"""What operators did, and what was logged."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Response

from tradebot.api.auditing import audit_of
from tradebot.api.log_lines import last_lines
from tradebot.api.problems import RequestError, responses
from tradebot.api.schemas.records import AuditEntry, LogFile, LogLines
from tradebot.api.schemas.values import Cursor, Limit, Page
from tradebot.api.services import Given, Services

router = APIRouter(tags=["trading"], responses=responses(401, 422, 429))


@router.get("/audit", responses=responses(503))
def audit(
    services: Given,
    run_id: Annotated[str | None, Query(max_length=64, description="only this run")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[AuditEntry]:
    """Starts, stops, commands, halts and notices, and what was done beside the bot, the newest first."""
    return audit_of(services, run_id, limit, cursor)


@router.get("/logs", response_model=LogLines, responses=responses(404, 503))
def logs(
    services: Given,
    name: Annotated[str, Query(max_length=100, description="one of the files; the main log where empty")] = "",
    search: Annotated[str, Query(max_length=100, description="only lines that hold this")] = "",
    limit: Annotated[int, Query(ge=1, le=5_000, description="most lines: the last ones")] = 500,
) -> Response:
    """The end of a log file; what looks like a secret is replaced once more on the way out."""
    files = {file.name: file for file in _files(services)}
    wanted = name or (services.log_file.name if services.log_file is not None else "")
    # Names are looked up among the files there are, and never joined to a path.
    file = files.get(wanted)
    if file is None and name:
        mend = f"There are {', '.join(files)}." if files else "None is written; `logging.log_file` names one."
        raise RequestError(404, "there is no such log", place="name", mend=mend)
    sizes = {each: path.stat() for each, path in files.items()}
    told = LogLines(
        name=wanted, files=[LogFile(name=each, size_bytes=found.st_size) for each, found in sizes.items()], lines=[]
    )
    if file is None:
        return Response(told.model_dump_json(), media_type="application/json")
    state = (told.model_dump_json(), sizes[wanted].st_mtime_ns, search, limit)
    body = services.clerk.ask(state, last_lines, told, file, search, limit, services.redactor.secrets)
    return Response(body, media_type="application/json")


def _files(services: Services) -> list[Path]:
    """The main log and the files beside it that bear its name."""
    main = services.log_file
    if main is None or not main.parent.is_dir():
        return []
    return sorted(file for file in main.parent.glob(f"{main.stem}.*") if file.is_file() and not file.is_symlink())
