"""Tokens of programs: shown once, kept as hashes in a file of one's own."""

from __future__ import annotations

import hashlib
import secrets
import time
from pathlib import Path
from typing import Final

import msgspec

from tradebot.api.access.roles import Role
from tradebot.core.errors import ConfigError
from tradebot.store.durable import make_folder, write_durably
from tradebot.store.home import home

_PREFIX: Final = "tbk_"


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A token: whose it is, what it may, since when (int64 ns UTC), and the SHA-256 of its text."""

    name: str
    role: str
    created: int
    digest: str


def tokens_file() -> Path:
    """Where tokens are kept."""
    return home() / "api" / "tokens.json"


class Tokens:
    """The tokens of a file; a change of the file holds at once.

    Parameters
    ----------
    file : made by the first token; ``None`` for no tokens at all.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._stamp: tuple[int, int] | None = None
        self._by_digest: dict[str, Token] = {}

    def __bool__(self) -> bool:
        self._refresh()
        return bool(self._by_digest)

    def all(self) -> list[Token]:
        """Every token, the oldest first."""
        self._refresh()
        return sorted(self._by_digest.values(), key=lambda token: token.created)

    def find(self, text: str) -> Token | None:
        """The token of that text. Hashes are compared, so that the time it takes tells nothing."""
        self._refresh()
        return self._by_digest.get(_digest(text))

    def create(self, name: str, role: Role) -> str:
        """A new token; its text, which is kept nowhere.

        Raises
        ------
        ConfigError : the name is taken.
        """
        known = self.all()
        if name in {token.name for token in known}:
            raise ConfigError(f'a token is called "{name}"', place="name", mend="Choose another name, or revoke it.")
        text = f"{_PREFIX}{secrets.token_urlsafe(32)}"
        self._write([*known, Token(name=name, role=role.word, created=time.time_ns(), digest=_digest(text))])
        return text

    def revoke(self, name: str) -> bool:
        """Take a token away; false where there is none of the name."""
        known = self.all()
        left = [token for token in known if token.name != name]
        if len(left) == len(known):
            return False
        self._write(left)
        return True

    def _refresh(self) -> None:
        if self._file is None:
            return
        try:
            found = self._file.stat()
        except FileNotFoundError:
            self._by_digest, self._stamp = {}, None
            return
        stamp = (found.st_mtime_ns, found.st_size)
        if stamp == self._stamp:
            return
        if found.st_mode & 0o077:
            mend = f"`chmod 600 {self._file}`."
            raise ConfigError("others than you may read it", place=str(self._file), mend=mend)
        try:
            tokens = msgspec.json.decode(self._file.read_bytes(), type=list[Token])
        except msgspec.MsgspecError as error:
            raise ConfigError(f"is damaged: {error}", place=str(self._file), mend="Make the tokens anew.") from None
        self._by_digest, self._stamp = {token.digest: token for token in tokens}, stamp

    def _write(self, tokens: list[Token]) -> None:
        if self._file is None:
            raise ConfigError("there is no file of tokens", place="tokens")
        make_folder(self._file.parent)
        write_durably(self._file, msgspec.json.format(msgspec.json.encode(tokens)) + b"\n", private=True)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
