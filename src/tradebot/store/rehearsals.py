"""Receipts of rehearsals: what Binance did, step by step, when a bot's broker went through every act it needs.

One file for each market and place, the newest in the place of the one before it. What opens real money is a rehearsal
on the demo, of this code, that passed in every act and is not old; one on the local exchange shows how it goes, and no
more.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Never

import msgspec

from tradebot.core.errors import ConfigError, JournalError
from tradebot.core.instant import iso
from tradebot.store.durable import make_folder, storage_errors, write_durably
from tradebot.store.home import home
from tradebot.venues.binance import Market, Mode

VALID_DAYS: Final = 30
_DAY_NS: Final = 86_400_000_000_000
_DIGEST_LETTERS: Final = 12


class Standard(msgspec.Struct, frozen=True, kw_only=True):
    """What a rehearsal must have been of to count.

    Parameters
    ----------
    version : of tradebot.
    digest : SHA-256 of its source, for a version is as long as its development.
    acts : names of the steps there are.
    """

    version: str
    digest: str
    acts: tuple[str, ...]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One act of a rehearsal.

    Parameters
    ----------
    name, expected : the act, and what the exchange was to do.
    said : what it did.
    seconds : how long that took.
    passed : whether it was as expected.
    """

    name: str
    expected: str
    said: str
    seconds: float
    passed: bool


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """A rehearsal that has ended.

    Parameters
    ----------
    ts : when it ended, int64 ns UTC.
    market, host, symbol : where.
    version, digest : of tradebot, and of its source; receipts of earlier versions have no digest.
    behind : how long after an order's answer each list of the exchange showed it, the longest, seconds.
    steps : its acts, up to the first that was not as expected.
    """

    ts: int
    market: Market
    host: Mode
    symbol: str
    version: str
    digest: str = ""
    behind: dict[str, float] = {}
    steps: tuple[Step, ...]

    @property
    def failed(self) -> Step | None:
        """The step that was not as expected."""
        return next((step for step in self.steps if not step.passed), None)

    @property
    def expires(self) -> int:
        """Up to when it counts, int64 ns UTC."""
        return self.ts + VALID_DAYS * _DAY_NS

    def fault(self, now: int, standard: Standard) -> str:
        """Why it does not count now, held against what there is to rehearse; empty where it does."""
        if self.host != "demo":
            return f"it was on the {self.host} exchange, which proves nothing"
        if not self.steps:
            return "it has no step"
        if self.failed is not None:
            return f'its step "{self.failed.name}" failed at {iso(self.ts)}: {self.failed.said}'
        if self.version != standard.version:
            return f"it was of version {self.version}"
        if not self.digest:
            return "its receipt is of an earlier form, which does not say of which code it was"
        if self.digest != standard.digest:
            was, now_is = (each[:_DIGEST_LETTERS] for each in (self.digest, standard.digest))
            return f"it was of other code (source {was}, and this is {now_is})"
        played = {step.name for step in self.steps}
        if missing := [act for act in standard.acts if act not in played]:
            return f'it had no step "{missing[0]}"'
        if self.ts > now:
            return f"it is of {iso(self.ts)}, which has not come"
        if self.expires <= now:
            return f"it was at {iso(self.ts)}, and counts for {VALID_DAYS} days"
        return ""


class Rehearsals:
    """The rehearsals of this person.

    Parameters
    ----------
    folder : where the receipts are kept; ``rehearsals`` below tradebot's home unless given.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = home() / "rehearsals" if folder is None else folder

    def keep(self, receipt: Receipt) -> None:
        """Put a receipt in the place of the one before it, whether it passed or not.

        Raises
        ------
        DataError : it cannot be written.
        """
        with storage_errors(self.folder):
            make_folder(self.folder)
            write_durably(self._path(receipt.market, receipt.host), msgspec.json.encode(receipt) + b"\n")

    def of(self, market: Market, host: Mode = "demo") -> Receipt | None:
        """The newest rehearsal of a market at a place; ``None`` where there was none.

        Raises
        ------
        JournalError : its receipt cannot be read.
        """
        path = self._path(market, host)
        try:
            return msgspec.json.decode(path.read_bytes(), type=Receipt)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError) as error:
            mend = "Move it away, and rehearse again."
            raise JournalError(f"cannot be read: {error}", place=str(path), mend=mend) from None

    def all(self) -> list[Receipt]:
        """The newest rehearsal of each market and place.

        Raises
        ------
        JournalError : a receipt cannot be read.
        """
        places: list[tuple[Market, Mode]] = [("spot", "demo"), ("usdm", "demo"), ("spot", "local"), ("usdm", "local")]
        return [receipt for place in places if (receipt := self.of(*place)) is not None]

    def require(self, market: Market, now: int, standard: Standard) -> Receipt:
        """The rehearsal on the demo by which a market may trade real money now.

        Raises
        ------
        ConfigError : there is none that counts; the message says why.
        JournalError : its receipt cannot be read.
        """
        receipt = self.of(market)
        if receipt is None:
            _not_rehearsed(market)
        if fault := receipt.fault(now, standard):
            _not_rehearsed(market, fault)
        return receipt

    def _path(self, market: Market, host: Mode) -> Path:
        return self.folder / f"{host}-{market}.json"


def _not_rehearsed(market: str, fault: str = "") -> Never:
    fact = f"{market} has not been rehearsed on Binance's demo with this code"
    mend = "Do it with play money: tradebot live rehearse CONFIG"
    raise ConfigError(f"{fact}; {fault}" if fault else fact, place="broker.market", mend=mend)
