"""Where Binance is reached, and which keys belong there.

Sources: Binance Open Platform, USD-M futures, "General Info" (hosts) and "Websocket Market Streams" (the
routes public, market and private, each on its own path since 2026-04-23); Spot, "General API Information", "WebSocket
Streams" and "Demo Mode"; NautilusTrader's Binance adapter (the stream host of the futures' demo).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, cast
from urllib.parse import urlsplit

import msgspec

from tradebot.core.errors import ConfigError

Mode = Literal["live", "demo", "local"]
Market = Literal["usdm", "spot"]
Route = Literal["public", "market", "private"]

URL_VARIABLE: Final = "TRADEBOT_BINANCE_URL"
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
_REST: Final = {
    ("usdm", "live"): "https://fapi.binance.com",
    ("usdm", "demo"): "https://demo-fapi.binance.com",
    ("spot", "live"): "https://api.binance.com",
    ("spot", "demo"): "https://demo-api.binance.com",
}
_ACCOUNT: Final = {"live": "https://api.binance.com", "demo": ""}
_SOCKETS: Final = {
    ("usdm", "live"): "wss://fstream.binance.com",
    ("usdm", "demo"): "wss://demo-fstream.binance.com",
    ("spot", "live"): "wss://stream.binance.com:9443",
    ("spot", "demo"): "wss://demo-stream.binance.com:9443",
}
_REQUESTS: Final = {"live": "wss://ws-api.binance.com:443", "demo": "wss://demo-ws-api.binance.com"}
_REQUESTS_PATH: Final = "/ws-api/v3"
_PREFIXES: Final = {"live": "BINANCE", "demo": "BINANCE_DEMO", "local": "BINANCE_LOCAL"}


class BinanceHost(msgspec.Struct, frozen=True, kw_only=True):
    """One market of Binance at one place: live, demo, or a server on this machine.

    Parameters
    ----------
    mode : which of them.
    market : USD-M futures, or spot.
    rest, sockets : addresses of the REST endpoints and of the streams, without a path.
    account : address of the endpoints that tell what a key may do; empty where there are none.
    """

    mode: Mode
    market: Market = "usdm"
    rest: str
    sockets: str
    account: str

    @classmethod
    def of(cls, mode: Mode, *, url: str | None = None, market: Market = "usdm") -> BinanceHost:
        """The host of a mode; ``url`` is that of the local one, as ``http://127.0.0.1:8765``.

        Raises
        ------
        ConfigError : a local host is not on this machine, or another mode was given an address.
        """
        if mode != "local":
            if url:
                fact = f"it is set ({url}), and the {mode} exchange has its own address"
                raise ConfigError(fact, place=URL_VARIABLE, mend="Unset it, or trade on the local exchange.")
            place = (market, mode)
            return cls(mode=mode, market=market, rest=_REST[place], sockets=_SOCKETS[place], account=_ACCOUNT[mode])
        parts = urlsplit(url or "")
        if parts.scheme not in ("http", "https") or parts.hostname not in _LOOPBACK:
            raise ConfigError(
                f'"{url or ""}" is no address on this machine',
                place=URL_VARIABLE,
                mend='Give the one that "tradebot exchange" prints, as http://127.0.0.1:8765.',
            )
        rest = f"{parts.scheme}://{parts.netloc}"
        # There both markets share a port: the streams of spot, which have no routes, stand under a path of their own.
        sockets = rest.replace("http", "ws", 1) + ("/spot" if market == "spot" else "")
        return cls(mode="local", market=market, rest=rest, sockets=sockets, account=rest)

    @classmethod
    def of_environment(cls, environment: Mapping[str, str], mode: Mode, market: Market = "usdm") -> BinanceHost:
        """The host of a mode, the local one's address out of ``TRADEBOT_BINANCE_URL``."""
        return cls.of(mode, url=environment.get(URL_VARIABLE), market=market)

    @property
    def key_variables(self) -> tuple[str, str]:
        """Names of the variables that hold its key and secret; each mode has its own."""
        prefix = _PREFIXES[self.mode]
        return f"{prefix}_API_KEY", f"{prefix}_API_SECRET"

    def credentials(self, environment: Mapping[str, str]) -> tuple[str, str]:
        """Key and secret of this host.

        Raises
        ------
        ConfigError : one is missing, or it is that of another mode, which must never be sent here.
        """
        found: list[str] = []
        for name in self.key_variables:
            value = environment.get(name, "")
            if not value:
                mend = f"Set {name} in the environment or the keyring."
                raise ConfigError(f"{name} is not set", place=f"binance {self.mode}", mend=mend)
            found.append(value)
        for mode, prefix in _PREFIXES.items():
            if mode != self.mode and environment.get(f"{prefix}_API_KEY") == found[0]:
                fact = f"it is the same as {prefix}_API_KEY"
                mend = "Make a key for each: what is tried out must not be able to trade for real."
                raise ConfigError(fact, place=self.key_variables[0], mend=mend)
        return found[0], found[1]

    def socket(self, route: Route, path: str) -> str:
        """Address of a stream on one of the three routes of the futures; spot has none."""
        return f"{self.sockets}/{path}" if self.market == "spot" else f"{self.sockets}/{route}/{path}"

    @property
    def requests(self) -> str:
        """Address of spot's WebSocket API, on which its user stream is subscribed to."""
        if self.mode == "local":
            return f"{self.rest.replace('http', 'ws', 1)}{_REQUESTS_PATH}"
        return f"{_REQUESTS[self.mode]}{_REQUESTS_PATH}"

    def remapped(self, addresses: Any) -> Any:
        """A client's table of addresses with every one of them on this host.

        A table changed in part would leave the others live, so what this host does not have leads nowhere.
        """
        if isinstance(addresses, dict):
            below = cast("dict[str, Any]", addresses)
            return {name: self.remapped(address) for name, address in below.items()}
        path = urlsplit(str(addresses)).path
        if path.startswith("/api/" if self.market == "spot" else "/fapi/"):
            return self.rest + path
        return self.account + path if path.startswith("/sapi/") and self.account else f"{self.mode}:no-such-host"
