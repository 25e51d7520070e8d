"""Markets that Binance lists no more: what is asked of all of them goes on without, and a person is told."""

from __future__ import annotations

from typing import Any, Final

from tradebot.brokers.binance.refusals import Refused
from tradebot.brokers.binance.rest import BinanceRest, Endpoint
from tradebot.brokers.binance.telling import Telling
from tradebot.core.event import Alarm, Severity

_NO_SYMBOL: Final = -1121


class Listed:
    """Questions for the rows of one market.

    Parameters
    ----------
    rest, telling : where it is asked, and to whom it is told.
    """

    def __init__(self, rest: BinanceRest, telling: Telling) -> None:
        self._rest = rest
        self._telling = telling
        self._gone: set[str] = set()

    async def rows(self, endpoint: Endpoint, params: dict[str, Any]) -> list[dict[str, Any]]:
        """The rows of a market; none, and a word about it the first time, where there is no such market any more.

        Raises
        ------
        Refused, Unanswered, Paused : as the question ended otherwise.
        """
        try:
            return await self._rest.ask(endpoint, params)
        except Refused as refusal:
            if refusal.code != _NO_SYMBOL:
                raise
        symbol = params["symbol"]
        if symbol not in self._gone:
            self._gone.add(symbol)
            fact = f"{symbol}: Binance has no such market any more, and nothing of it can be compared"
            text = f"{fact}. Look there what became of its position, and take it out of the configuration"
            self._telling.put(Alarm(ts=self._rest.now(), text=text, severity=Severity.CRITICAL))
        return []
