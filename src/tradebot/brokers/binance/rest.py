"""Requests to Binance: each leaves once, within the budget, signed on the venue's time, and its answer is judged."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import random
import time
from collections.abc import Mapping
from typing import Any, Final, cast

import msgspec

from tradebot.brokers.binance.budget import Budget
from tradebot.brokers.binance.refusals import TIMESTAMP, Paused, Refused, Unanswered, judged
from tradebot.core.errors import ConfigError
from tradebot.core.redaction import Redactor
from tradebot.venues.binance import BinanceHost

_MILLISECOND: Final = 1_000_000
_SECOND: Final = 1_000_000_000
_ATTEMPTS: Final = 3
_FIRST_WAIT_S: Final = 0.1


class Endpoint(msgspec.Struct, frozen=True):
    """An endpoint.

    Parameters
    ----------
    call : ccxt's implicit method of it.
    weight, orders : what a request costs of the budgets.
    urgent : whether it may use the reserve: it closes or cancels.
    repeats : whether asking again changes nothing, so that a question that failed may be asked again.
    patience_s : longest wait for the budget before it is given up.
    answer_s : longest wait for the answer; ``None`` for that of all requests.
    """

    call: str
    weight: int = 1
    orders: int = 0
    urgent: bool = False
    repeats: bool = True
    patience_s: float = 60.0
    answer_s: float | None = None


_TIME: Final = {"usdm": Endpoint("fapiPublicGetTime"), "spot": Endpoint("publicGetTime")}


class BinanceRest:
    """The REST endpoints of one host.

    Nothing that changes something is ever sent twice; only questions are repeated.

    Parameters
    ----------
    host : where.
    key, secret : of the account.
    timeout_s : longest wait for an answer.
    closes : whether it serves to look and to close alone, and so may use the reserve of the budget.

    Attributes
    ----------
    budget : what may still be asked.
    redactor : takes key and secret, and what looks like one, out of what the venue says.
    skew : the venue's time less this machine's at the last look, ns.

    Raises
    ------
    ConfigError : ccxt is not installed.
    """

    def __init__(
        self, host: BinanceHost, key: str, secret: str, *, timeout_s: float = 10.0, closes: bool = False
    ) -> None:
        try:
            import ccxt.async_support as ccxt
        except ModuleNotFoundError as error:
            mend = "Install it: pip install 'tradebot[binance]'."
            raise ConfigError(f"the package {error.name} is not installed", place="binance", mend=mend) from error
        config: Any = {
            "apiKey": key,
            "secret": secret,
            "timeout": int(timeout_s * 1000),
            "enableRateLimit": False,
            "options": {"fetchCurrencies": False, "maxRetriesOnFailure": 0},
        }
        client: Any = ccxt.binanceusdm(config)
        client.urls["api"] = host.remapped(client.urls["api"])
        client.nonce = self._stamp
        client.handle_errors = self._judge
        self._client = client
        self._market = host.market
        self._closes = closes
        self._errors: Any = ccxt.BaseError
        self._origin = time.time_ns() - time.monotonic_ns()
        self.skew = 0
        self.redactor = Redactor((key, secret))
        self.budget = Budget(lambda: self.now() / _SECOND, host.market)

    def now(self) -> int:
        """The venue's time, int64 ns UTC."""
        return time.monotonic_ns() + self._origin + self.skew

    async def time(self) -> int:
        """Ask the venue's clock, int64 ns UTC, and go by it from here on.

        Its answer belongs to the middle of the round trip (Cristian 1989, Probabilistic clock synchronization).
        """
        asked = time.monotonic_ns()
        told: Any = await self.ask(_TIME[self._market])
        venue_ts = int(told["serverTime"]) * _MILLISECOND
        self.skew = venue_ts - ((asked + time.monotonic_ns()) // 2 + self._origin)
        return venue_ts

    async def ask(self, endpoint: Endpoint, params: Mapping[str, Any] | None = None) -> Any:
        """Send a request; returns the body of its answer.

        Raises
        ------
        Refused : the venue has not done it.
        Unanswered : nobody knows.
        Paused : it was not sent.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            urgent = endpoint.urgent or self._closes
            await self.budget.take(endpoint.weight, endpoint.orders, urgent=urgent, patience_s=endpoint.patience_s)
            try:
                return await self._once(endpoint, params or {})
            except Refused as refusal:
                if refusal.code == TIMESTAMP:
                    # No answer to that makes a refusal less sure.
                    with contextlib.suppress(Refused, Unanswered, Paused):
                        await self.time()
                if not refusal.passes or not endpoint.repeats or attempt == _ATTEMPTS:
                    raise
            except Unanswered:
                if not endpoint.repeats or attempt == _ATTEMPTS:
                    raise
            await asyncio.sleep(_FIRST_WAIT_S * 2**attempt * random.uniform(0.5, 1.0))  # noqa: S311 - no secret hangs on it
        raise AssertionError(endpoint)

    def signed(self) -> dict[str, Any]:
        """Parameters of a websocket request that has none of its own: key, time and signature."""
        params: dict[str, Any] = {"apiKey": self._client.apiKey, "timestamp": self._stamp()}
        text = "&".join(f"{name}={params[name]}" for name in sorted(params))
        secret = str(self._client.secret).encode()
        return params | {"signature": hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()}

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _once(self, endpoint: Endpoint, params: Mapping[str, Any]) -> Any:
        try:
            async with asyncio.timeout(endpoint.answer_s):
                return await getattr(self._client, endpoint.call)(dict(params))
        except (self._errors, OSError, ValueError) as error:
            # The address, which holds the signature, is in ccxt's text.
            raise Unanswered(f"no answer ({type(error).__name__})", place="binance") from None

    def _stamp(self) -> int:
        return self.now() // _MILLISECOND

    def _judge(
        self, status: int, reason: str, url: str, method: str, headers: Any, body: str, response: Any, *_: Any
    ) -> None:
        """In place of ccxt's own judgement."""
        self.budget.told(status, cast("Mapping[str, str]", headers or {}))
        told = cast("dict[str, Any]", response) if isinstance(response, dict) else {}
        code = told.get("code", 0)
        # Some successes have the code 200, as a number or as text.
        number = int(code) if str(code).lstrip("-").isdigit() else 0
        error = judged(status, number, self.redactor.text(str(told.get("msg") or body or reason)), self._market)
        if error is None and response is None:
            error = Unanswered("the answer is no JSON", place="binance")
        if error is not None:
            raise error
