"""Lives of a process without its birth: a server has imported everything and forks each one in a few milliseconds."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from multiprocessing.context import ForkServerContext
from pathlib import Path
from types import ModuleType
from typing import Any

_IMPORTED = (
    "ccxt.async_support",
    "numpy.random",
    "talib.abstract",
    "tradebot.app.bot",
    "tradebot.app.broking",
    "tradebot.app.recording",
    "tradebot.app.standing_in",
    "tradebot.brokers.binance",
    "tradebot.cli.main",
    "tradebot.cli.run",
    "tradebot.cli.watch.showing",
    "tradebot.config",
    "tradebot.exchange.settings",
    "tradebot.feeds.binance_stream",
    "tradebot.feeds.mock",
    "tradebot.strategies.library.sma_cross",
    "tradebot.strategies.registry",
)


def _server() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(_IMPORTED))
    return context


_SERVER = _server()


def warm_up() -> None:
    """Wait until the server has imported everything, so that the first life is as short as the others."""
    nothing: Any = _SERVER.Process(target=int)
    nothing.start()
    nothing.join(60.0)


class Life:
    """A process that may be killed; what it prints goes to a file.

    Parameters
    ----------
    work : what it does; a function of a module.
    arguments : its arguments.
    log : file that takes what it prints.
    """

    def __init__(self, work: Callable[..., None], *arguments: Any, log: Path) -> None:
        self._process = _SERVER.Process(target=_live, args=(work, arguments, log), daemon=True)
        self._process.start()
        self._log = log

    def kill(self) -> bool:
        """End it as a power cut does; whether it still lived."""
        self._process.kill()
        return self.ended(60.0) and self._process.exitcode == -signal.SIGKILL

    def ended(self, patience_s: float = 0.0) -> bool:
        """Whether it has ended by itself or was killed, waited for a while."""
        self._process.join(patience_s)
        return self._process.exitcode is not None

    @property
    def code(self) -> int | None:
        """How it ended: 0 in good order, a signal's negative number where that killed it."""
        return self._process.exitcode

    @property
    def said(self) -> str:
        """What it has printed."""
        return self._log.read_text()


def replace(module: ModuleType, **values: Any) -> None:
    """Give names of a module other values in this life, which must be there."""
    for name, value in values.items():
        assert hasattr(module, name), f"{module.__name__} has no {name}"
        setattr(module, name, value)


def _live(work: Callable[..., None], arguments: tuple[Any, ...], log: Path) -> None:
    paper = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(paper, stream)
    sys.stdin.close()
    # A bot searches for garbage once, at its start; over what the server has imported that is half of a short life.
    gc.freeze()
    gc.unfreeze = lambda: None
    work(*arguments)
