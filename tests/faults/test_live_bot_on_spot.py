"""A bot that trades spot for real beside coins of its owner's: it uses its own alone, whatever happens."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from live_bot import ACCOUNT, LiveBot
from local_exchange import SPOT, running
from tradebot.core.bar import BarArray
from tradebot.core.event import BarClosed
from tradebot.core.interval import MINUTE, Interval
from tradebot.store.ledger.queries import Ledger

STRATEGY = """
from tradebot import Strategy


class Held(Strategy):
    \"\"\"Buys on the first bar and holds, with a stop and a target.\"\"\"

    def on_bar(self, bar):
        if self.position:
            return None
        return self.long(stop_loss=round(bar.close * 0.9, 2), take_profit=round(bar.close * 1.2, 2))


class Waiting(Strategy):
    \"\"\"Bids below the market on the first bar, with a stop.\"\"\"

    def setup(self, bars):
        self.has_bid = False

    def on_bar(self, bar):
        if self.has_bid:
            return None
        self.has_bid = True
        return self.long(type="limit", limit=round(bar.close * 0.9, 2), stop_loss=round(bar.close * 0.8, 2))
"""
MINUTELY = Interval.parse("1m")
OWNERS = Decimal(7)


@contextmanager
def trading(folder: Path, strategy: str = "Held", **settings: Any) -> Iterator[LiveBot]:
    now = time.time_ns() // MINUTE * MINUTE
    ts = now - 50 * MINUTE + np.arange(5_000, dtype=np.int64) * MINUTE
    bars = BarArray(SPOT, MINUTELY, ts, *(np.full(5_000, price) for price in (100.0, 101.0, 99.0, 100.0, 50.0)))
    coming = [BarClosed("BTCUSDT", MINUTELY, each) for each in bars[50:]]
    market = {"instruments": (SPOT,), "speed": 240.0, "history": {"BTCUSDT": bars[:50]}}
    with running(events=coming, balances={"BTC": OWNERS}, **market, **settings) as exchange:
        bot = LiveBot(folder, exchange, STRATEGY, strategy, {"broker": {"market": "spot"}})
        try:
            yield bot
        finally:
            bot.end()


def exits(bot: LiveBot) -> list[str]:
    return sorted(row["type"] for row in bot.working())


def coins(bot: LiveBot) -> Decimal:
    return Decimal(bot.exchange.ledger()["balances"]["BTC"])


def booked(bot: LiveBot) -> Decimal:
    with Ledger(bot.folder) as ledger:
        return sum((row.quantity for row in ledger.positions()), Decimal(0))


def protected(bot: LiveBot) -> bool:
    return exits(bot) == ["LIMIT_MAKER", "STOP_LOSS"]


def test_it_buys_protects_what_it_got_and_is_dead_when_its_coins_are_sold(tmp_path: Path):
    with trading(tmp_path) as bot:
        bot.until(lambda: protected(bot))
        # The fee took coins: what rests, what is booked and what was brought are one.
        bot.until(lambda: booked(bot) == Decimal(bot.working()[0]["origQty"]))
        assert 0 <= coins(bot) - OWNERS - booked(bot) < SPOT.lot_size
        bot.process.kill()
        bot.process.wait(10)
        bot.halt("--flatten")
        assert bot.working() == []
        assert 0 <= coins(bot) - OWNERS < SPOT.lot_size


def test_it_comes_back_to_its_position_and_its_owners_trades_are_none_of_its_own(tmp_path: Path):
    with trading(tmp_path) as bot:
        bot.until(lambda: protected(bot))
        held = booked(bot)
        bot.process.kill()
        bot.process.wait(10)
        for side in ("SELL", "BUY"):
            order = {"symbol": "BTCUSDT", "side": side, "type": "MARKET", "quantity": 2}
            bot.exchange.control("order", order)
        with (tmp_path / "again.txt").open("w") as output:
            bot.process = bot._started("run", str(bot.config), output=output)
            bot.until(lambda: bot.exchange.exchange.venue.hub.connections)
            time.sleep(3)
            bot.check()
        assert (booked(bot), protected(bot)) == (held, True)
        assert "halt" not in (tmp_path / "again.txt").read_text()
        assert "identical" in bot.command("replay", "--account", ACCOUNT)


def test_a_changed_configuration_is_halted_beside_coins_that_were_left_to_it_until_they_are_sold(tmp_path: Path):
    with trading(tmp_path) as bot:
        bot.until(lambda: protected(bot))
        bot.process.kill()
        bot.process.wait(10)
        bot.config.write_text(bot.config.read_text().replace('"position_size": 0.5', '"position_size": 0.4'))
        bot.approve()
        bot.start()
        bot.until(lambda: (bot.folder / "halt.json").exists())
        assert f"{booked(bot).normalize():f} of BTCUSDT" in (bot.folder / "halt.json").read_text()
        bot.until(lambda: is_on_record(bot, "an earlier run has left"))
        assert protected(bot)
        bot.halt("--flatten")
        assert bot.working() == []
        assert 0 <= coins(bot) - OWNERS < SPOT.lot_size
        bot.check()


def is_on_record(bot: LiveBot, words: str) -> bool:
    with Ledger(bot.folder) as ledger:
        return any(words in row.text for row in ledger.audit(limit=1_000))


def told_of_a_difference(bot: LiveBot) -> bool:
    with Ledger(bot.folder) as ledger:
        return any("the broker holds" in row.text and "the books" in row.text for row in ledger.audit(limit=1_000))


def test_coins_that_another_hand_has_sold_halt_it(tmp_path: Path):
    with trading(tmp_path) as bot:
        bot.until(lambda: protected(bot))

        def is_sold() -> bool:
            # Whatever the bot puts back in the meantime, as it must.
            for row in bot.working():
                bot.exchange.rest("DELETE", "/api/v3/order", symbol="BTCUSDT", orderId=row["orderId"])
            sale = {"symbol": "BTCUSDT", "side": "SELL", "type": "MARKET", "quantity": OWNERS + 1}
            return bot.exchange.rest("POST", "/api/v3/order", **sale).status == 200

        bot.until(is_sold)
        bot.until(lambda: told_of_a_difference(bot), 60)


def agrees(bot: LiveBot) -> bool:
    """Whether the account holds the owner's coins, what is booked, and less than a lot of dust."""
    return 0 <= coins(bot) - OWNERS - booked(bot) < SPOT.lot_size


def kill(bot: LiveBot) -> None:
    bot.process.kill()
    bot.process.wait(10)


def is_quarantined(bot: LiveBot) -> bool:
    status = json.loads((bot.folder / "status.json").read_text())
    return any(market["quarantined"] for market in status["markets"])


def test_what_a_halt_sold_of_a_dead_bot_is_sold_once_and_booked_when_it_comes_back(tmp_path: Path):
    with trading(tmp_path) as bot:
        bot.until(lambda: protected(bot) and agrees(bot))
        kill(bot)
        assert bot.halt("--flatten")["at_broker"]["closing"] == ["BTCUSDT"]
        assert 0 <= coins(bot) - OWNERS < SPOT.lot_size
        again = bot.halt("--flatten")["at_broker"]
        assert (again["closing"], again["open"]) == ([], [])
        assert 0 <= coins(bot) - OWNERS < SPOT.lot_size
        bot.start()
        bot.until(lambda: booked(bot) == 0)
        assert agrees(bot)
        bot.until(lambda: is_on_record(bot, "was closed by a halt"))
        bot.command("release", "--account", ACCOUNT)
        # It is no stranger's trade: one release is enough, and it trades again.
        bot.until(lambda: protected(bot))
        # Each entry leaves dust of less than a lot.
        bot.until(lambda: 0 <= coins(bot) - OWNERS - booked(bot) < 2 * SPOT.lot_size)
        assert not is_quarantined(bot)
        kill(bot)
        assert "identical" in bot.command("replay", "--account", ACCOUNT)
        assert "sound" in bot.command("ledger", "verify", "--account", ACCOUNT)


def test_coins_that_a_stop_sold_while_the_bot_was_dead_are_not_sold_again(tmp_path: Path):
    with trading(tmp_path) as bot:
        bot.until(lambda: protected(bot) and agrees(bot))
        held = booked(bot)
        kill(bot)
        bot.exchange.control("order", {"symbol": "BTCUSDT", "side": "SELL", "type": "MARKET", "quantity": 1})
        sell_as_the_bot(bot, held)
        bot.halt("--flatten")
        assert 0 <= coins(bot) + 1 - OWNERS < SPOT.lot_size


def sell_as_the_bot(bot: LiveBot, quantity: Decimal) -> None:
    """What a stop of its own does when it fires."""
    with Ledger(bot.folder) as ledger:
        (run,) = ledger.runs()
    for row in bot.working()[:1]:
        bot.exchange.rest("DELETE", "/api/v3/order", symbol="BTCUSDT", orderId=row["orderId"])
    sale = {"symbol": "BTCUSDT", "side": "SELL", "type": "MARKET", "quantity": quantity}
    sold = bot.exchange.rest("POST", "/api/v3/order", newClientOrderId=f"{run.run_id}-1-sl2", **sale)
    assert sold.status == 200


def test_a_bot_that_lives_closes_its_own_and_nobody_sells_it_twice(tmp_path: Path):
    with trading(tmp_path) as bot:
        bot.until(lambda: protected(bot) and agrees(bot))
        told = bot.halt("--flatten")["at_broker"]
        assert told["open"] == []
        bot.until(lambda: booked(bot) == 0)
        assert bot.working() == []
        assert 0 <= coins(bot) - OWNERS < SPOT.lot_size


def test_a_bot_that_was_stopped_while_it_was_halted_closes_its_own_when_it_wakes(tmp_path: Path):
    with trading(tmp_path) as bot:
        bot.until(lambda: protected(bot) and agrees(bot))
        bot.process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, bot.process.pid, os.WSTOPPED)
        told = bot.halt("--flatten", code=1)["at_broker"]
        # It holds the account, and what it may be about to send nobody knows: its position stays, protected.
        assert (told["open"], told["closing"], told["left"]) == (["BTCUSDT"], [], [])
        assert protected(bot)
        bot.process.send_signal(signal.SIGCONT)
        bot.until(lambda: booked(bot) == 0)
        assert bot.working() == []
        assert 0 <= coins(bot) - OWNERS < SPOT.lot_size


def test_a_bid_that_an_earlier_configuration_left_is_named_and_a_halt_takes_it_back(tmp_path: Path):
    with trading(tmp_path, "Waiting") as bot:
        bot.until(bot.working)
        kill(bot)
        left = [row["clientOrderId"] for row in bot.working()]
        bot.config.write_text(bot.config.read_text().replace('"position_size": 0.5', '"position_size": 0.4'))
        bot.approve()
        bot.start()
        bot.until(lambda: (bot.folder / "halt.json").exists())
        assert f"{left[0]} (BTCUSDT) working" in (bot.folder / "halt.json").read_text()
        bot.until(lambda: is_on_record(bot, f"{left[0]} (BTCUSDT) was never sent from here"))
        assert bot.halt()["at_broker"]["canceled"] == left
        assert bot.working() == []
        bot.check()


def test_a_halt_whose_sale_is_refused_leaves_the_coins_with_their_exits_and_says_so(tmp_path: Path):
    with trading(tmp_path) as bot:
        bot.until(lambda: protected(bot))
        held = coins(bot)
        bot.process.kill()
        bot.process.wait(10)
        refusal = {"action": "error", "on": "POST /api/v3/order", "code": -1008, "times": 2}
        bot.exchange.control("faults", refusal)
        told = bot.halt("--flatten", code=1)["at_broker"]
        assert (told["open"], told["bare"], len(told["kept"])) == (["BTCUSDT"], [], 2)
        assert (coins(bot), protected(bot)) == (held, True)
        assert bot.halt("--flatten")["at_broker"]["open"] == []
        assert bot.working() == []


def test_a_damaged_record_keeps_no_bid_from_being_taken_back(tmp_path: Path):
    with trading(tmp_path, "Waiting") as bot:
        bot.until(bot.working)
        bot.process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, bot.process.pid, os.WSTOPPED)
        for file in bot.folder.glob("ledger.db*"):
            file.write_bytes(bytes(4096) + file.read_bytes()[4096:])
        told = bot.halt("--flatten", code=1)["at_broker"]
        assert (bot.working(), len(told["canceled"]), told["left"]) == ([], 1, [])
        assert "ledger.db" in told["unread"]


def test_a_damaged_value_of_the_record_keeps_no_bid_from_being_taken_back(tmp_path: Path):
    with trading(tmp_path, "Waiting") as bot:
        bot.until(bot.working)
        bot.process.kill()
        bot.process.wait(10)
        with closing(sqlite3.connect(bot.folder / "ledger.db")) as ledger, ledger:
            assert ledger.execute("UPDATE orders SET filled = 'much'").rowcount
        told = bot.halt(code=1)["at_broker"]
        assert (bot.working(), len(told["canceled"]), told["left"]) == ([], 1, [])
        assert "holds a value that is none" in told["unread"]
