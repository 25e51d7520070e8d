"""Whether all is well."""

from __future__ import annotations

import shutil
import time
from typing import Final

from fastapi import APIRouter
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST

from tradebot import __version__
from tradebot.api.access.roles import Known
from tradebot.api.problems import responses
from tradebot.api.schemas.status import DetailedHealth, Figures, HealthState, Part
from tradebot.api.services import Given, Services
from tradebot.core.instant import to_datetime

open_router = APIRouter(prefix="/status", tags=["system"])
router = APIRouter(prefix="/status", tags=["system"], dependencies=[Known], responses=responses(401))
root_router = APIRouter(tags=["system"], dependencies=[Known], responses=responses(401))

_STARTED: Final = time.time_ns()
_ROOM_BYTES: Final = 1_000_000_000


@open_router.get("/health")
def health() -> HealthState:
    """Whether the process answers; it needs no credentials and tells nothing else."""
    return HealthState(status="ok", version=__version__)


@router.get("/health/detailed")
def health_detailed(services: Given) -> DetailedHealth:
    """Every part and how it is."""
    parts = [_disk(services), _bot(services)]
    worst = next((word for word in ("failed", "degraded") if any(part.status == word for part in parts)), "ok")
    return DetailedHealth(
        status=worst,  # type: ignore[arg-type]
        version=__version__,
        started=to_datetime(_STARTED),
        uptime_s=(time.time_ns() - _STARTED) / 1e9,
        parts=parts,
        listeners=services.hub.listeners,
        backtests=services.backtests.waiting,
    )


@router.get("/metrics")
def metrics(services: Given) -> Figures:
    """Figures of the process as JSON."""
    refresh(services)
    found = {
        f"{sample.name}{_labels(sample.labels)}": float(sample.value)
        for family in services.metrics.registry.collect()
        for sample in family.samples
        if not sample.name.endswith("_created")
    }
    return Figures(figures=found)


@root_router.get("/metrics", response_class=Response, responses={200: {"content": {CONTENT_TYPE_LATEST: {}}}})
def prometheus(services: Given) -> Response:
    """Figures of the process in Prometheus' text format."""
    refresh(services)
    return Response(services.metrics.text(), media_type=CONTENT_TYPE_LATEST)


def refresh(services: Services) -> None:
    """Bring the gauges up to date."""
    found = services.metrics
    found.listeners.set(services.hub.listeners)
    found.messages.set(services.hub.last)
    found.backtests.set(services.backtests.waiting)
    if services.bot is not None:
        snapshot = services.bot.snapshot
        found.running.set(snapshot.phase == "running")
        found.halted.set(bool(snapshot.status.get("halted")))
        found.equity.set(float(snapshot.status.get("equity", 0.0)))


def _labels(labels: dict[str, str]) -> str:
    told = ",".join(f'{name}="{value}"' for name, value in labels.items())
    return f"{{{told}}}" if told else ""


def _disk(services: Services) -> Part:
    root = services.library.root
    folder = next(each for each in (root, *root.parents) if each.exists())
    free = shutil.disk_usage(folder).free
    return Part(name="disk", status="ok" if free > _ROOM_BYTES else "degraded", detail=f"{free / 1e9:.1f} GB are free")


def _bot(services: Services) -> Part:
    if services.bot is None:
        return Part(name="bot", status="ok", detail="none runs in this process")
    snapshot = services.bot.snapshot
    if snapshot.phase == "failed":
        return Part(name="bot", status="failed", detail=services.redactor.text(snapshot.error))
    halted = snapshot.status.get("halted")
    if halted:
        return Part(name="bot", status="degraded", detail=services.redactor.text(f"halted: {halted}"))
    return Part(name="bot", status="ok", detail=snapshot.phase)
