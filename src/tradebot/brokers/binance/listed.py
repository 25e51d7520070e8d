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
    info : tells which markets there are (exchangeInfo).
    """

    def __init__(self, rest: BinanceRest, telling: Telling, info: Endpoint) -> None:
        self._rest = rest
        self._telling = telling
        self._info = info
        self._gone: set[str] = set()

    def has(self, symbol: str) -> bool:
        """Whether nothing has shown yet that a market has gone."""
        return symbol not in self._gone

    async def rows(self, endpoint: Endpoint, params: dict[str, Any]) -> list[dict[str, Any]]:
        """The rows of a market; none, and a word about it the first time, where there is no such market any more.

        Raises
        ------
        Refused, Unanswered, Paused : as the question ended otherwise; a market that is listed yet may have orders.
        """
        symbol = params["symbol"]
        if not self.has(symbol):
            return []
        try:
            return await self._rest.ask(endpoint, params)
        except Refused as refusal:
            if refusal.code != _NO_SYMBOL or symbol in await self._symbols():
                raise
        self._gone.add(symbol)
        fact = f"{symbol}: Binance has no such market any more, and nothing of it can be compared"
        text = f"{fact}. Look there what became of its position, and take it out of the configuration"
        self._telling.put(Alarm(ts=self._rest.now(), text=text, severity=Severity.CRITICAL))
        return []

    async def _symbols(self) -> set[str]:
        info: dict[str, Any] = await self._rest.ask(self._info)
        return {str(row["symbol"]) for row in info["symbols"]}
