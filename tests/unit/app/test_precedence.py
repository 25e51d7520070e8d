"""Of two event loops one goes first, and keeps the other waiting for a moment at most."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

from tradebot.app.precedence import Precedence

LONG_S = 20.0


@contextmanager
def running(made: Callable[[], asyncio.AbstractEventLoop]) -> Iterator[asyncio.AbstractEventLoop]:
    """The loop, at work in a thread of its own."""
    loop = made()
    thread = Thread(target=loop.run_forever)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(LONG_S)
        loop.close()


def order_of(precedence: Precedence, *, first_ends_s: float) -> list[str]:
    """What is done first, where the second is given something while the first is at work."""
    done: list[str] = []
    begun, ends, answered = Event(), Event(), Event()

    def work() -> None:
        begun.set()
        ends.wait(LONG_S)
        done.append("first")

    def answer() -> None:
        done.append("second")
        answered.set()

    with running(precedence.first) as first, running(precedence.second) as second:
        first.call_soon_threadsafe(work)
        assert begun.wait(LONG_S)
        second.call_soon_threadsafe(answer)
        answered.wait(first_ends_s)
        ends.set()
        assert answered.wait(LONG_S)
    return done


def test_the_second_begins_nothing_while_the_first_is_at_work():
    assert order_of(Precedence(patience_s=LONG_S), first_ends_s=0.1) == ["first", "second"]


def test_a_first_that_does_not_come_to_rest_leaves_nobody_without_an_answer():
    assert order_of(Precedence(), first_ends_s=LONG_S) == ["second", "first"]


def test_the_second_gives_way_between_two_steps_of_one_turn():
    done: list[str] = []
    begun, ends, answered = Event(), Event(), Event()
    precedence = Precedence(patience_s=LONG_S)

    def work() -> None:
        begun.set()
        ends.wait(LONG_S)
        done.append("first")

    with running(precedence.first) as first, running(precedence.second) as second:

        def one_step() -> None:
            done.append("a step of the second")
            first.call_soon_threadsafe(work)
            assert begun.wait(LONG_S)

        def another_step() -> None:
            done.append("another")
            answered.set()

        def turn() -> None:
            second.call_soon(one_step)
            second.call_soon(another_step)

        second.call_soon_threadsafe(turn)
        assert begun.wait(LONG_S)
        answered.wait(0.1)
        ends.set()
        assert answered.wait(LONG_S)
    assert done == ["a step of the second", "first", "another"]
