"""What an answer of Binance means for a request: refused, or nobody knows. Judged by the code in the body alone.

Sources: Binance Open Platform, USD-M futures and Spot, "HTTP Return Codes" and "Error Codes". ccxt's classes are no
help: they depend on the host that answered.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from tradebot.core.errors import TradebotError

UNKNOWN_ORDER: Final = (-2011, -2013)
"""The order to cancel, or to look up, is not there."""
TIMESTAMP: Final = -1021
NO_LISTEN_KEY: Final = -1125
NOTHING_TO_CHANGE: Final = (-4046, -4059)
"""The margin type, or the position mode, is set already."""
REJECTED: Final = -2010
"""Spot's matching engine does not take an order: its price was passed, or the coins are not there."""
REDUCE_ONLY: Final = (-2022, -4118)
SAME_TERMS: Final = -5027
TRIGGERS_NOW: Final = -2021
"""The price of a conditional order lies behind the market."""

# Disconnected, unexpected answer inside, timeout inside: the order may have been executed.
_UNKNOWN_CODES: Final = (-1001, -1006, -1007)
OVERLOADED: Final = -1008
_TOO_MANY: Final = 429
_UNAVAILABLE: Final = 503

ATTEMPTS: Final = 3
"""Times that an order which closes or protects a position is sent, where it is refused for what passes."""
_AGAIN_S: Final = 0.5


class Refused(TradebotError):  # noqa: N818 - it is an answer
    """Binance has not done what it was asked for.

    Parameters
    ----------
    code : of the body; 0 where it has none.
    status : of HTTP.
    text : the body's message.
    """

    def __init__(self, code: int, status: int, text: str) -> None:
        super().__init__(f"{text} ({code or status})", place="binance")
        self.code = code
        self.status = status

    @property
    def passes(self) -> bool:
        """Whether the same request may be taken a moment later."""
        # A 503 that leaves the outcome open is no refusal: see judged.
        return self.code in (TIMESTAMP, OVERLOADED) or self.status in (_TOO_MANY, _UNAVAILABLE)

    def again_s(self, attempt: int) -> float | None:
        """Seconds after which an order that closes or protects a position is sent again; ``None`` where it is not.

        Parameters
        ----------
        attempt : times that it was sent.
        """
        return _AGAIN_S * attempt if self.passes and attempt < ATTEMPTS else None


class Unanswered(TradebotError):  # noqa: N818 - nobody knows whether it is one
    """No answer, or one that does not say whether it was done."""


class Paused(TradebotError):  # noqa: N818 - it passes by itself
    """Not asked at all: the venue has told us to wait, or our own budget is used up.

    Parameters
    ----------
    seconds : until it may be asked again.
    """

    def __init__(self, fact: str, seconds: float) -> None:
        super().__init__(fact, place="binance")
        self.seconds = seconds


def judged(status: int, code: int, text: str, market: str = "usdm") -> Refused | Unanswered | None:
    """What an answer means; ``None`` where it is a success.

    Parameters
    ----------
    status : of HTTP.
    code : ``code`` of the body; 0 where it has none. Successes have none, or 200.
    text : ``msg`` of the body, or what stands in its place.
    market : ``usdm`` or ``spot``, of which only the first has a 503 that is sure to have failed.
    """
    if status < 400 and code >= 0:
        return None
    unknown = code in _UNKNOWN_CODES or status == 408
    if status >= 500 and code != OVERLOADED:
        # Of the futures' 503s "Service Unavailable" says that it has failed; "Unknown error" says that nobody knows.
        unknown = market == "spot" or status != _UNAVAILABLE or "service unavailable" not in text.lower()
    return (
        Unanswered(f"{text[:200]} ({code or status})", place="binance")
        if unknown
        else Refused(code, status, text[:200])
    )


@contextmanager
def understood(what: str) -> Generator[None]:
    """Take an answer that is not built as it should be for none.

    Raises
    ------
    Unanswered : it lacks a part, or one of its parts is no number.
    """
    try:
        yield
    except (KeyError, ValueError, TypeError, ArithmeticError) as error:
        raise Unanswered(f"{what} is not understood: {error!r}", place="binance") from error
