"""Who asks: API keys, signatures and timestamps.

Source: Binance Open Platform, USD-M futures, "General Info", sections on endpoint security and timing security.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

from tradebot.exchange.clock import Clock
from tradebot.exchange.params import Params
from tradebot.exchange.refusals import Refusal

_LEEWAY_MS: Final = 1000
_LONGEST_WINDOW_MS: Final = 60_000


class Gatekeeper:
    """Checks keys and signatures of one account."""

    def __init__(self, key: str, secret: str, clock: Clock) -> None:
        self._key = key
        self._secret = secret.encode()
        self._clock = clock

    def check_key(self, key: str) -> None:
        """Hold the X-MBX-APIKEY header against the account's key.

        Raises
        ------
        Refusal : it is missing or another one.
        """
        if not key:
            raise Refusal(-2014)
        if not hmac.compare_digest(key.encode(), self._key.encode()):
            raise Refusal(-2015)

    def check_signature(self, query: str, body: str, params: Params) -> None:
        """Hold a signature against the exact text that was sent, and the timestamp against the clock.

        Parameters
        ----------
        query, body : as they came, still encoded; what is signed is one after the other, without the signature.

        Raises
        ------
        Refusal : the signature is not the text's, or the request is too old or from the future.
        """
        signed = _unsigned(query) + _unsigned(body)
        self._check(signed, params)

    def check_payload(self, params: Params, sent: Mapping[str, str]) -> None:
        """Hold the signature of a websocket request against its parameters in the order of their names.

        Raises
        ------
        Refusal : the signature is not theirs, or the request is too old or from the future.
        """
        signed = "&".join(f"{name}={sent[name]}" for name in sorted(sent) if name != "signature")
        self._check(signed, params)

    def _check(self, signed: str, params: Params) -> None:
        signature = params.text("signature")
        timestamp = params.needed_integer("timestamp")
        window = min(params.integer("recvWindow", 5000) or 5000, _LONGEST_WINDOW_MS)
        now = self._clock.now_ms()
        if timestamp > now + _LEEWAY_MS or now - timestamp > window:
            raise Refusal(-1021)
        expected = hmac.new(self._secret, signed.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(signature.lower().encode(), expected.encode()):
            raise Refusal(-1022)


def _unsigned(sent: str) -> str:
    return "&".join(part for part in sent.split("&") if part and not part.startswith("signature="))
