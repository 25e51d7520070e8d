"""The user stream of spot: a subscription on the WebSocket API, by signature.

Source: Binance Open Platform, Spot, WebSocket API, "User Data Stream" (userDataStream.subscribe.signature) and "User
Data Streams" (the envelope of the events). The listenKeys that spot had before were shut down on 2026-02-20 (Binance,
"Notice on Binance Spot API Update", 2026-01-21).
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tradebot.exchange.params import Params
from tradebot.exchange.refusals import Refusal

if TYPE_CHECKING:
    from tradebot.exchange.streams import Connection
    from tradebot.exchange.venue import Venue

PATH: Final = "/ws-api/v3"
_WEIGHT: Final = 2
_IDS: Final = count()


class _Request(msgspec.Struct):
    id: int | str | None = None
    method: str = ""
    params: dict[str, Any] = {}


def request(venue: Venue, connection: Connection, text: str) -> None:
    """Answer a request of the WebSocket API: to subscribe to the user stream, to leave it, or the time."""
    try:
        asked = msgspec.json.decode(text, type=_Request)
    except msgspec.DecodeError:
        connection.put(_answer(None, 400, error={"code": -1000, "msg": "Invalid JSON."}))
        return
    try:
        connection.put(_answer(asked.id, 200, result=_result(venue, connection, asked)))
    except Refusal as refusal:
        connection.put(_answer(asked.id, refusal.status, error=refusal.body))


def _result(venue: Venue, connection: Connection, asked: _Request) -> Any:
    venue.budgets.request(_WEIGHT)
    match asked.method:
        case "ping":
            return {}
        case "time":
            return {"serverTime": venue.state.clock.now_ms()}
        case "userDataStream.subscribe.signature":
            params = {name: str(value) for name, value in asked.params.items()}
            venue.gatekeeper.check_key(params.get("apiKey", ""))
            venue.gatekeeper.check_payload(Params(params), params)
            connection.subscription = next(_IDS)
            connection.keys = {f"subscription-{connection.subscription}"}
            return {"subscriptionId": connection.subscription}
        case "userDataStream.unsubscribe":
            connection.subscription, connection.keys = None, set()
            return {}
        case other:
            raise Refusal(
                -1000, text=f"The local exchange does not offer {other or 'a request without a method'} here."
            )


def _answer(identity: int | str | None, status: int, **told: Any) -> dict[str, Any]:
    return {"id": identity, "status": status, **told, "rateLimits": []}
