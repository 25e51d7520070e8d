"""Money that moves without a trade: transfers, funding, rebates, which no stream tells of."""

from __future__ import annotations

from typing import Any, Final

from tradebot.brokers.binance import reports
from tradebot.brokers.binance.rest import BinanceRest, Endpoint
from tradebot.brokers.binance.telling import Telling

_INCOME: Final = Endpoint("fapiPrivateGetIncome", 30)
_PAGE: Final = 1000


class Income:
    """What Binance's history of income has.

    Parameters
    ----------
    rest, telling : where it is asked, and to whom it is told.
    quotes : coins that the markets are paid in. What moves in another one (BNB for the fees, another hand's USDC) is no
        money of the books.
    since : time from which it is of interest, ms; ``None`` for what is to come.
    """

    def __init__(self, rest: BinanceRest, telling: Telling, quotes: frozenset[str], since: int | None) -> None:
        self._rest = rest
        self._telling = telling
        self._quotes = quotes
        self._from = since or 0
        # Money that was told, by when it moved, ms.
        self._told: dict[str, int] = {}

    async def pass_over(self) -> None:
        """Take what has happened before as told."""
        for row in await self._rest.ask(_INCOME, {"limit": _PAGE}):
            self._from = max(self._from, int(row["time"]))
            if (flow := reports.flow_of(row)) is not None:
                self._told[flow.flow_id] = int(row["time"])

    async def tell(self) -> None:
        """Tell of what moved since the last look."""
        while True:
            begin = self._from
            rows: list[dict[str, Any]] = await self._rest.ask(_INCOME, {"startTime": begin, "limit": _PAGE})
            for row in rows:
                flow = reports.flow_of(row)
                self._from = max(self._from, int(row["time"]))
                if flow is not None and flow.currency in self._quotes and flow.flow_id not in self._told:
                    self._told[flow.flow_id] = int(row["time"])
                    self._telling.put(flow)
            # Only what moved at the very last moment is told again.
            self._told = {flow_id: ts for flow_id, ts in self._told.items() if ts >= self._from}
            if len(rows) < _PAGE or self._from == begin:
                return
