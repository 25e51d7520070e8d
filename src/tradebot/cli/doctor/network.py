"""Whether the venues can be reached, and how far the clock is from theirs."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from tradebot.cli.doctor.finding import Finding

if TYPE_CHECKING:
    from httpx2 import AsyncClient, Response

# Answered without a key; what is asked does not matter, only that somebody answers.
VENUES: Final = {
    "Binance USD-M": "https://fapi.binance.com/fapi/v1/time",
    "Binance spot": "https://api.binance.com/api/v3/time",
    "Alpaca": "https://data.alpaca.markets/",
    "Polygon": "https://api.polygon.io/",
    "Yahoo": "https://query1.finance.yahoo.com/",
}
TIMEOUT_S: Final = 4.0
# Binance refuses a request dated more than a second ahead of its own clock.
_WORST_SKEW_S: Final = 1.0
_SKEW_S: Final = 0.5
_HTTP_DATE_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came back from a venue.

    Attributes
    ----------
    seconds : how long the answer took.
    ahead : how far our clock is ahead of the venue's, in seconds, to within ``unsure``; ``None`` where it told no time.
    failure : why there was no answer; empty where there was.
    """

    seconds: float = 0.0
    ahead: float | None = None
    unsure: float = 0.0
    failure: str = ""


def network_findings(venues: Mapping[str, str] = VENUES, timeout_s: float = TIMEOUT_S) -> list[Finding]:
    """Ask every venue at once.

    Parameters
    ----------
    venues : name to an address that answers without a key.
    timeout_s : longest wait for one answer.
    """
    answers = asyncio.run(_ask_all(venues, timeout_s))
    findings = [_reached(name, answer) for name, answer in answers.items()]
    if all(answer.failure for answer in answers.values()):
        mend = "Backtests need no network. For downloads and trading look at the connection, proxy and firewall."
        first = next(iter(answers.values())).failure
        return [_clock(answers), Finding("Network", "note", f"no venue can be reached ({first})", mend)]
    return [_clock(answers), *findings]


def _reached(name: str, answer: _Answer) -> Finding:
    if answer.failure:
        mend = "Look at proxy and firewall; some venues shut out some countries."
        return Finding(name, "note", f"cannot be reached: {answer.failure}", mend)
    return Finding(name, "ok", f"answered in {answer.seconds * 1_000:,.0f} ms")


def _clock(answers: Mapping[str, _Answer]) -> Finding:
    told = {name: (answer.ahead, answer.unsure) for name, answer in answers.items() if answer.ahead is not None}
    if not told:
        return Finding("Clock", "note", "unknown, for no venue told the time", "Run it again with a network.")
    name, (ahead, unsure) = min(told.items(), key=lambda item: item[1][1])
    side = "ahead of" if (ahead or 0.0) > 0 else "behind"
    fact = f"{abs(ahead or 0.0):.2f} s {side} {name}, to within {unsure:.2f} s"
    certain = abs(ahead or 0.0) - unsure
    mend = "Let the system keep its time: timedatectl set-ntp true, or chrony."
    if certain > _WORST_SKEW_S:
        return Finding("Clock", "problem", fact, mend)
    return Finding("Clock", "note", fact, mend) if certain > _SKEW_S else Finding("Clock", "ok", fact)


async def _ask_all(venues: Mapping[str, str], timeout_s: float) -> dict[str, _Answer]:
    import httpx2

    async with httpx2.AsyncClient(timeout=timeout_s) as client:
        answers = await asyncio.gather(*(_ask(client, address, timeout_s) for address in venues.values()))
    return dict(zip(venues, answers, strict=True))


async def _ask(client: AsyncClient, address: str, timeout_s: float) -> _Answer:
    import httpx2

    try:
        # The whole exchange has a bound too: a venue may trickle its answer byte by byte.
        async with asyncio.timeout(timeout_s):
            before, started = time.time(), time.perf_counter()
            response = await _get(client, address)
            seconds = time.perf_counter() - started
    except (TimeoutError, httpx2.TimeoutException):
        return _Answer(failure=f"no answer within {timeout_s:g} s")
    except (httpx2.HTTPError, OSError) as error:
        return _Answer(failure=str(error).partition("\n")[0] or type(error).__name__)
    return _read(response, before + seconds / 2, seconds)


async def _get(client: AsyncClient, address: str) -> Response:
    """The answer; a connection that fails is tried once more, for one lost packet is no finding."""
    import httpx2

    try:
        return await client.get(address)
    except (httpx2.NetworkError, httpx2.RemoteProtocolError):
        await asyncio.sleep(random.uniform(0.05, 0.2))  # noqa: S311 - spreads attempts, keeps no secret
        return await client.get(address)


def _read(response: Response, ours: float, seconds: float) -> _Answer:
    """The venue's time out of the answer: exact where Binance tells it, to the second out of the header."""
    try:
        theirs = float(response.json()["serverTime"]) / 1_000
        return _Answer(seconds, ours - theirs, seconds / 2)
    except (ValueError, TypeError, KeyError):
        pass
    try:
        theirs = parsedate_to_datetime(response.headers.get("date", "")).timestamp()
    except ValueError:
        return _Answer(seconds)
    # The header leaves the part of a second away.
    return _Answer(seconds, ours - theirs - _HTTP_DATE_S / 2, seconds / 2 + _HTTP_DATE_S / 2)
