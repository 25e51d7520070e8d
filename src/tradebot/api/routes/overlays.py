"""What a chart draws over bars: the indicators of the bot's strategy, and price structures."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from tradebot.api.bar_answers import BarQuestion
from tradebot.api.bars import answer_about
from tradebot.api.problems import RequestError, responses
from tradebot.api.routes.bot import bot_of
from tradebot.api.schemas.overlays import Indicators, Structures
from tradebot.api.schemas.values import IntervalText, Symbol
from tradebot.api.services import Given
from tradebot.core.instant import to_datetime

router = APIRouter(tags=["market"], responses=responses(401, 404, 422, 429, 503))

_Most = Annotated[int, Query(ge=1, le=5_000, description="most bars: the newest ones")]


@router.get("/indicators/{symbol}")
def indicators(services: Given, symbol: Symbol, limit: _Most = 500) -> Indicators:
    """What the bot's strategy computes of a market it trades, on the bars it has seen."""
    bot = bot_of(services)
    if symbol not in bot.symbols:
        mend = f"It trades {', '.join(bot.symbols)}."
        raise RequestError(404, "the bot does not trade this market", place="symbol", mend=mend)
    markets = [bars for traded in bot.symbols if (bars := bot.bars(traded)) is not None]
    bars = markets[bot.symbols.index(symbol)]
    if not all(len(each) for each in markets):
        raise RequestError(404, "the bot has seen no bar yet", place="symbol", mend="Ask again when it runs.")
    return Indicators(
        symbol=symbol,
        interval=str(bars.interval),
        strategy=bot.strategy.name,
        time=[to_datetime(ts) for ts in bars.ts[-limit:].tolist()],
        lines=services.lines.latest(bot.strategy, markets, bot.symbols.index(symbol), limit),
    )


@router.get("/structures/{symbol}", response_model=Structures)
def structures(
    services: Given,
    symbol: Symbol,
    interval: Annotated[IntervalText | None, Query(description="length of a bar; the shortest where absent")] = None,
    limit: _Most = 500,
    swing_length: Annotated[int, Query(ge=1, le=500, description="bars on either side of a swing")] = 10,
) -> Response:
    """Swings, breaks, order blocks and gaps, as they stand now."""
    question = BarQuestion(what="structures", symbol=symbol, interval=interval, limit=limit, swing_length=swing_length)
    return answer_about(services, question)
