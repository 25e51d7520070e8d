"""Faults on purpose: what goes wrong with requests, messages and executions, on demand and repeatably."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from random import Random
from typing import Any, Final, Literal, cast

import msgspec

from tradebot.core.errors import ConfigError
from tradebot.core.instrument import Instrument
from tradebot.exchange.refusals import MESSAGES, Refusal

RequestAction = Literal["delay", "drop", "error", "lose_answer", "error_after", "late"]
MessageAction = Literal["lose", "duplicate", "reorder", "postpone", "disconnect"]
ExecutionAction = Literal["split", "hide"]

_REQUEST: Final = ("delay", "drop", "error", "lose_answer", "error_after", "late")
_MESSAGE: Final = ("lose", "duplicate", "reorder", "postpone", "disconnect")
_UNKNOWN: Final = "Unknown error, please check your request or try again later."


class Fault(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One thing that goes wrong.

    Of requests: ``delay`` works on it after ``seconds``; ``drop`` does not work on it and cuts the connection after
    ``seconds``; ``error`` answers with ``code`` and does nothing; ``lose_answer`` does it and cuts the connection after
    ``seconds``; ``error_after`` does it and answers with ``code`` after ``seconds``; ``late`` answers with ``code`` and
    does it after ``seconds``, or, where none are given, when the control endpoint releases it.

    Of messages: ``lose``, ``duplicate``, ``reorder`` (after the next one), ``postpone`` (by ``seconds``) and
    ``disconnect``, which cuts the connection in place of a message.

    Of executions: ``split`` makes ``pieces`` of one; ``hide`` keeps a new order from queries for ``seconds``.

    Parameters
    ----------
    action : what happens.
    on : requests whose ``METHOD /path`` begins with it, streams of a route (``private``, ``public``, ``market``) or one
        stream; empty for all.
    event : messages of this ``e`` alone.
    times : how often at most; ``None`` without end.
    chance : probability of each time.
    seconds : how long; ``None`` until released, for ``late``.
    code : error code of the answer; 0 is the 503 that leaves the outcome unknown.
    status : HTTP status of the answer, where it is not the code's usual one.
    text : message of the answer, where it is not the code's usual one.
    pieces : of a split execution; at least 2.
    """

    action: RequestAction | MessageAction | ExecutionAction
    on: str = ""
    event: str = ""
    times: int | None = 1
    chance: float = 1.0
    seconds: float | None = None
    code: int = 0
    status: int | None = None
    text: str = ""
    pieces: int = 2
    fired: int = 0

    @property
    def refusal(self) -> Refusal:
        """The answer of ``code``."""
        if not self.code:
            return Refusal(-1000, text=self.text or _UNKNOWN, status=self.status or 503)
        usual = MESSAGES.get(self.code, "").partition("{")[0] or f"Error {self.code}."
        return Refusal(self.code, text=self.text or usual, status=self.status)

    @property
    def wait(self) -> float:
        """Seconds, 0 where they are not given."""
        return self.seconds or 0.0


class Faults:
    """The faults that are armed, and what they have held back.

    Parameters
    ----------
    seed : of the chances.
    armed : faults from the start.
    """

    def __init__(self, seed: int = 0, armed: Iterable[Fault] = ()) -> None:
        self._random = Random(seed)  # noqa: S311 - dice of a simulation
        self._held: dict[str, tuple[str, Any]] = {}
        self.armed = [msgspec.structs.replace(each) for each in armed]

    def arm(self, faults: Iterable[Fault]) -> None:
        """Add faults."""
        self.armed.extend(faults)

    def clear(self) -> None:
        """Forget every fault."""
        self.armed.clear()

    def of_request(self, method: str, path: str) -> Fault | None:
        """What goes wrong with a request."""
        return self._fires(_REQUEST, f"{method} {path}".startswith)

    def of_order(self) -> Fault | None:
        """What hides a new order."""
        return self._fires(("hide",), _any)

    def of_message(self, route: str, stream: str, message: Any) -> list[tuple[float, Any]] | None:
        """What becomes of a message: messages to send, each after seconds; ``None`` cuts the connection."""
        kind = str(cast(dict[str, Any], message).get("e", "")) if isinstance(message, dict) else ""
        fault = self._fires(_MESSAGE, lambda on: on in ("", route, stream), kind)
        held = self._held.pop(route, None)
        after = [(0.0, held[1])] if held is not None else []
        if fault is None:
            return [(0.0, message), *after]
        match fault.action:
            case "lose":
                return after
            case "duplicate":
                return [(0.0, message), (0.0, message), *after]
            case "reorder":
                self._held[route] = (stream, message)
                return after
            case "postpone":
                return [(fault.wait, message), *after]
            case _:
                return None

    def pieces(self, quantity: Decimal, instrument: Instrument) -> list[Decimal]:
        """In which pieces an execution comes."""
        fault = self._fires(("split",), lambda on: on in ("", instrument.symbol))
        piece = instrument.snap_quantity(quantity / fault.pieces) if fault else quantity
        if fault is None or not piece:
            return [quantity]
        count = fault.pieces
        return [piece] * (count - 1) + [quantity - piece * (count - 1)]

    def _fires(self, actions: tuple[str, ...], concerns: Callable[[str], bool], kind: str = "") -> Fault | None:
        for fault in self.armed:
            spent = fault.times is not None and fault.fired >= fault.times
            if fault.action not in actions or spent or fault.event not in ("", kind) or not concerns(fault.on):
                continue
            if fault.chance < 1.0 and self._random.random() >= fault.chance:
                continue
            fault.fired += 1
            return fault
        return None


def _any(_on: str) -> bool:
    return True


def read_faults(text: bytes | str, place: str = "faults") -> list[Fault]:
    """Faults of a JSON document: one, or a list.

    Raises
    ------
    ConfigError : the document is no JSON, or a fault has an unknown action or field.
    """
    try:
        faults: list[Fault] | Fault = msgspec.json.decode(text, type=list[Fault] | Fault)
    except msgspec.DecodeError as error:
        raise ConfigError(
            str(error), place=place, mend="docs/local-exchange.md lists the faults and their fields."
        ) from None
    return faults if isinstance(faults, list) else [faults]
