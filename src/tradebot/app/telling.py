"""Operators' commands from other threads, brought to a hosted bot, and its answers brought back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tradebot.core.errors import TradebotError
from tradebot.core.event import Answered, Event, OperatorAction, OperatorCommand, Output
from tradebot.store.latch import Halted

if TYPE_CHECKING:
    from tradebot.app.bot import Bot
    from tradebot.store.latch import HaltLatch

_ANSWER_S: Final = 2.0
_HALTS: Final = (OperatorAction.HALT, OperatorAction.FLATTEN)


class _Asked(NamedTuple):
    action: OperatorAction
    operator: str
    reason: str
    what: Mapping[str, Any] = MappingProxyType({})
    answer: Future[Answered] | None = None


class Telling:
    """The way from any thread to a bot that runs in one of its own.

    Parameters
    ----------
    latch : the account's kill switch, which holds whether the bot runs or not.
    running : gives the bot and the loop it runs in; a ``TradebotError`` where it does not run.
    """

    def __init__(self, latch: HaltLatch, running: Callable[[], tuple[asyncio.AbstractEventLoop, Bot]]) -> None:
        self._latch = latch
        self._running = running
        # Commands whose answer somebody waits for; only the bot's thread touches it.
        self._awaited: list[tuple[OperatorCommand, Future[Answered]]] = []

    def tell(self, action: OperatorAction, operator: str, reason: str) -> None:
        """Give an operator's order; a halt holds from here on, whatever the bot is doing.

        Raises
        ------
        TradebotError : it does not run, or the latch could not be set or taken away.
        """
        halts, releases = action in _HALTS, action is OperatorAction.RELEASE
        if halts:
            flatten = action is OperatorAction.FLATTEN
            self._latch.set(Halted(ts=time.time_ns(), operator=operator, reason=reason, flatten=flatten))
        try:
            loop, bot = self._running()
        except TradebotError:
            # The latch is the halt; a bot that starts later finds it as it is.
            if not (halts or releases):
                raise
            if releases:
                self._latch.release()
            return
        told = asyncio.run_coroutine_threadsafe(self._told(bot, _Asked(action, operator, reason)), loop)
        if releases:
            _wait_for(told)

    def ask(self, action: OperatorAction, operator: str, reason: str, **what: Any) -> Answered | None:
        """Have something done, and hear what became of it.

        Parameters
        ----------
        action : ``place``, ``cancel`` or ``close``.
        **what : the order, its id or its market, as in :class:`~tradebot.core.event.OperatorCommand`.

        Returns
        -------
        The answer; ``None`` where the bot has not come to it yet.

        Raises
        ------
        TradebotError : it does not run.
        """
        loop, bot = self._running()
        answer: Future[Answered] = Future()
        asyncio.run_coroutine_threadsafe(self._told(bot, _Asked(action, operator, reason, what, answer)), loop)
        try:
            return answer.result(_ANSWER_S)
        except TimeoutError:
            return None

    def seen(self, event: Event, outputs: Sequence[Output]) -> None:
        """An event was handled, in the bot's thread: whoever waits for what came of it is given that."""
        if not isinstance(event, OperatorCommand):
            return
        answers = [answer for asked, answer in self._awaited if asked is event]
        self._awaited = [each for each in self._awaited if each[0] is not event]
        said = next((output for output in outputs if isinstance(output, Answered)), None)
        if said is not None:
            for answer in answers:
                answer.set_result(said)

    async def _told(self, bot: Bot, asked: _Asked) -> None:
        # The bot's own time: a market that is played lives in another one than we do.
        ts = int(bot.trader.status()["ts"])
        command = OperatorCommand(ts, asked.action, asked.operator, asked.reason, **asked.what)
        if asked.answer is not None:
            self._awaited.append((command, asked.answer))
        if asked.action is OperatorAction.RELEASE:
            # Here, where the bot cannot find the latch gone before it hears who took it away.
            self._latch.release()
        await bot.tell(command)


def _wait_for(told: Future[None]) -> None:
    try:
        told.result(_ANSWER_S)
    except TimeoutError:
        fact = "the bot does not answer, and stays halted"
        mend = "Stop its process and start it again, then release it."
        raise TradebotError(fact, place="bot", mend=mend) from None
