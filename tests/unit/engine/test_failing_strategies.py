"""A failure in a person's code stops neither the bot nor its exits."""

from __future__ import annotations

from tradebot_native import Signal

from live_market import Live

LONG = Signal("long")
STOPPED = Signal("long", stop_loss=90.0)


def fails(strategy: object) -> None:
    raise ZeroDivisionError


def test_the_strategy_starts_again_and_the_position_stays():
    live = Live({0: LONG, 1: fails, 2: LONG})
    live.bar()
    live.trade("run-0", 1.0)
    live.bar()
    assert live.position == 1.0
    assert any("starts again from its bars" in text for text in live.notices())
    live.bar()
    assert live.trader.status()["markets"][0]["failures"] == 0


def test_one_that_fails_on_and_on_is_left_alone():
    live = Live(dict.fromkeys(range(20), fails))
    for _ in range(10):
        live.bar()
    assert len([text for text in live.notices() if "starts again" in text]) == 3
    assert len([text for text in live.notices() if "is left alone" in text]) == 1
