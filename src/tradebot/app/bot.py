"""A bot out of a configuration: what it is made of, how it comes back after a stop, and how it ends."""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import msgspec
import tradebot_native as native

from tradebot import __version__
from tradebot.app.decision import plan_of
from tradebot.app.markets import Markets, markets_of
from tradebot.brokers.paper import PaperBroker
from tradebot.core.event import Halt, OperatorCommand
from tradebot.core.interval import Interval
from tradebot.core.journal import RunStarted, RunStopped
from tradebot.engine.account import Simulation
from tradebot.engine.live.driver import Driver, DriverSettings, Observer
from tradebot.engine.live.feeding import Feeding, Patience
from tradebot.engine.live.recovery import recover
from tradebot.engine.trader import Trader
from tradebot.store.accounts import account_folder
from tradebot.store.journal import SqliteJournal
from tradebot.store.latch import Halted, HaltLatch
from tradebot.store.ledger.queries import Ledger

if TYPE_CHECKING:
    from types import TracebackType

    from tradebot.config import Configuration, Loaded

_UNNAMED: Final = re.compile(r"[^a-z0-9_.-]+")


def account_of(loaded: Loaded) -> str:
    """Name of the account a configuration trades on: its own word, or the file's name."""
    given = loaded.configuration.engine.account
    return given or _UNNAMED.sub("-", Path(loaded.source).stem.lower()).strip("-._") or "bot"


def configuration_hash(configuration: Configuration) -> str:
    """What an approval is given for: sha256 of the checked document, in hex."""
    document = configuration.model_dump(mode="json")
    return hashlib.sha256(msgspec.json.encode(document, order="deterministic")).hexdigest()


class Bot:
    """One bot: opens its account, comes back from its record, trades, and stops. Use it as a context manager.

    Parameters
    ----------
    loaded : the configuration.
    iterations : closed bars after which it stops by itself.
    observers : who is told what it sees and does.

    Attributes
    ----------
    account : name of its account, below ``accounts`` in tradebot's home.
    run_id : name of its run; the same configuration goes on with the run it left.

    Raises
    ------
    TradebotError : the configuration does not fit, another process runs the account, or its record is damaged.
    """

    def __init__(self, loaded: Loaded, *, iterations: int | None = None, observers: Sequence[Observer] = ()) -> None:
        configuration = loaded.configuration
        self.account = account_of(loaded)
        folder = account_folder(self.account)
        markets = markets_of(configuration)
        with ExitStack() as opened:
            self.journal = opened.enter_context(SqliteJournal(folder))
            self.latch = HaltLatch(folder)
            started = _started(configuration, _run_to_resume(folder, configuration_hash(configuration)))
            self.run_id = started.run_id
            self.broker = PaperBroker(markets.instruments, _exchange(configuration, markets, self.run_id))
            self.trader = Trader(plan_of(loaded, self.run_id, markets.instruments, self.broker.abilities))
            recovered = recover(self.journal, self.run_id, self.trader, self.broker)
            self.journal.append([started], durable=True)
            feed, clock = markets.open(max(recovered.newest.values(), default=None))
            self.feeding = Feeding(
                feed,
                markets.instruments,
                Interval.parse(configuration.data.interval),
                clock=clock,
                patience=_patience(configuration),
            )
            settings = DriverSettings(
                lookback_bars=configuration.data.lookback_bars,
                cancel_on_stop=configuration.engine.cancel_on_stop,
                iterations=iterations,
            )
            self.driver = Driver(
                self.trader,
                self.broker,
                self.feeding,
                self.journal,
                self.latch,
                self._halt,
                clock,
                settings,
                observers,
            )
            self._recovered = recovered
            self._opened = opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()

    async def run(self) -> str:
        """Trade until told to stop; returns the reason."""
        reason = await self.driver.run(self._recovered)
        self.journal.append([RunStopped(ts=time.time_ns(), reason=reason)], durable=True)
        return reason

    def stop(self, reason: str) -> None:
        """End in good order."""
        self.driver.stop(reason)

    async def tell(self, command: OperatorCommand) -> None:
        """Give an operator's order."""
        await self.driver.tell(command)

    def _halt(self, halt: Halt) -> None:
        self.latch.set(Halted(ts=time.time_ns(), operator="bot", reason=halt.reason, flatten=halt.flatten))


def _started(configuration: Configuration, run_to_resume: str | None) -> RunStarted:
    return RunStarted(
        ts=time.time_ns(),
        # New on the account, and short: client ids begin with it.
        run_id=run_to_resume or f"tb{secrets.token_hex(4)}",
        mode="paper",
        configuration=msgspec.json.encode(configuration.model_dump(mode="json")).decode(),
        configuration_hash=configuration_hash(configuration),
        code_version=__version__,
    )


def _run_to_resume(folder: Path, digest: str) -> str | None:
    """The account's last run, if it was of this very configuration."""
    with Ledger(folder) as ledger:
        last = next(iter(ledger.runs(limit=1)), None)
    return last.run_id if last is not None and last.configuration_hash == digest else None


def _exchange(configuration: Configuration, markets: Markets, run_id: str) -> native.SimExchange:
    broker = configuration.broker
    slippage = native.Slippage.bps(float(broker.slippage_bps)) if broker.slippage_bps else native.Slippage.none()
    simulation = Simulation(slippage=slippage, leverage=float(broker.leverage))
    specs = [instrument.native() for instrument in markets.instruments]
    return simulation.exchange(specs, float(broker.initial_balance), run_id)


def _patience(configuration: Configuration) -> Patience:
    longest = float(configuration.data.retry_interval)
    return Patience(first_s=min(1.0, longest), longest_s=longest)
