"""The kill switch as a running bot hears of it: what is set, and what the trader was told of it."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Final, Protocol

from tradebot.core.event import Halt, OperatorAction, OperatorCommand


class Halted(Protocol):
    """What is known of a halt."""

    @property
    def operator(self) -> str:
        """Who asked for it; empty where that is not known."""
        ...

    @property
    def reason(self) -> str:
        """One sentence."""
        ...

    @property
    def flatten(self) -> bool:
        """Whether every position shall be closed as well."""
        ...


class Latch(Protocol):
    """The kill switch, which any process may have set."""

    @property
    def is_set(self) -> bool:
        """Whether trading is halted. Cheap: it is asked before every event and every order."""
        ...

    def read(self) -> Halted | None:
        """Why it is halted; ``None`` where it is not."""
        ...


class _Position(IntEnum):
    OFF = 0
    HALT = 1
    FLATTEN = 2

    @classmethod
    def of(cls, halt: Halted | Halt | None) -> _Position:
        return cls.OFF if halt is None else cls.FLATTEN if halt.flatten else cls.HALT


_MOVES: Final = {
    OperatorAction.RELEASE: _Position.OFF,
    OperatorAction.HALT: _Position.HALT,
    OperatorAction.FLATTEN: _Position.FLATTEN,
}


class KillSwitch:
    """Keeps trader and latch of one mind.

    Parameters
    ----------
    latch : the kill switch.
    set_latch : sets it where the trader halts by itself.
    """

    def __init__(self, latch: Latch, set_latch: Callable[[Halt], None]) -> None:
        self._latch = latch
        self._set_latch = set_latch
        self._told = _Position.OFF

    @property
    def is_set(self) -> bool:
        """Whether trading is halted."""
        return self._latch.is_set

    def resume(self, *, is_halted: bool) -> None:
        """Take it that the trader is halted, or not, whatever it was told."""
        self._told = _Position.HALT if is_halted else _Position.OFF

    def set(self, halt: Halt) -> None:
        """The trader halts: set the latch, so that every process and every later start knows."""
        self._set_latch(halt)
        self._told = max(self._told, _Position.of(halt))

    def takes(self, command: OperatorCommand) -> bool:
        """Whether an operator's order is still to be told: not a halt that the trader knows of."""
        position = _MOVES.get(command.action)
        if position is not None:
            if position <= self._told and position is not _Position.OFF:
                return False
            self._told = position
        return True

    def news(self, now: int) -> OperatorCommand | None:
        """What the trader must be told since it was last told; ``None`` where it knows."""
        halt = self._latch.read() if self._latch.is_set else None
        position = _Position.of(halt)
        if position == self._told:
            return None
        self._told = position
        if halt is None:
            return OperatorCommand(now, OperatorAction.RELEASE, "latch")
        action = OperatorAction.FLATTEN if halt.flatten else OperatorAction.HALT
        return OperatorCommand(now, action, halt.operator or "latch", halt.reason)
