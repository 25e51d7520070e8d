"""What the interface needs of a bot that runs beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from tradebot.app.watching import BotSnapshot
from tradebot.core.bar import BarArray
from tradebot.core.event import Answered, OperatorAction
from tradebot.strategies import PortfolioPolicy, Strategy


class BotHandle(Protocol):
    """A bot that can be looked at, told, started and stopped. Nothing of it waits for the bot's work."""

    @property
    def account(self) -> str:
        """Name of its account."""
        ...

    @property
    def folder(self) -> Path:
        """Folder of its account."""
        ...

    @property
    def mode(self) -> str:
        """``paper`` or ``live``."""
        ...

    @property
    def configuration(self) -> Mapping[str, Any]:
        """Its configuration as plain data, which holds no secret."""
        ...

    @property
    def symbols(self) -> tuple[str, ...]:
        """What it trades."""
        ...

    @property
    def strategy(self) -> Strategy | PortfolioPolicy:
        """What decides, bound to nothing."""
        ...

    @property
    def snapshot(self) -> BotSnapshot:
        """How it stood a moment ago."""
        ...

    def bars(self, symbol: str) -> BarArray | None:
        """The latest bars it has seen of a market; ``None`` where it does not trade it."""
        ...

    def start(self) -> None:
        """Begin, in its own time.

        Raises
        ------
        TradebotError : it runs already.
        """
        ...

    def stop(self, reason: str) -> None:
        """End in good order, in its own time.

        Raises
        ------
        TradebotError : it does not run.
        """
        ...

    def tell(self, action: OperatorAction, operator: str, reason: str) -> None:
        """Give an operator's order; a halt holds from here on, whatever the bot is doing.

        Raises
        ------
        TradebotError : it does not run, or the halt could not be set.
        """
        ...

    def ask(self, action: OperatorAction, operator: str, reason: str, **what: Any) -> Answered | None:
        """Have an order placed or canceled, or a position closed, and hear what became of it.

        Returns
        -------
        The answer; ``None`` where the bot has not come to it yet.

        Raises
        ------
        TradebotError : it does not run.
        """
        ...

    def compare(self) -> None:
        """Hold its books against the broker's truth now, not at the next turn.

        Raises
        ------
        TradebotError : it does not run.
        """
        ...

    def reset(self) -> None:
        """Begin anew on paper, with the old record set aside; returns when that is done.

        Raises
        ------
        TradebotError : it trades live, or does not end.
        """
        ...
