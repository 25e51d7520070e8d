"""Orders on their way to the venue, to the endpoint of their kind: each once, unless it is refused for a moment."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import Any, Final

from tradebot.brokers.binance.arrival import WINDOW_MS
from tradebot.brokers.binance.refusals import TRIGGERS_NOW, Refused
from tradebot.brokers.binance.rest import BinanceRest, Endpoint

# An order that must wait longer for the budget was decided on another market than it would meet. One that closes or
# protects a position is wanted all the same: it outlasts a pause, and a first ban of two minutes.
_OPENING_S: Final = 2.0
_CLOSING_S: Final = 150.0
# Most conditional orders are stops, for which a position waits: one that gets no answer is soon put there anew.
_ANSWER_S: Final = 2.0
_ANSWER_OF_STOPS_S: Final = 1.0
_WINDOW: Final = {"recvWindow": WINDOW_MS}


def _endpoints(call: str, answer_s: float) -> dict[bool, Endpoint]:
    """An endpoint for what opens a position, and for what closes or protects one."""
    patience = {False: _OPENING_S, True: _CLOSING_S}
    return {
        closes: Endpoint(call, 0, 1, urgent=closes, repeats=False, patience_s=seconds, answer_s=answer_s)
        for closes, seconds in patience.items()
    }


_PLAIN: Final = _endpoints("fapiPrivatePostOrder", _ANSWER_S)
_CONDITIONAL: Final = _endpoints("fapiPrivatePostAlgoOrder", _ANSWER_OF_STOPS_S)


async def placed(rest: BinanceRest, params: dict[str, Any], *, closes: bool) -> dict[str, Any]:
    """Send an order; returns the answer.

    A trailing stop whose activation the market has passed is refused. It is given again without, in ``params`` too, and
    follows from here on: what it waited for has come.

    Parameters
    ----------
    params : of the request.
    closes : whether it closes or protects a position: then it may use the reserve of the budget, and waits for it; and
        it is sent again, under the same name, where it is refused for what passes. Nobody must close a position because
        the venue has taken no stop for a moment.

    Raises
    ------
    Refused : the venue has not taken it.
    Unanswered : nobody knows.
    Paused : it was not sent.
    """
    endpoint = (_CONDITIONAL if "algoType" in params else _PLAIN)[closes]
    for attempt in count(1):
        try:
            return await rest.ask(endpoint, params | _WINDOW)
        except Refused as refusal:
            if refusal.code == TRIGGERS_NOW and params.pop("activatePrice", None) is not None:
                continue
            wait_s = refusal.again_s(attempt) if closes else None
            if wait_s is None:
                raise
        await asyncio.sleep(wait_s)
    raise AssertionError(params)
