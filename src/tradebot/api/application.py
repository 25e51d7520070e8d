"""The application: routes, guards and error documents around the services it is given."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from tradebot import __version__
from tradebot.api import problems
from tradebot.api.access.gate import AccessGate
from tradebot.api.access.roles import Known
from tradebot.api.answer_cache import AnswerCache
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
_ROUTERS: Final = (
    bot.router,
    trading.router,
    market.router,
    overlays.router,
    orders.router,
    notes.router,
    reconcile.router,
    records.router,
    simulation.router,
    strategies.router,
    backtests.router,
    studies.router,
    data.router,
    configuration.router,
)
# Answers that tell how bot and markets stand, the same to everybody who may ask.
_ALIKE: Final = tuple(
    f"{PREFIX}/{path}"
    for path in ("bot", "positions", "orders", "fills", "equity", "signals", "risk", "history/", "ohlcv/", "stats/")
)


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
        services.clerk.close()
        services.ledgers.close()

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
    # The last one added is the outermost.
    app.add_middleware(AnswerCache, hub=services.hub, paths=_ALIKE)
    app.add_middleware(Guard, settings=settings, metrics=services.metrics)
    # Every address is looked for in this order: what is asked for all the time comes first.
    for router in _ROUTERS:
        app.include_router(router, prefix=PREFIX, dependencies=[Known])
    for router in (status.open_router, status.router, session.router, stream.router):
        app.include_router(router, prefix=PREFIX)
    app.include_router(market.router, dependencies=[Known])
    app.include_router(status.root_router)
    app.include_router(documents.router)
    app.include_router(dashboard_router)
    return app
