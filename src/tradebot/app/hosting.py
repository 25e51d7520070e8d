"""A bot in a thread of its own, so that nothing else in the process makes it wait."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tradebot.app.account import account_of
from tradebot.app.bot import Bot
from tradebot.app.decision import idea_of
from tradebot.app.markets import markets_of
from tradebot.app.paper import set_aside
from tradebot.app.precedence import Precedence
from tradebot.app.recording import Recording
from tradebot.app.standing_in import trade
from tradebot.app.telling import Telling
from tradebot.app.watching import BotSnapshot, Watch
from tradebot.core.errors import TradebotError
from tradebot.core.event import Answered, Event, Notify, OperatorAction, Output, Severity
from tradebot.core.interval import Interval
from tradebot.core.redaction import Redactor
from tradebot.store.account_file import FILE
from tradebot.store.accounts import account_folder
from tradebot.store.latch import HaltLatch

if TYPE_CHECKING:
    from tradebot.app.watching import Phase
    from tradebot.config import Loaded
    from tradebot.core.bar import BarArray
    from tradebot.strategies import PortfolioPolicy, Strategy

_LOOK_EVERY_S: Final = 0.25
# As often as a broker elsewhere is asked.
_COMPARE_EVERY_S: Final = 10.0
_PATIENCE_S: Final = 30.0


class HostedBot:
    """Runs the bot of a configuration in a thread, and keeps what others may look at.

    Parameters
    ----------
    loaded : the configuration.
    environment : where addresses and keys stand.
    on_event : is given every event with its outputs, in the bot's thread; must return at once.
    on_look : is given every new snapshot, in the bot's thread.
    on_notice : is given what an operator should know, without secrets, in the bot's thread.

    Attributes
    ----------
    precedence : makes the loop that holds back while the bot has something to do.
    """

    def __init__(
        self,
        loaded: Loaded,
        environment: Mapping[str, str],
        *,
        on_event: Callable[[Event, Sequence[Output]], None] = lambda _event, _outputs: None,
        on_look: Callable[[BotSnapshot], None] = lambda _snapshot: None,
        on_notice: Callable[[Notify], None] = lambda _notice: None,
    ) -> None:
        self._loaded = loaded
        self._environment = environment
        self._on_event = on_event
        self._on_look = on_look
        self._on_notice = on_notice
        configuration = loaded.configuration
        self.account = account_of(loaded)
        self.folder: Path = account_folder(self.account)
        self.mode: str = "live" if configuration.engine.mode == "live" else "paper"
        self.configuration: Mapping[str, Any] = configuration.model_dump(mode="json")
        self.symbols: tuple[str, ...] = configuration.traded
        self.strategy: Strategy | PortfolioPolicy = idea_of(loaded)
        self.precedence = Precedence()
        self.snapshot = BotSnapshot()
        self._watch = self._watching()
        self._telling = Telling(HaltLatch(self.folder), self._running)
        self._lock = Lock()
        self._thread: Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._bot: Bot | None = None
        self._looked = (-1, "")

    # What others ask -------------------------------------------------------------------------------------------------

    def bars(self, symbol: str) -> BarArray | None:
        """The latest bars it has seen of a market; ``None`` where it does not trade it."""
        return self._watch.bars(symbol)

    def start(self) -> None:
        """Begin, in its own time.

        Raises
        ------
        TradebotError : it runs already.
        """
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                raise TradebotError("the bot runs already", place="bot", mend="Stop it first.")
            self._look("starting")
            self._thread = Thread(target=self._live, name=f"bot-{self.account}", daemon=True)
            self._thread.start()

    def stop(self, reason: str) -> None:
        """End in good order, in its own time.

        Raises
        ------
        TradebotError : it does not run.
        """
        loop, bot = self._running()
        self._look("stopping")
        loop.call_soon_threadsafe(bot.stop, reason)

    def tell(self, action: OperatorAction, operator: str, reason: str) -> None:
        """Give an operator's order; see :meth:`tradebot.app.telling.Telling.tell`."""
        self._telling.tell(action, operator, reason)

    def ask(self, action: OperatorAction, operator: str, reason: str, **what: Any) -> Answered | None:
        """Have something done, and hear what became of it; see :meth:`tradebot.app.telling.Telling.ask`."""
        return self._telling.ask(action, operator, reason, **what)

    def compare(self) -> None:
        """Hold its books against the broker's truth now; the next snapshot tells what came of it.

        Raises
        ------
        TradebotError : it does not run.
        """
        loop, bot = self._running()
        loop.call_soon_threadsafe(bot.driver.compare)

    def reset(self) -> None:
        """Set the account's record aside and begin with a new one; what ran, or could not for that record, runs again.

        Raises
        ------
        TradebotError : the account is no paper account, or the bot does not end.
        """
        if self.mode != "paper":
            raise TradebotError("only a paper account can begin anew", place="account")
        ran = self.snapshot.phase == "failed" or (self._thread is not None and self._thread.is_alive())
        if ran:
            with contextlib.suppress(TradebotError):
                self.stop("the simulation begins anew")
        self.join()
        if (self.folder / FILE).exists():
            set_aside(self.folder)
        self.snapshot, self._watch = BotSnapshot(), self._watching()
        if ran:
            self.start()

    def join(self) -> None:
        """Wait until it has ended.

        Raises
        ------
        TradebotError : it does not.
        """
        if self._thread is not None:
            self._thread.join(_PATIENCE_S)
            if self._thread.is_alive():
                raise TradebotError(f"the bot has not ended in {_PATIENCE_S:g} s", place="bot", mend="Try again.")

    def _watching(self) -> Watch:
        configuration = self._loaded.configuration
        instruments = {each.symbol: each for each in markets_of(configuration, self._environment).instruments}
        return Watch(instruments, Interval.parse(configuration.data.interval))

    def _running(self) -> tuple[asyncio.AbstractEventLoop, Bot]:
        loop, bot = self._loop, self._bot
        if loop is None or bot is None:
            raise TradebotError("the bot does not run", place="bot", mend="Start it.")
        return loop, bot

    # In its thread ---------------------------------------------------------------------------------------------------

    def _live(self) -> None:
        error = ""
        try:
            with asyncio.Runner(loop_factory=self.precedence.first) as runner:
                runner.run(self._run())
        except Exception as failure:  # noqa: BLE001 - it is shown to whoever looks; the process goes on
            error = str(failure) or type(failure).__name__
            said = Redactor.of_environment(self._environment).text(f"the bot has failed: {error}")
            self._on_notice(Notify(Severity.CRITICAL, said))
        finally:
            self._loop = self._bot = None
            self._look("failed" if error else "stopped", error=error)

    async def _run(self) -> None:
        async with AsyncExitStack() as opened:
            recording = opened.enter_context(Recording(self._loaded.configuration, self._environment, self._on_notice))
            bot = await opened.enter_async_context(
                Bot.open(self._loaded, self._environment, observers=[self, recording])
            )
            self._loop, self._bot, self._looked = asyncio.get_running_loop(), bot, (-1, "")
            self.snapshot = msgspec.structs.replace(self.snapshot, run_id=bot.run_id, started=time.time_ns())
            looking = asyncio.create_task(self._keep_looking(bot))
            try:
                await trade(bot, self._loaded, self._environment, recording)
            finally:
                looking.cancel()
                self._look("stopping", bot.status())

    async def _keep_looking(self, bot: Bot) -> None:
        compared = time.monotonic()
        while True:
            # A live bot's brokerage compares by itself; a broker in this process would be believed for ever.
            if bot.mode == "paper" and time.monotonic() - compared >= _COMPARE_EVERY_S:
                compared = time.monotonic()
                bot.driver.compare()
            seen = bot.driver.events, bot.stand_in
            if seen != self._looked and self.snapshot.phase != "stopping":
                self._looked = seen
                self._look("running", bot.status())
            await asyncio.sleep(_LOOK_EVERY_S)

    def _look(self, phase: Phase, status: Mapping[str, Any] | None = None, *, error: str = "") -> None:
        ended = phase in ("stopped", "failed")
        watched = {name: getattr(self._watch, name) for name in ("data_at", "broker_at", "comparison")}
        changes: dict[str, Any] = {"phase": phase, "taken": time.time_ns(), "error": error, **watched}
        if status is not None:
            changes["status"] = status
        if ended:
            changes["started"] = 0
        self.snapshot = msgspec.structs.replace(self.snapshot, **changes)
        self._on_look(self.snapshot)

    def seen(self, event: Event, outputs: Sequence[Output]) -> None:
        """An event was handled: the driver tells it."""
        if self._bot is not None:
            self._watch.seen(event, self._bot.trader.status)
        self._telling.seen(event, outputs)
        self._on_event(event, outputs)
