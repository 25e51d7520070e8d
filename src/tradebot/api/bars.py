"""Who answers about a market's bars: the bot's own where it trades it, else the store, which the clerk reads."""

from __future__ import annotations

from typing import Final

from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from tradebot.api.bar_answers import BarQuestion, of_seen, of_store
from tradebot.api.problems import RequestError
from tradebot.api.services import Services
from tradebot.core.bar import BarArray
from tradebot.core.errors import DataError
from tradebot.core.interval import Interval
from tradebot.store.library import AbsentError, Library

# The most of the bot's own bars that are put into words in the time of the loop: a fraction of a millisecond.
_FEW: Final = 200


async def answer_soon(services: Services, question: BarQuestion) -> Response:
    """The same as :func:`answer_about`, for a loop that serves others too: a thread is asked for what takes long."""
    seen, _ = _seen(services, question)
    wants_few = question.what in ("history", "ohlcv") and question.limit <= _FEW and not _has_span(question)
    if wants_few and seen is not None and question.interval in (None, str(seen.interval)):
        return answer_about(services, question)
    return await run_in_threadpool(answer_about, services, question)


def answer_about(services: Services, question: BarQuestion) -> Response:
    """The answer as JSON.

    Raises
    ------
    RequestError : there are no such bars (404), or too many ask for heavy things at once.
    """
    seen, is_traded = _seen(services, question)
    try:
        if seen is None:
            state = _state_of(services.library, question, is_traded=is_traded)
            body = services.clerk.ask((state, question), of_store, services.library.root, question)
        elif question.what == "structures":
            state = f"{len(seen)} {seen.ts[-1]}"
            body = services.clerk.ask((state, question), of_seen, seen, question)
        else:
            body = of_seen(seen, question)
    except RequestError:
        raise
    except DataError as error:
        # The market is there, and not at this length or not at this time.
        name = "interval" if isinstance(error, AbsentError) and not _has_span(question) else "start"
        mend = "GET /api/v1/symbols tells lengths and spans."
        raise RequestError(404, error.fact, place=name, mend=mend) from None
    return Response(body, media_type="application/json")


def _state_of(library: Library, question: BarQuestion, *, is_traded: bool) -> str:
    """A word for what is kept of a market, which changes with it.

    Raises
    ------
    RequestError : nothing is.
    """
    parts = [
        part.digest
        for archive in library.archives()
        for series in archive.series()
        if series.key.is_named(question.symbol)
        for part in series.parts
    ]
    if parts:
        return " ".join(parts)
    mend = "GET /api/v1/symbols lists the markets and their lengths."
    if is_traded:
        raise RequestError(404, f"{question.interval} is not made of the bot's bars", place="interval", mend=mend)
    raise RequestError(404, f"there are no bars of {question.symbol}", place="symbol", mend=mend)


def _seen(services: Services, question: BarQuestion) -> tuple[BarArray | None, bool]:
    """Bars the bot has of the market, where they can be put together to the length asked for; whether it has any."""
    bars = services.bot.bars(question.symbol) if services.bot is not None else None
    if bars is None or not len(bars):
        return None, False
    wanted = bars.interval if question.interval is None else Interval.parse(question.interval)
    return bars if wanted == bars.interval or bars.interval.fits_into(wanted) else None, True


def _has_span(question: BarQuestion) -> bool:
    return question.start is not None or question.end is not None
