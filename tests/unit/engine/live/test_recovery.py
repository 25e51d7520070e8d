"""A bot comes back to where its record ends, whatever entry that is; a record it would not write itself is refused."""

from __future__ import annotations

import re
from itertools import takewhile

import msgspec
import pytest
from tradebot_native import OrderIntent

from paper_run import ABILITIES, MemoryJournal, PaperRun, paper_broker
from tradebot.core.account import AccountSnapshot
from tradebot.core.errors import TradebotError
from tradebot.core.event import BarClosed, MarketEvent, OrderNotFound, OrderUpdate, Output, Submit
from tradebot.core.journal import Arrival, Message
from tradebot.core.order import OrderState
from tradebot.core.wire import encode
from tradebot.engine.live.recovery import Recovered, recover
from tradebot.engine.plan import Plan
from tradebot.engine.trader import Trader
from tradebot.feeds.mock import mock_bars
from tradebot.risk import Protection
from tradebot.strategies import registry

BARS = mock_bars("BTCUSDT", "5m", 120, seed=5)


def plan() -> Plan:
    return Plan(
        run_id="run",
        instruments=[BARS.instrument],
        interval="5m",
        strategy=registry.find("sma_cross")(fast=2, slow=5),
        cash=100_000,
        protection=Protection(stop_loss_pct=0.002, take_profit_pct=0.002),
        abilities=ABILITIES,
    )


@pytest.fixture(scope="module")
def batches() -> list[tuple[Message, ...]]:
    found = PaperRun(plan(), BARS).journal.batches
    assert sum(isinstance(each[0], OrderUpdate) for each in found) > 20
    return found


def back(batches: list[tuple[Message, ...]]) -> Recovered:
    """What a fresh trader and a fresh broker find in a record."""
    journal = MemoryJournal()
    journal.batches = batches
    return recover(journal, "run", Trader(plan()), paper_broker(plan()))


def test_wherever_a_record_ends_what_was_said_and_not_heard_is_what_came_next(batches: list[tuple[Message, ...]]):
    for end in range(1, len(batches)):
        found = back(batches[:end])
        coming = [each[0] for each in batches[end:] if not isinstance(each[0], Arrival)]
        said = list(takewhile(lambda event: isinstance(event, OrderUpdate), coming))
        assert [encode(event) for event in found.answers] == [encode(event) for event in said[: len(found.answers)]]
        if found.unheard:
            (heard,) = found.unheard
            assert encode(heard) == encode(next(event for event in coming if isinstance(event, BarClosed)))
        elif not isinstance(batches[end - 1][0], Arrival):
            assert len(found.answers) <= len(said)


def changed(batches: list[tuple[Message, ...]], how: str) -> tuple[list[tuple[Message, ...]], str]:
    """The record with one thing in it that was not so, and what is to be said of it."""
    made = batches.copy()
    at = next(n for n, each in enumerate(made) if any(isinstance(message, Submit) for message in each))
    cause, *outputs = made[at]
    match how:
        case "an output too many":
            made[at] = (cause, *outputs, Submit("run-99", OrderIntent("BTCUSDT", "buy", 1.0)))
            return made, "the trader decides None, and Submit(order_id='run-99'"
        case "an output too few":
            made[at] = (cause, *outputs[:-1])
            return made, "the trader decides SetTimer("
        case "an output too few at the end":
            return [*made[:at], (cause, *outputs[:-1])], "the trader decides SetTimer("
        case "another output":
            sent = next(n for n, output in enumerate(outputs) if isinstance(output, Submit))
            outputs[sent] = msgspec.structs.replace(outputs[sent], order_id="run-7")
            made[at] = (cause, *outputs)
            return made, "and Submit(order_id='run-7'"
        case _:
            at = next(n for n, each in enumerate(made) if isinstance(each[0], OrderUpdate))
            made[at] = (msgspec.structs.replace(made[at][0], reason="never said"), *made[at][1:])
            return made, "and the simulated broker says OrderUpdate("


@pytest.mark.parametrize(
    "how",
    [
        "an output too many",
        "an output too few",
        "an output too few at the end",
        "another output",
        "another answer of the broker",
    ],
)
def test_a_record_that_trader_and_broker_would_not_write_is_refused_and_the_event_named(
    batches: list[tuple[Message, ...]], how: str
):
    made, told = changed(batches, how)
    with pytest.raises(TradebotError, match=r"^run run: entry \d+: .*" + re.escape(told)):
        back(made)


def test_no_event_but_the_brokers_word_may_follow_while_it_has_one(batches: list[tuple[Message, ...]]):
    at = next(n for n, each in enumerate(batches) if isinstance(each[0], OrderUpdate))
    with pytest.raises(TradebotError, match="OrderNotFound.* is on record, and the simulated broker says OrderUpdate"):
        back([*batches[:at], (OrderNotFound(0, "run-0"),)])


class Two:
    """A broker that says two things of every bar, and one of every order."""

    def on_market(self, event: MarketEvent) -> list[OrderUpdate]:
        return [self.told("first"), self.told("second")]

    def apply(self, errand: object) -> list[OrderUpdate]:
        return [self.told("answer")]

    def account(self) -> AccountSnapshot:
        return AccountSnapshot(ts=0, orders=(), positions=(), balances={}, fills=())

    @staticmethod
    def told(order_id: str) -> OrderUpdate:
        return OrderUpdate(ts=0, order_id=order_id, symbol="BTCUSDT", state=OrderState.ACCEPTED)


class Hasty:
    """A trader that sends an order at the first thing it hears."""

    newest: dict[str, int] = {}

    def handle(self, event: object) -> list[Output]:
        is_first = isinstance(event, OrderUpdate) and event.order_id == "first"
        return [Submit("run-0", OrderIntent("BTCUSDT", "buy", 1.0))] if is_first else []


def test_an_answer_to_an_order_is_heard_after_what_the_broker_had_said_before():
    journal = MemoryJournal()
    bar = BarClosed("BTCUSDT", BARS.interval, BARS[0])
    first, second, answer = (Two.told(name) for name in ("first", "second", "answer"))
    for batch in ([Arrival(encode(bar))], [first, *Hasty().handle(first)], [second], [answer], [bar]):
        rest = recover(journal, "run", Hasty(), Two())  # type: ignore[arg-type]
        if journal.batches and not isinstance(batch[0], BarClosed):
            assert encode(rest.answers[0]) == encode(batch[0])
        journal.append(batch, durable=True)
    assert recover(journal, "run", Hasty(), Two()).answers == []  # type: ignore[arg-type]


def test_a_state_of_another_version_is_refused_and_the_way_on_is_told(batches: list[tuple[Message, ...]]):
    trader, broker = Trader(plan()), paper_broker(plan())
    saved = msgspec.msgpack.decode(trader.state()) | {"version": 1}
    journal = MemoryJournal()
    journal.batches = list(batches)
    journal.save(msgspec.msgpack.encode((msgspec.msgpack.encode(saved), broker.state())))
    with pytest.raises(
        TradebotError, match=r"it belongs to another version or run\. Run the version that wrote it\."
    ) as error:
        recover(journal, "run", trader, broker)
    assert "tradebot halt --flatten" in str(error.value)
