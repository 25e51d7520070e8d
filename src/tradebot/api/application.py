"""The application: routes, guards and error documents around the services it is given."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from tradebot import __version__
from tradebot.api import problems
from tradebot.api.access.gate import AccessGate
from tradebot.api.access.roles import Known
from tradebot.api.dashboard_files import router as dashboard_router
from tradebot.api.documentation import document
from tradebot.api.guard import Guard
from tradebot.api.routes import (
    backtests,
    bot,
    configuration,
    data,
    documents,
    market,
    notes,
    orders,
    overlays,
    reconcile,
    records,
    session,
    simulation,
    status,
    strategies,
    stream,
    studies,
    trading,
)
from tradebot.core.errors import TradebotError

if TYPE_CHECKING:
    from tradebot.api.services import Services
    from tradebot.api.settings import ApiSettings

PREFIX: Final = "/api/v1"


def create_app(services: Services, settings: ApiSettings) -> FastAPI:
    """The application over these services; two of them share nothing.

    Raises
    ------
    ConfigError : it would be open beyond this machine.
    """

    @asynccontextmanager
    async def serving(_: FastAPI) -> AsyncGenerator[None]:
        services.hub.attach(asyncio.get_running_loop())
        yield
        services.hub.close()
        services.backtests.close()

    app = FastAPI(
        title="tradebot",
        version=__version__,
        description="Research, and a bot at work. Errors are problem documents (RFC 9457).",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=serving,
    )
    app.state.services, app.state.settings, app.state.access = services, settings, AccessGate(settings)
    app.openapi = lambda: document(app)
    app.add_exception_handler(TradebotError, problems.on_tradebot_error)
    app.add_exception_handler(RequestValidationError, problems.on_invalid_request)
    app.add_exception_handler(HTTPException, problems.on_http_error)
    app.add_middleware(Guard, settings=settings, metrics=services.metrics)
    versioned = APIRouter(prefix=PREFIX)
    for router in (status.open_router, status.router, session.router):
        versioned.include_router(router)
    for router in (
        market.router,
        overlays.router,
        strategies.router,
        backtests.router,
        studies.router,
        data.router,
        bot.router,
        trading.router,
        orders.router,
        notes.router,
        reconcile.router,
        simulation.router,
        configuration.router,
        records.router,
    ):
        versioned.include_router(router, dependencies=[Known])
    versioned.include_router(stream.router)
    app.include_router(versioned)
    app.include_router(market.router, dependencies=[Known])
    app.include_router(status.root_router)
    app.include_router(documents.router)
    app.include_router(dashboard_router)
    return app
