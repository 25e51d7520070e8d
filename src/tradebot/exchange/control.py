"""What only a test or a person at the machine may ask: to step the market, to break things, to look at the oracle."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tradebot.core.errors import TradebotError
from tradebot.exchange.answers import order_taken
from tradebot.exchange.faults import read_faults
from tradebot.exchange.oracle import ledger
from tradebot.exchange.pacing import Pacer
from tradebot.exchange.params import Params
from tradebot.exchange.refusals import Refusal
from tradebot.exchange.spot.answers import found
from tradebot.exchange.venue import Venue

_STATUSES: Final = ("TRADING", "PENDING_TRADING", "BREAK", "SETTLING", "CLOSE")

Ask = dict[str, Any]
Work = Callable[[Ask], Awaitable[Any]]


class Control:
    """The control endpoints of a venue; ``stepper`` moves the market where it does not move by itself."""

    def __init__(self, venue: Venue, stepper: Pacer | None) -> None:
        self._venue = venue
        self._stepper = stepper

    def routes(self) -> list[Route]:
        """Routes under ``/control``."""
        posts: dict[str, Work] = {
            "step": self.step,
            "clock": self.clock,
            "symbol": self.symbol,
            "listen-key/expire": self.expire,
            "disconnect": self.disconnect,
            "ban": self.ban,
            "release": self.release,
            "order": self.order,
        }
        return [
            Route("/control/ledger", self.ledger, methods=["GET"]),
            Route("/control/faults", self.faults, methods=["GET", "POST", "DELETE"]),
            *(Route(f"/control/{name}", _posted(work), methods=["POST"]) for name, work in posts.items()),
        ]

    async def ledger(self, request: Request) -> Response:
        """What truly happened."""
        return _reply(ledger(self._venue))

    async def faults(self, request: Request) -> Response:
        """The armed faults; POST arms more, DELETE forgets them."""
        faults = self._venue.faults
        if request.method == "DELETE":
            faults.clear()
        elif request.method == "POST":
            try:
                faults.arm(read_faults(await request.body()))
            except TradebotError as error:
                return _reply({"error": str(error)}, 400)
        return _reply(faults.armed)

    async def step(self, ask: Ask) -> Any:
        """Let the next phase of the market pass."""
        if self._stepper is None:
            raise ValueError("the market moves by itself: start the exchange stepped")
        phase = await self._stepper.step()
        if phase is None:
            return {"over": True}
        told = {"over": False, "phase": phase.name, "symbol": phase.symbol, "ts": phase.ts}
        more = {"endsStep": phase.ends_step, "now": self._venue.state.now, "userMessages": self._venue.hub.told}
        return told | more

    async def clock(self, ask: Ask) -> Any:
        """Set the server's clock wrong by ``skew_ms``."""
        self._venue.clock.skew_ms = int(ask["skew_ms"])
        return {"serverTime": self._venue.clock.now_ms()}

    async def symbol(self, ask: Ask) -> Any:
        """Give ``symbol`` another ``status``: maintenance is BREAK, a delisting SETTLING, then CLOSE."""
        if ask["status"] not in _STATUSES:
            raise ValueError(f"status: {ask['status']} is none of {', '.join(_STATUSES)}")
        self._venue.set_status(ask["symbol"], ask["status"])
        return {"symbol": ask["symbol"], "status": ask["status"]}

    async def expire(self, ask: Ask) -> Any:
        """Let the listenKey run out now."""
        self._venue.listen_keys.expire()
        self._venue.expire_listen_key()
        return {}

    async def disconnect(self, ask: Ask) -> Any:
        """Cut every websocket, or those of one ``route``."""
        self._venue.hub.disconnect(str(ask.get("route", "")))
        return {}

    async def ban(self, ask: Ask) -> Any:
        """Answer 418 for ``seconds``."""
        self._venue.budgets.ban(int(ask["seconds"]))
        return {}

    async def release(self, ask: Ask) -> Any:
        """Do now what late faults hold back."""
        return {"released": self._venue.release()}

    async def order(self, ask: Ask) -> Any:
        """Place an order that the client has not sent: its fields are those of POST order."""
        params = Params({name: str(value) for name, value in ask.items()})
        if self._venue.spot is not None:
            spot = self._venue.spot.desk
            return found(spot.place(spot.prepare(params)))
        desk = self._venue.desk
        return order_taken(desk.place(desk.prepare(params)))


def _posted(work: Work) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            return _reply(await work(msgspec.json.decode(await request.body() or b"{}", type=Ask)))
        except Refusal as refusal:
            return _reply(refusal.body, refusal.status)
        except KeyError as error:
            return _reply({"error": f"{error.args[0]} is missing"}, 400)
        except (ValueError, TradebotError) as error:
            return _reply({"error": str(error)}, 400)

    return answer


def _reply(told: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(told), status, media_type="application/json")
