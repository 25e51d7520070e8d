"""How the interface is served and who may use it."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from typing import Final

import msgspec

LOOPBACK_NAMES: Final = ("localhost", "127.0.0.1", "[::1]", "::1")


class ApiSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How the interface is served.

    Parameters
    ----------
    host, port : address it is bound to.
    allowed_hosts : more names it may be asked under (header ``Host``); ``*`` for any.
    trusted_proxies : addresses or networks of proxies in front, which are believed who asks and whether by https.
    operator_password, viewer_password : plain, or as an Argon2 hash (``$argon2id$…``); empty for none.
    tokens : file of the tokens of programs.
    session_s : seconds after which a browser must log in again.
    body_bytes : longest body that is taken.
    waiting : most messages that wait for one listener of the stream; a slower one is dropped.
    remembered : messages a listener can take up again.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    allowed_hosts: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    operator_password: str = ""
    viewer_password: str = ""
    tokens: Path | None = None
    session_s: float = 12 * 3600.0
    body_bytes: int = 1_048_576
    waiting: int = 1_000
    remembered: int = 20_000

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine reaches it."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host.strip("[]")).is_loopback
        except ValueError:
            return False
