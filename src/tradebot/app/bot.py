"""A bot out of a configuration: what it is made of, how it comes back after a stop, and how it ends."""

from __future__ import annotations

import asyncio
import gc
import secrets
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from tradebot_native import give_back_freed_memory

from tradebot.app.account import account_of
from tradebot.app.approval import configuration_hash
from tradebot.app.approved_latch import ApprovedLatch
from tradebot.app.beginning import begun_on, left_behind, started_on
from tradebot.app.broking import broker_of
from tradebot.app.coins import Adopting
from tradebot.app.decision import plan_of
from tradebot.app.listening import Listening
from tradebot.app.markets import markets_of
from tradebot.app.missed import told_until
from tradebot.app.proving import prove
from tradebot.app.recording import StatusFile
from tradebot.brokers.paper import PaperBroker
from tradebot.core.event import Halt, OperatorCommand
from tradebot.core.interval import Interval
from tradebot.core.journal import RunStarted, RunStopped
from tradebot.engine.live.brokerage import Brokerage, Rhythm
from tradebot.engine.live.driver import Driver
from tradebot.engine.live.feeding import Feeding, Patience
from tradebot.engine.live.observer import Observer
from tradebot.engine.live.recovery import Recovered, recover
from tradebot.engine.live.settings import DriverSettings
from tradebot.engine.trader import Trader
from tradebot.store.accounts import account_folder
from tradebot.store.approvals import Approvals
from tradebot.store.journal import SqliteJournal
from tradebot.store.latch import Halted, HaltLatch
from tradebot.store.mailbox import Mailbox

if TYPE_CHECKING:
    from tradebot.config import Configuration, Loaded


class Bot:
    """One bot: opens its account, comes back from its record, trades, and stops. Made by :meth:`open`.

    Attributes
    ----------
    account : name of its account, below ``accounts`` in tradebot's home.
    run_id : name of its run; the same configuration goes on with the run it left.
    stand_in : account on paper that trades in its place since its broker was lost; empty where none does.
    stands_in_for : account in whose place this one trades on paper; empty where in none.
    trader : what decides; its status may be read between events.
    """

    def __init__(
        self,
        account: str,
        started: RunStarted,
        journal: SqliteJournal,
        latch: HaltLatch | ApprovedLatch,
        recovered: Recovered,
        left: str = "",
    ) -> None:
        self.account = account
        self.run_id = started.run_id
        self.mode = started.mode
        self.stand_in = self.stands_in_for = ""
        self.journal = journal
        self.latch = latch
        self._recovered = recovered
        self._left = left
        self._listening = Listening(Mailbox(journal.path.parent), latch, lambda: self.driver.now)
        self._published: StatusFile
        self._forgotten: dict[str, int] = {}
        self.driver: Driver
        self.trader: Trader

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        loaded: Loaded,
        environment: Mapping[str, str],
        *,
        iterations: int | None = None,
        observers: Sequence[Observer] = (),
    ) -> AsyncGenerator[Self]:
        """A bot, ready to run; its account and connections are closed behind it.

        Parameters
        ----------
        loaded : the configuration.
        environment : where addresses and keys stand.
        iterations : closed bars after which it stops by itself.
        observers : who is told what it sees and does.

        Raises
        ------
        TradebotError : the configuration does not fit, was not approved for live trading, another process runs the
            account, or its record is damaged.
        """
        configuration = loaded.configuration
        account = account_of(loaded)
        folder = account_folder(account)
        markets = markets_of(configuration, environment)
        async with AsyncExitStack() as opened:
            journal = opened.enter_context(SqliteJournal(folder))
            digest = configuration_hash(loaded)
            begun = begun_on(configuration, digest, journal, account)
            if begun is not None and begun.instruments:
                markets = replace(markets, instruments=begun.instruments)
            # New on the account, and short: client ids begin with it.
            run_id = f"tb{secrets.token_hex(4)}" if begun is None else begun.run_id
            since = told_until(journal, begun)
            broker = await opened.enter_async_context(
                broker_of(configuration, digest, markets, run_id, folder, environment, since)
            )
            started = started_on(configuration, digest, run_id, broker, begun)
            trader = Trader(plan_of(loaded, run_id, started.instruments, started.abilities))
            simulated = broker.engine if isinstance(broker.engine, PaperBroker) else None
            recovered = recover(journal, run_id, trader, simulated)
            left = await left_behind(configuration, begun, folder, environment)
            if left:
                # Before the start is on record: the next one goes on with the run, and asks no more.
                HaltLatch(folder).set(Halted(ts=time.time_ns(), operator="tradebot", reason=left))
            journal.append([started], durable=True)
            feed, clock = markets.open(max(recovered.newest.values(), default=None))
            if (close := getattr(feed, "close", None)) is not None:
                opened.push_async_callback(close)
            latch: HaltLatch | ApprovedLatch = HaltLatch(folder)
            if started.mode == "live":
                latch = ApprovedLatch(latch, Approvals(), digest)
            bot = cls(account, started, journal, latch, recovered, left)
            bot.trader = trader
            bot._forgotten = trader.forgotten
            bot._published = published = StatusFile(folder, bot.status)
            own = [] if broker.holdings is None else [Adopting(broker.holdings, trader)]
            bot.driver = Driver(
                trader,
                simulated or Brokerage(broker.engine, _rhythm(configuration)),
                Feeding(
                    feed,
                    broker.instruments,
                    Interval.parse(configuration.data.interval),
                    clock=clock,
                    patience=_patience(configuration),
                ),
                journal,
                bot.latch,
                bot._halt,
                clock,
                DriverSettings(
                    lookback_bars=configuration.data.lookback_bars,
                    cancel_on_stop=configuration.engine.cancel_on_stop,
                    iterations=iterations,
                ),
                (*own, published, bot._listening, *observers),
            )
            try:
                yield bot
            finally:
                published.publish()

    @property
    def notes(self) -> list[str]:
        """What a person should know of this start."""
        notes = [
            f"{symbol}: indicators are computed anew without the first {count:,} bars of the run; running sums may"
            " differ in their last digits, and what never forgets (on-balance volume) has begun again"
            for symbol, count in self._forgotten.items()
        ]
        return [self._left, *notes] if self._left else notes

    async def run(self) -> str:
        """Trade until told to stop; returns the reason."""
        _let_rest_be()
        give_back_freed_memory()
        works = self._listening.listen(self.tell), self._published.keep(), self._prove()
        beside = [asyncio.create_task(work) for work in works]
        try:
            reason = await self.driver.run(self._recovered)
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
        ended = time.time_ns() + self.driver.status()["clock"]["skew_ns"]
        self.journal.append([RunStopped(ts=ended, reason=reason)], durable=True)
        return reason

    def status(self) -> dict[str, Any]:
        """The run at a glance, as plain data."""
        standing = {"stand_in": self.stand_in, "stands_in_for": self.stands_in_for}
        return {"account": self.account, "mode": self.mode, **standing, **self.driver.status()}

    def stop(self, reason: str) -> None:
        """End in good order."""
        self.driver.stop(reason)

    async def tell(self, command: OperatorCommand) -> None:
        """Give an operator's order."""
        await self.driver.tell(command)

    async def _prove(self) -> None:
        """Halt where the record is found to have been changed; a start has read the end of it alone."""
        fault = await prove(self.journal.path.parent)
        if fault:
            self.latch.set(Halted(ts=time.time_ns(), operator="tradebot", reason=fault.rstrip(".")))

    def _halt(self, halt: Halt) -> None:
        self.latch.set(
            Halted(ts=time.time_ns(), operator=halt.operator or "bot", reason=halt.reason, flatten=halt.flatten)
        )


def _rhythm(configuration: Configuration) -> Rhythm:
    broker = configuration.broker
    longest = float(broker.retry_interval)
    lost_after = None if broker.when_lost == "wait" else float(broker.lost_after)
    return Rhythm(first_s=min(1.0, longest), longest_s=longest, lost_after_s=lost_after)


def _patience(configuration: Configuration) -> Patience:
    longest = float(configuration.data.retry_interval)
    return Patience(first_s=min(1.0, longest), longest_s=longest)


def _let_rest_be() -> None:
    """Take what there is by now out of every later search for garbage.

    A search stops every thread of the process. Over the modules of a bot and its API it takes tens of milliseconds, in
    which an order would wait; over what comes after them, well below one.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
