"""Who answers about a market's bars: the bot's own where it trades it, else the store, which the clerk reads."""

from __future__ import annotations

from fastapi.responses import Response

from tradebot.api.bar_answers import BarQuestion, of_seen, of_store
from tradebot.api.services import Services
from tradebot.core.bar import BarArray
from tradebot.core.interval import Interval
from tradebot.store.library import AbsentError, Library


def answer_about(services: Services, question: BarQuestion) -> Response:
    """The answer as JSON.

    Raises
    ------
    AbsentError : there are no such bars.
    RequestError : too many ask for heavy things at once.
    """
    seen = _seen(services, question)
    if seen is None:
        state = state_of(services.library, question.symbol)
        body = services.clerk.ask((state, question), of_store, services.library.root, question)
    elif question.what == "structures":
        state = f"{len(seen)} {seen.ts[-1]}"
        body = services.clerk.ask((state, question), of_seen, seen, question)
    else:
        body = of_seen(seen, question)
    return Response(body, media_type="application/json")


def state_of(library: Library, symbol: str) -> str:
    """A word for what is kept of a market, which changes with it.

    Raises
    ------
    AbsentError : nothing is.
    """
    parts = [
        part.digest
        for archive in library.archives()
        for series in archive.series()
        if series.key.is_named(symbol)
        for part in series.parts
    ]
    if not parts:
        mend = "GET /api/v1/symbols lists the markets there are."
        raise AbsentError("nothing is kept of it", place=symbol, mend=mend)
    return " ".join(parts)


def _seen(services: Services, question: BarQuestion) -> BarArray | None:
    """Bars the bot has of the market, where they can be put together to the length asked for."""
    bars = services.bot.bars(question.symbol) if services.bot is not None else None
    if bars is None or not len(bars):
        return None
    wanted = bars.interval if question.interval is None else Interval.parse(question.interval)
    return bars if wanted == bars.interval or bars.interval.fits_into(wanted) else None
