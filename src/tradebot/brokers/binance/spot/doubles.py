"""Two working orders of one name: only the later one was meant to be there."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

from tradebot.brokers.binance.names import our_id
from tradebot.brokers.binance.refusals import UNKNOWN_ORDER, Paused, Refused, Unanswered
from tradebot.brokers.binance.rest import BinanceRest
from tradebot.brokers.binance.spot.settling import CANCEL
from tradebot.brokers.binance.telling import Telling
from tradebot.core.event import Alarm, Severity

_log: Final = logging.getLogger(__name__)


async def take_back_doubles(rest: BinanceRest, telling: Telling, doubles: Sequence[Mapping[str, Any]]) -> None:
    """Take back what works in vain, by its number: both would fill, and the second sells another hand's coins.

    Where one does not go it is tried again with the next look.
    """
    for row in doubles:
        name, venue_id = our_id(row["clientOrderId"]), str(row["orderId"])
        try:
            await rest.ask(CANCEL, {"symbol": row["symbol"], "orderId": venue_id})
            done = "is taken back"
        except (Refused, Unanswered, Paused) as error:
            if isinstance(error, Refused) and error.code in UNKNOWN_ORDER:
                # The end of its partner was its own.
                continue
            done = f"could not be taken back: {error.fact}"
        fact = f"{row['symbol']}: two orders {name} worked at Binance; the earlier one, {venue_id}, {done}"
        _log.critical("binance spot: %s", fact)
        telling.put(Alarm(ts=rest.now(), text=fact, severity=Severity.CRITICAL))
