"""Answers of a bot on their way to whoever asked, in another thread."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future

from tradebot.core.event import Answered, OperatorCommand, Output


class Answers:
    """Commands whose answer somebody waits for. Only the bot's thread touches it."""

    def __init__(self) -> None:
        self._waiting: list[tuple[OperatorCommand, Future[Answered]]] = []

    def expect(self, command: OperatorCommand, answer: Future[Answered]) -> None:
        """Somebody waits for the answer to a command that is about to be given."""
        self._waiting.append((command, answer))

    def take(self, command: OperatorCommand, outputs: Sequence[Output]) -> None:
        """Give whoever waits what came of a command."""
        answers = [answer for asked, answer in self._waiting if asked is command]
        self._waiting = [each for each in self._waiting if each[0] is not command]
        said = next((output for output in outputs if isinstance(output, Answered)), None)
        if said is not None:
            for answer in answers:
                answer.set_result(said)
