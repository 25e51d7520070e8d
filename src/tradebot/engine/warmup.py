"""Whether the bars of a run are enough for what a strategy looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tradebot.core.errors import StrategyError

if TYPE_CHECKING:
    from tradebot.engine.market import Market
    from tradebot.strategies import PortfolioPolicy, Strategy


def check_warmup(strategy: Strategy | PortfolioPolicy, market: Market, warmup: int) -> None:
    """Refuse a run whose every bar is warm-up.

    Parameters
    ----------
    warmup : index of the first bar at which every indicator in use is warm.

    Raises
    ------
    StrategyError : naming the timeframe whose bars are too few, how many it needs and how many there are.
    """
    count = len(market.bars)
    if warmup < count:
        return
    needed, frame = warmup + 1, market.frame
    for each in market.frame.frames:
        last = max((node.warmup for node in each.nodes), default=-1)
        if each is not market.frame and each.first_visible(last) >= count:
            needed, frame = last + 1, each
    there = len(frame.columns) if frame is market.frame else int(frame.visible[-1]) + 1
    bars = "bars" if frame is market.frame else f"closed {frame.interval} bars"
    raise StrategyError(
        f"its indicators need {needed:,} {bars} of {market.bars.symbol} and there are {there:,}",
        place=strategy.name,
        mend="Give more bars, or smaller periods."
        if frame is market.frame
        else "Give more bars, or a shorter timeframe.",
    )
